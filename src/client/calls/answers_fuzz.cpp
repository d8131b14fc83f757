// Answers of a node: decoded and verified as the session does it. Nothing that a fuzzer makes is believed.
#include "client/calls/submit.hpp"
#include "client/trust/anchor.hpp"
#include "client/trust/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const BytesView bytes(data, size);
  static const ledger::Genesis genesis;
  const auto root = client::root_of(genesis, Hash{});
  if (const auto answer = codec::decode<ledger::StateAnswer>(bytes)) {
    if (client::verify_anchor(root, answer->anchor)) __builtin_trap();
    (void)proof::verify(answer->proof, proof::state_root(answer->proof.parts), answer->anchor.header.height);
  }
  if (const auto tip = codec::decode<ledger::TipAnswer>(bytes)) {
    client::Acks acks(root, Hash{});
    if (acks.add(tip->acks) && acks.at(tip->anchor.header.height).current) __builtin_trap();
  }
  if (const auto answer = codec::decode<ledger::SubmitAnswer>(bytes))
    for (const auto& o : answer->outcomes)
      if (const auto* final = std::get_if<ledger::Final>(&o.is)) (void)client::verify_receipt(final->proof, client::Trusted{});
  // A refusal: whatever its document says, it is an error, and its text can be shown.
  for (const unsigned status : {0u, 404u, 500u}) {
    const auto error = client::problem_of({status, "application/problem+json", to_bytes(bytes)});
    if (error.code == Errc{} || !codec::is_utf8(as_bytes(error.detail))) __builtin_trap();
  }
  return 0;
}
