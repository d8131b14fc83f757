#include "consensus/block_tree.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace dos::consensus {

Block* BlockTree::find(const Hash& id) {
  const auto it = blocks_.find(id);
  return it == blocks_.end() ? nullptr : &it->second;
}

const Block* BlockTree::find(const Hash& id) const {
  const auto it = blocks_.find(id);
  return it == blocks_.end() ? nullptr : &it->second;
}

Block& BlockTree::add(Proposal proposal) {
  const Hash id = ledger::block_id(proposal.header);
  by_view_[proposal.header.view.value].push_back(id);
  Block block;
  block.id = id;
  block.proposal = std::move(proposal);
  const auto [it, fresh] = blocks_.emplace(id, std::move(block));
  DOS_CHECK(fresh);
  return it->second;
}

void BlockTree::erase(const Hash& id) {
  const auto it = blocks_.find(id);
  if (it == blocks_.end()) return;
  const auto of = by_view_.find(it->second.header().view.value);
  std::erase(of->second, id);
  if (of->second.empty()) by_view_.erase(of);
  blocks_.erase(it);
}

std::size_t BlockTree::count(View view) const {
  const auto of = by_view_.find(view.value);
  return of == by_view_.end() ? 0 : of->second.size();
}

std::vector<Hash> BlockTree::at(View view) const {
  const auto of = by_view_.find(view.value);
  return of == by_view_.end() ? std::vector<Hash>{} : of->second;
}

std::vector<Hash> BlockTree::from(View view) const {
  std::vector<Hash> out;
  for (auto of = by_view_.lower_bound(view.value); of != by_view_.end(); ++of) out.insert(out.end(), of->second.begin(), of->second.end());
  return out;
}

}  // namespace dos::consensus
