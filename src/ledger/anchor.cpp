#include "ledger/anchor_path.hpp"

namespace dos::ledger {

Result<LastHeader> last_of(const Hash& chain, const Anchor& anchor) {
  if (anchor.path.size() > kMaxFinalPath)
    return fail(Errc::proof_invalid, "more than " + std::to_string(kMaxFinalPath) + " headers lie between a block and its certificate");
  if (anchor.header.chain != chain) return fail(Errc::proof_invalid, "a header of another chain");
  if (anchor.parts.height != anchor.header.height) return fail(Errc::proof_invalid, "a result of another height");
  LastHeader last{&anchor.header, block_id(anchor.header)};
  for (const auto& next : anchor.path) {
    if (next.chain != chain || next.parent != last.id || next.height.value != last.header->height.value + 1 ||
        next.epoch != last.header->epoch)
      return fail(Errc::proof_invalid, "the headers up to the certified block are no chain");
    last = {&next, block_id(next)};
  }
  return last;
}

Status check_parts(const Anchor& anchor, const Hash& certified) {
  if (result_of(anchor.parts) != (anchor.path.empty() ? certified : anchor.path.front().parent_result))
    return fail(Errc::proof_invalid, "the certificate is over another result");
  return {};
}

Result<SignerCount> verify_anchor(const Hash& chain, const ValidatorSet& set, const Anchor& anchor) {
  DOS_ASSIGN(const auto last, last_of(chain, anchor));
  const auto& item = anchor.certificate.item;
  if (item.kind != VoteKind::final || item.id != last.id || item.view != last.header->view ||
      anchor.certificate.epoch != last.header->epoch)
    return fail(Errc::proof_invalid, "the certificate is of another block");
  DOS_TRY(check_parts(anchor, item.result));
  return verify_certificate(chain, set, anchor.certificate);
}

}  // namespace dos::ledger
