#include "ledger/wire.hpp"

namespace dos::ledger {

Result<SignerCount> verify_anchor(const Hash& chain, const ValidatorSet& set, const Anchor& anchor) {
  if (anchor.path.size() > kMaxFinalPath)
    return fail(Errc::proof_invalid, "more than " + std::to_string(kMaxFinalPath) + " headers lie between a block and its certificate");
  if (anchor.header.chain != chain) return fail(Errc::proof_invalid, "a header of another chain");
  if (anchor.parts.height != anchor.header.height) return fail(Errc::proof_invalid, "a result of another height");
  const Header* last = &anchor.header;
  Hash id = block_id(*last);
  for (const auto& next : anchor.path) {
    if (next.chain != chain || next.parent != id || next.height.value != last->height.value + 1 || next.epoch != last->epoch)
      return fail(Errc::proof_invalid, "the headers up to the certified block are no chain");
    last = &next;
    id = block_id(next);
  }
  const auto& item = anchor.certificate.item;
  if (item.kind != VoteKind::final || item.id != id || item.view != last->view || anchor.certificate.epoch != last->epoch)
    return fail(Errc::proof_invalid, "the certificate is of another block");
  if (result_of(anchor.parts) != (anchor.path.empty() ? item.result : anchor.path.front().parent_result))
    return fail(Errc::proof_invalid, "the certificate is over another result");
  return verify_certificate(chain, set, anchor.certificate);
}

}  // namespace dos::ledger
