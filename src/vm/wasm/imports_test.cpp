// What stands between a guest's pointers and the typed host, without an engine: what is read and written, in which order, at what gas.
#include "vm/wasm/imports.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "abi/host_table.hpp"
#include "base/test_code.hpp"
#include "vm/test_host.hpp"

namespace dos::vm::wasm {
namespace {

struct FlatMemory final : Memory {
  explicit FlatMemory(GasMeter& gas) : gas(gas) {}
  Result<BytesView> read(std::uint32_t ptr, std::uint32_t len) override {
    DOS_TRY(gas.use(abi::kGasPerByte * std::uint64_t(len)));
    if (std::uint64_t(ptr) + len > bytes.size()) return dos::fail(Errc::trap);
    return BytesView(bytes).subspan(ptr, len);
  }
  Status write(std::uint32_t ptr, BytesView data) override {
    DOS_TRY(gas.use(abi::kGasPerByte * data.size()));
    if (std::uint64_t(ptr) + data.size() > bytes.size()) return dos::fail(Errc::trap);
    std::copy(data.begin(), data.end(), bytes.begin() + ptr);
    return {};
  }
  GasMeter& gas;
  Bytes bytes = Bytes(256);
};

struct ImportsTest : ::testing::Test {
  TestHost host;
  GasMeter gas{1000};
  FlatMemory memory{gas};
  std::uint64_t top = 0;

