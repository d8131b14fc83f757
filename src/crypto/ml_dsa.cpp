#include "crypto/ml_dsa.hpp"

#include "base/check.hpp"

// From crypto/fipsmodule/ml_dsa/ml_dsa.h of AWS-LC, which is not an installed header. All return 1 for success.
#define DOS_ML_DSA_ROW(n)                                                                                                               \
  int ml_dsa_##n##_keypair_internal(std::uint8_t* public_key, std::uint8_t* private_key, const std::uint8_t* seed);                     \
  int ml_dsa_##n##_sign_internal(const std::uint8_t* private_key, std::uint8_t* sig, std::size_t* sig_len, const std::uint8_t* message, \
                                 std::size_t message_len, const std::uint8_t* pre, std::size_t pre_len, const std::uint8_t* rnd);       \
  int ml_dsa_extmu_##n##_verify(const std::uint8_t* public_key, const std::uint8_t* sig, std::size_t sig_len, const std::uint8_t* mu,   \
                                std::size_t mu_len);
extern "C" {
std::uint8_t* SHAKE256(const std::uint8_t* data, std::size_t in_len, std::uint8_t* out, std::size_t out_len);  // fipsmodule/sha/internal.h
DOS_ML_DSA_ROW(44)
DOS_ML_DSA_ROW(65)
DOS_ML_DSA_ROW(87)
}
#undef DOS_ML_DSA_ROW

namespace dos::crypto {
namespace {

struct Row {
  std::size_t private_bytes;
  decltype(&ml_dsa_44_keypair_internal) keypair;
  decltype(&ml_dsa_44_sign_internal) sign;
  decltype(&ml_dsa_extmu_44_verify) verify;
};
constexpr Row kRows[] = {
    {2560, ml_dsa_44_keypair_internal, ml_dsa_44_sign_internal, ml_dsa_extmu_44_verify},
    {4032, ml_dsa_65_keypair_internal, ml_dsa_65_sign_internal, ml_dsa_extmu_65_verify},
    {4896, ml_dsa_87_keypair_internal, ml_dsa_87_sign_internal, ml_dsa_extmu_87_verify},
};
const Row& row(KeyType type) {
  DOS_CHECK(type >= KeyType::ml_dsa_44 && type <= KeyType::ml_dsa_87);
  return kRows[std::size_t(type) - std::size_t(KeyType::ml_dsa_44)];
}

}  // namespace

bool ml_dsa_keypair(KeyType type, BytesView xi, Bytes& public_key, Secret& private_key) {
  DOS_CHECK(xi.size() == 32);
  public_key.assign(public_key_bytes(type), 0);
  private_key = Secret(row(type).private_bytes);
  return row(type).keypair(public_key.data(), private_key.data(), xi.data()) == 1;
}

bool ml_dsa_sign(KeyType type, BytesView private_key, BytesView message, BytesView context, BytesView rnd, std::span<std::uint8_t> out) {
  DOS_CHECK(private_key.size() == row(type).private_bytes && rnd.size() == 32 && context.size() <= 255 &&
            out.size() == signature_bytes(type));
  Bytes pre{0, std::uint8_t(context.size())};
  append(pre, context);
  std::size_t size = out.size();
  return row(type).sign(private_key.data(), out.data(), &size, message.data(), message.size(), pre.data(), pre.size(), rnd.data()) == 1 &&
         size == out.size();
}

ByteArray<64> ml_dsa_key_digest(BytesView public_key) {
  ByteArray<64> tr;
  DOS_CHECK(SHAKE256(public_key.data(), public_key.size(), tr.data(), tr.size()) != nullptr);
  return tr;
}

bool ml_dsa_verify(KeyType type, BytesView public_key, const ByteArray<64>& tr, BytesView message, BytesView context, BytesView signature) {
  DOS_CHECK(public_key.size() == public_key_bytes(type) && context.size() <= 255);
  Bytes hashed;  // FIPS 204, algorithm 7, step 6: mu = H(tr || M')
  hashed.reserve(tr.size() + 2 + context.size() + message.size());
  append(hashed, tr);
  hashed.insert(hashed.end(), {0, std::uint8_t(context.size())});
  append(hashed, context);
  append(hashed, message);
  ByteArray<64> mu;
  DOS_CHECK(SHAKE256(hashed.data(), hashed.size(), mu.data(), mu.size()) != nullptr);
  return row(type).verify(public_key.data(), signature.data(), signature.size(), mu.data(), mu.size()) == 1;
}

}  // namespace dos::crypto
