#include "consensus/vote_tree.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace dos::consensus {

Block* VoteTree::find(const Hash& id) {
  const auto it = blocks_.find(id);
  return it == blocks_.end() ? nullptr : &it->second;
}

const Block* VoteTree::find(const Hash& id) const {
  const auto it = blocks_.find(id);
  return it == blocks_.end() ? nullptr : &it->second;
}

Block& VoteTree::add(Proposal proposal) {
  const Hash id = ledger::block_id(proposal.header);
  const auto& h = proposal.header;
  const std::pair key(h.view, id);
  by_view_[h.view].push_back(id);
  by_parent_[h.parent].insert(id);
  if (h.tx_root != no_transactions_) {
    work_.insert(key);
    unsettled_.insert(key);
  }
  incomplete_.insert(key);
  Block block;
  block.id = id;
  block.proposal = std::move(proposal);
  const auto [it, fresh] = blocks_.emplace(id, std::move(block));
  DOS_CHECK(fresh);
  changed(it->second);
  changed_children(id);
  return it->second;
}

void VoteTree::erase(const Hash& id) {
  const auto it = blocks_.find(id);
  if (it == blocks_.end()) return;
  const auto& h = it->second.header();
  if (it->second.payload) held_bytes_ -= h.payload.len;
  const std::pair key(h.view, id);
  for (auto* ids : {&changed_, &work_, &unsettled_, &incomplete_}) ids->erase(key);
  const auto of = by_view_.find(h.view);
  std::erase(of->second, id);
  if (of->second.empty()) by_view_.erase(of);
  const auto under = by_parent_.find(h.parent);
  under->second.erase(id);
  if (under->second.empty()) by_parent_.erase(under);
  blocks_.erase(it);
}

void VoteTree::mark_bad(Block& block) {
  block.bad = true;
  const std::pair key(block.header().view, block.id);
  work_.erase(key);
  unsettled_.erase(key);
  changed(block);
  changed_children(block.id);
}

void VoteTree::hold(Block& block) {
  if (!std::exchange(block.payload, true)) held_bytes_ += block.header().payload.len;
}

void VoteTree::unload(Block& block) {
  if (block.payload) held_bytes_ -= block.header().payload.len;
  block.payload = block.asked = false;
  block.result.reset();
  incomplete_.insert({block.header().view, block.id});
}

void VoteTree::changed_children(const Hash& id) {
  if (const auto under = by_parent_.find(id); under != by_parent_.end())
    for (const auto& child : under->second) changed(blocks_.at(child));
}

std::size_t VoteTree::count(View view) const {
  const auto of = by_view_.find(view);
  return of == by_view_.end() ? 0 : of->second.size();
}

std::vector<Hash> VoteTree::at(View view) const {
  const auto of = by_view_.find(view);
  return of == by_view_.end() ? std::vector<Hash>{} : of->second;
}

std::vector<Hash> VoteTree::from(View view) const {
  std::vector<Hash> out;
  for (auto of = by_view_.lower_bound(view); of != by_view_.end(); ++of) out.insert(out.end(), of->second.begin(), of->second.end());
  return out;
}

std::vector<View> VoteTree::views(View low, View upto) const {
  std::vector<View> out;
  for (auto of = by_view_.upper_bound(upto); of != by_view_.begin() && (--of)->first >= low;) out.push_back(of->first);
  return out;
}

std::vector<Hash> VoteTree::children(const Hash& id) const {
  const auto under = by_parent_.find(id);
  return under == by_parent_.end() ? std::vector<Hash>{} : std::vector<Hash>(under->second.begin(), under->second.end());
}

}  // namespace dos::consensus