  std::uint64_t at(std::string_view text) {  // where it now lies
    const auto here = std::exchange(top, top + text.size());
    std::copy(text.begin(), text.end(), memory.bytes.begin() + std::ptrdiff_t(here));
    return here;
  }
  std::string text_at(std::size_t place, std::size_t len) const {
    return std::string(as_text(BytesView(memory.bytes).subspan(place, len)));
  }
  Result<std::uint64_t> ask(std::string_view name, const std::vector<std::uint64_t>& params) {
    for (const auto& import : imports())
      if (name == import.name) {
        GuestCall call{memory, host, params, gas};
        return import.body(call);
      }
    return dos::fail(Errc::not_found);
  }
  std::uint64_t used() const { return 1000 - gas.left; }
};

TEST_F(ImportsTest, every_row_of_the_table_is_offered_as_it_stands_there) {
  const std::vector<std::tuple<const char*, const char*, std::uint64_t, std::uint32_t>> rows = {
#define DOS_ROW(number, name, since, gas, signature) {#name, signature, gas, since},
      DOS_HOST_FUNCTIONS(DOS_ROW)
#undef DOS_ROW
  };
  ASSERT_EQ(imports().size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& import = imports()[i];
    EXPECT_EQ(std::tuple(std::string_view(import.name), std::string_view(import.signature), import.gas, import.since),
              std::tuple(std::string_view(std::get<0>(rows[i])), std::string_view(std::get<1>(rows[i])), std::get<2>(rows[i]),
                         std::get<3>(rows[i])));
    EXPECT_NE(import.body, nullptr) << import.name;
  }
}

TEST_F(ImportsTest, what_is_pointed_at_reaches_the_host_and_each_byte_is_paid) {
  const auto key = at("key"), object = at("object"), root = at(std::string(32, 'r'));
  EXPECT_EQ(*ask("put", {key, 3, object, 6}), 0u);
  EXPECT_EQ(used(), 9u);
  EXPECT_EQ(*ask("del", {key, 3}), 0u);
  EXPECT_EQ(*ask("append", {key, 3, object, 6, 200, 40}), 9u);
  EXPECT_EQ(text_at(200, 9), "a new key");
  EXPECT_EQ(*ask("next", {key, 3, key, 2, 200, 40}), 12u);
  EXPECT_EQ(*ask("authorized", {key, 3}), 1u);
  EXPECT_EQ(*ask("hash", {key, 3, object, 6, 200}), 0u);
  EXPECT_EQ(*ask("stored", {root, std::uint64_t(5) << 32}), 1u);
  EXPECT_EQ(*ask("debit", {key, 3, std::uint64_t(1) << 63}), 0u);
  EXPECT_EQ(*ask("deposit", {key, 3, 4}), 0u);
  EXPECT_EQ(*ask("rent", {8, std::uint64_t(9) << 32}), 0u);
  EXPECT_EQ(*ask("call", {0xffff, 2, object, 6, 200, 40}), 8u);
  EXPECT_EQ(*ask("ret", {object, 6}), 0u);
  EXPECT_EQ(host.asked,
            (std::vector<std::string>{"put key object", "del key", "append key object", "next key ke", "authorized key", "hash key object",
                                      "stored " + std::string(32, 'r') + " 21474836480", "debit key 9223372036854775808", "deposit key 4",
                                      "rent 8 38654705664", "call 65535 2 object", "ret object"}));
  const auto ended = ask("fail", {404, object, 6});
  EXPECT_EQ(ended.error().detail, "object");
  EXPECT_EQ(host.asked.back(), "fail 404 object");
}

TEST_F(ImportsTest, an_answer_that_does_not_fit_is_told_by_its_length) {
  EXPECT_EQ(*ask("get", {0, 1, 200, 8}), 9u);
  EXPECT_EQ(text_at(200, 1), std::string(1, 0));
  EXPECT_EQ(used(), 1u + 9u);  // an object is read all the same
  EXPECT_EQ(*ask("sender", {200, 7}), 8u);
  EXPECT_EQ(used(), 10u);
  EXPECT_EQ(*ask("sender", {200, 8}), 8u);
  EXPECT_EQ(used(), 18u);
  EXPECT_EQ(text_at(200, 8), "a sender");
  host.object.reset(), host.following.reset();
  EXPECT_EQ(*ask("get", {0, 1, 200, 8}), 0xffffffffu);
  EXPECT_EQ(*ask("next", {0, 1, 0, 1, 200, 8}), 0xffffffffu);
  EXPECT_EQ(*ask("caller", {}), 0xffffffffu);
}

TEST_F(ImportsTest, what_is_too_long_is_refused_before_it_is_read_and_what_lies_outside_before_the_host_is_asked) {
  const auto refused = [&](std::string_view name, const std::vector<std::uint64_t>& params, Errc code, std::uint64_t paid) {
    gas.left = 1000;
    const auto answer = ask(name, params);
    EXPECT_TRUE(!answer && code_of(answer) == code) << name;
    EXPECT_EQ(used(), paid) << name;
  };
  refused("get", {0, kMaxKeyBytes + 1, 0, 0}, Errc::limit, 0);
  refused("put", {0, 3, 0, kMaxObjectBytes + 1}, Errc::limit, 3);
  refused("put", {0, 3, 250, 10}, Errc::trap, 13);
  refused("ret", {0, kMaxReturnBytes + 1}, Errc::limit, 0);
  refused("call", {0x10000, 1, 0, kMaxTransactionBytes + 1, 0, 0}, Errc::no_such_call, 0);
  refused("call", {1, 1, 0, kMaxTransactionBytes + 1, 0, 0}, Errc::limit, 0);
  refused("hash", {0, kMaxDomainBytes + 1, 0, 0, 0}, Errc::limit, 0);
  refused("fail", {1, 1, 100'000}, Errc::trap, 256);  // it reads no more than that
  EXPECT_TRUE(host.asked.empty());
}

TEST_F(ImportsTest, an_operation_takes_its_own_price_between_what_goes_in_and_what_comes_out) {
  host.price = 100;
  gas.left = 3 + 99;
  EXPECT_EQ(code_of(ask("append", {0, 1, 0, 2, 200, 40})), Errc::out_of_gas);
  EXPECT_EQ(host.asked.size(), 1u);
  gas.left = 3 + 100 + 8;
  EXPECT_EQ(code_of(ask("append", {0, 1, 0, 2, 200, 40})), Errc::out_of_gas);
  EXPECT_EQ(text_at(200, 1), std::string(1, 0));
  gas.left = 3 + 100 + 9;
  EXPECT_TRUE(ask("append", {0, 1, 0, 2, 200, 40}));
  EXPECT_EQ(gas.left, 0u);
}

}  // namespace
}  // namespace dos::vm::wasm
