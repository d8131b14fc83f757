#include "chain/kept_content.hpp"

namespace dos::chain {
namespace {

// The blob that a record names, if its content lies in one, and until when.
std::optional<NamedContent> content_of(const ledger::ContentRule& rule, const std::optional<store::Record>& record) {
  if (!record) return std::nullopt;
  const auto root = rule.blob_of(record->data);
  return root ? std::optional(NamedContent{*root, record->paid_until}) : std::nullopt;
}

// All that the state names.
template <class Visit>
Status each_content(const store::StateView& state, const ledger::SystemRules& rules, Visit visit) {
  for (const auto& module : rules) {
    if (!module.content) continue;
    for (Bytes after;;) {
      DOS_ASSIGN(const auto key, state.next(module.content->prefix, after));
      if (!key) break;
      DOS_ASSIGN(const auto record, state.get(*key));
      if (const auto content = content_of(*module.content, record)) DOS_TRY(visit(*content));
      after = *key;
    }
  }
  return {};
}

}  // namespace

KeptContent::KeptContent(store::BlobStore& blobs, std::unique_ptr<ReadGate> gate, const ledger::SystemRules& rules, Edges edges)
    : blobs_(blobs), gate_(std::move(gate)), rules_(rules), edges_(edges) {}

Result<KeptContent::Changes> KeptContent::changes(const store::StateView& before, const store::Delta& delta) const {
  Changes changes;
  for (const auto& module : rules_) {
    if (!module.content) continue;
    const auto& rule = *module.content;
    for (auto it = delta.lower_bound(rule.prefix); it != delta.end() && starts_with(it->first, rule.prefix); ++it) {
      DOS_ASSIGN(const auto was, before.get(it->first));
      changes.push_back({content_of(rule, was), content_of(rule, it->second)});
    }
  }
  return changes;
}

// Most blocks change no content: those do not wait for who holds the blobs. Only this thread changes the terms, so it looks without the lock.
Status KeptContent::claim(const Changes& changes) {
  if (changes.empty()) return {};
  const WriteHold hold(lock());
  for (const auto& [before, after] : changes) {
    if (before) terms_.unname(before->root, before->until);
    if (!after) continue;
    terms_.name(after->root, after->until);
    auto kept = blobs_.claim(after->root);
    if (!kept && kept.error().code != Errc::no_blob) return kept;
    DOS_ASSIGN(const auto info, blobs_.info(after->root));
    if (!info || !info->complete()) note_missing(after->root);  // a block never waits for content: it is fetched afterwards
  }
  return {};
}

Status KeptContent::release(const Changes& changes, TimeMs block_time) {
  if (changes.empty() && !terms_.due(block_time)) return {};
  const WriteHold hold(lock());
  auto gone = terms_.expire(block_time);
  for (const auto& [before, after] : changes)
    if (before && (!terms_.named(before->root) || terms_.expired(before->root))) gone.push_back(before->root);
  for (const auto& root : gone) {
    missing_.erase(root);
    DOS_TRY(blobs_.release(root, edges_.clock.wall_ms()));
  }
  return {};
}

Status KeptContent::readable(const Hash& root) const {
  if (const auto until = terms_.expired(root))
    return fail(Errc::not_found, "storage of blob " + hex(root.view()) + " was paid until " + std::to_string(until->value) +
                                     " ms (block time), and that has passed");
  return {};
}

Status KeptContent::read_terms(const store::StateView& state, TimeMs block_time) {
  DOS_TRY(each_content(state, rules_, [&](const NamedContent& content) -> Status {
    terms_.name(content.root, content.until);
    return {};
  }));
  terms_.expire(block_time);
  return {};
}

Status KeptContent::settle(const store::StateView& state) {
  if (!blobs_.claims_intact()) DOS_TRY(claim_all(state));
  DOS_ASSIGN(const auto wanted, blobs_.wanted());
  for (const auto& root : wanted) note_missing(root);
  if (!missing_.empty())
    edges_.log.write(LogLevel::warn, "blobs", std::to_string(missing_.size()) + " files have content that is not here yet");
  return {};
}

Status KeptContent::claim_all(const store::StateView& state) {
  DOS_TRY(each_content(state, rules_, [&](const NamedContent& content) -> Status {
    if (terms_.expired(content.root)) return {};
    auto kept = blobs_.claim(content.root);
    return !kept && kept.error().code == Errc::no_blob ? Status{} : kept;
  }));
  edges_.log.write(LogLevel::warn, "blobs", "the notes of which content is in use were damaged and were made anew from the state");
  return {};
}

Status KeptContent::sync() {
  const WriteHold hold(lock());
  return blobs_.sync();
}

Result<std::uint64_t> KeptContent::sweep() {
  const WriteHold hold(lock());
  return blobs_.sweep(edges_.clock.wall_ms(), store::kUnclaimedLifeMs, store::kPromiseKeptMs);
}

void KeptContent::note_missing(const Hash& root) {
  if (missing_.insert(root).second) fresh_missing_.push_back(root);
}

std::vector<Hash> KeptContent::missing() const { return {missing_.begin(), missing_.end()}; }

}  // namespace dos::chain
