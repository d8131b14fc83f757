// What a question costs the node that answers it. It is charged to who asks before the work is done (budgets.hpp). Each route has
// its price in the route table; what grows with the question is charged on top, by whoever is about to do it.
#pragma once
#include <cstdint>

namespace dos::api {

struct Cost {
  std::uint64_t reads = 0;       // of records, by key or by place
  std::uint64_t bytes = 0;       // decoded, hashed, read from the disk or written to it, sent
  std::uint64_t signatures = 0;  // made or verified, here or for us at other validators
  friend constexpr Cost operator+(const Cost& a, const Cost& b) {
    return {a.reads + b.reads, a.bytes + b.bytes, a.signatures + b.signatures};
  }
};

// A unit of work is about a microsecond of one core.
inline constexpr std::uint64_t kWorkPerRead = 4;
inline constexpr std::uint64_t kBytesPerWork = 1024;
inline constexpr std::uint64_t kWorkPerSignature = 100;
inline constexpr std::uint64_t kGasPerRead = 1'000;  // of a dry run, as reads
// Of a promise that this node has not collected yet. It is made up of a signature of each validator, and each of them gives every other
// validator so many a second (kPromisesPerSecond): one source may not use them up.
inline constexpr std::uint64_t kSignaturesPerRound = 90;
// Of a round of acknowledgements, for each validator that is asked: the question, its signature, and checking that. Those who share the
// round share its price.
inline constexpr std::uint64_t kSignaturesPerAck = 2;
constexpr Cost cost_of_round(std::uint64_t asked, std::uint64_t sharing) {
  return {0, 0, kSignaturesPerAck * asked / (sharing == 0 ? 1 : sharing)};
}
// JSON is made value by value: as reads for each record that an answer opens, as bytes for each byte that it shows.
inline constexpr std::uint64_t kJsonReadsPerRecord = 6, kJsonBytesPerByte = 12;
constexpr std::uint64_t work_of(const Cost& c) {
  return 1 + c.reads * kWorkPerRead + c.bytes / kBytesPerWork + c.signatures * kWorkPerSignature;
}

// name, reads, bytes, signatures, what comes on top. Of every request also the bytes of its body.
// clang-format off
#define DOS_PRICES(X)                                                                                                \
  X(text, 1, 4'096, 0, "nothing")                                                                                    \
  X(status, 8, 32'768, 0, "nothing")                                                                                 \
  X(proof, 8, 4'096, 0, "each record that is read for it; as JSON each again, and its bytes, with a proof twice")       \
  X(block, 16, 16'384, 0, "each byte of the block")                                                                  \
  X(round, 1, 8'192, 1, "two signatures for each validator that is asked, shared by all who ask together")            \
  X(submit, 4, 4'096, 0, "each transaction's look-ups and signatures, and the block of one that is final already")   \
  X(receipt, 16, 16'384, 0, "each byte of its block, if that was not read a moment ago")                             \
  X(run, 100, 131'072, 16, "its gas")                                                                                \
  X(manifest, 16, 16'384, 0, "each byte of the manifest, as JSON more of them")                                       \
  X(chunk, 2, 262'144, 0, "nothing")                                                                                 \
  X(promise, 8, 16'384, 10, "each blob that is looked up, and 90 signatures where the validators are asked anew")
// clang-format on

enum class Price : std::uint8_t {
#define DOS_ROW(name, reads, bytes, signatures, more) name,
  DOS_PRICES(DOS_ROW)
#undef DOS_ROW
};
constexpr Cost cost_of(Price price) {
  constexpr Cost kCosts[] = {
#define DOS_ROW(name, reads, bytes, signatures, more) {reads, bytes, signatures},
      DOS_PRICES(DOS_ROW)
#undef DOS_ROW
  };
  return kCosts[unsigned(price)];
}

}  // namespace dos::api
