// Which content is kept: that which a live record names, by the rules of its module.
#include "chain/chain.hpp"

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

// What the block's records name, and what they named before it.
Result<std::vector<Chain::ContentChange>> Chain::content_changes(const store::Delta& delta) {
  std::vector<ContentChange> changes;
  const ReadHold hold(lock());  // together with who reads: alone, each record of a block would wait for all of them
  for (const auto& module : config_.rules) {
    if (!module.content) continue;
    const auto& rule = *module.content;
    for (auto it = delta.lower_bound(rule.prefix); it != delta.end() && starts_with(it->first, rule.prefix); ++it) {
      DOS_ASSIGN(const auto before, store_->view().get(it->first));
      changes.push_back({content_of(rule, before), content_of(rule, it->second)});
    }
  }
  return changes;
}

// Most blocks change no content: those do not wait for who holds the blobs. Only this thread changes the terms, so it looks without the lock.
Status Chain::claim_content(const std::vector<ContentChange>& changes) {
  if (changes.empty()) return {};
  const WriteHold hold(blobs_lock());
  for (const auto& [before, after] : changes) {
    if (before) terms_.unname(before->root, before->until);
    if (!after) continue;
    terms_.name(after->root, after->until);
    auto kept = blobs().claim(after->root);
    if (!kept && kept.error().code != Errc::no_blob) return kept;
    DOS_ASSIGN(const auto info, blobs().info(after->root));
    if (!info || !info->complete()) note_missing(after->root);  // a block never waits for content: it is fetched afterwards
  }
  return {};
}

// What no record names any more, and what every record has expired of by the time of the block.
Status Chain::release_content(const std::vector<ContentChange>& changes, TimeMs block_time) {
  if (changes.empty() && !terms_.due(block_time)) return {};
  const WriteHold hold(blobs_lock());
  auto gone = terms_.expire(block_time);
  for (const auto& [before, after] : changes)
    if (before && (!terms_.named(before->root) || terms_.expired(before->root))) gone.push_back(before->root);
  for (const auto& root : gone) {
    missing_.erase(root);
    DOS_TRY(blobs().release(root, edges_.clock.wall_ms()));
  }
  return {};
}

Status Chain::readable(const Hash& root) const {
  if (const auto until = terms_.expired(root))
    return fail(Errc::not_found, "storage of blob " + hex(root.view()) + " was paid until " + std::to_string(until->value) +
                                     " ms (block time), and that has passed");
  return {};
}

// From the state at the last checkpoint, whose releases are on the disk.
Status Chain::read_content_terms() {
  DOS_TRY(each_content(store_->view(), config_.rules, [&](const NamedContent& content) -> Status {
    terms_.name(content.root, content.until);
    return {};
  }));
  terms_.expire(tip_.time);
  return {};
}

void Chain::note_missing(const Hash& root) {
  if (missing_.insert(root).second) fresh_missing_.push_back(root);
}

Status Chain::claim_live_blobs() {
  DOS_TRY(each_content(store_->view(), config_.rules, [&](const NamedContent& content) -> Status {
    if (terms_.expired(content.root)) return {};
    auto kept = blobs().claim(content.root);
    return !kept && kept.error().code == Errc::no_blob ? Status{} : kept;
  }));
  edges_.log.write(LogLevel::warn, "blobs", "the notes of which content is in use were damaged and were made anew from the state");
  return {};
}

Status Chain::find_missing_blobs() {
  DOS_ASSIGN(const auto wanted, blobs().wanted());
  for (const auto& root : wanted) note_missing(root);
  if (!missing_.empty())
    edges_.log.write(LogLevel::warn, "blobs", std::to_string(missing_.size()) + " files have content that is not here yet");
  return {};
}

std::vector<Hash> Chain::missing_blobs() const { return {missing_.begin(), missing_.end()}; }

}  // namespace dos::chain
