#include "net/addresses.hpp"

#include <charconv>

#include "base/check.hpp"

namespace dos::net {
namespace {

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Result<HostPort> parse_listen(std::string_view text, AnyFreePort any) {
  const auto bad = [&] { return fail(Errc::malformed, "not a host and port: '" + std::string(text.substr(0, 64)) + "'"); };
  if (text.empty() || text.size() > kMaxListenText) return bad();
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const bool v6 = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (v6) host = host.substr(1, host.size() - 2);
  for (const char c : host)
    if (!is_alphanumeric(c) && std::string_view(v6 ? ":.%" : ".-_").find(c) == std::string_view::npos) return bad();
  if (v6 && host.find(':') == std::string_view::npos) return bad();
  HostPort at{std::string(host), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), at.port);
  if (host.empty() || error != std::errc() || end != digits.data() + digits.size()) return bad();
  if (at.port == 0 && any == AnyFreePort::no) return bad();
  return at;
}

AddressBook::AddressBook(Hash chain, const ledger::ValidatorSet& set, std::uint16_t self)
    : chain_(chain), set_(set), self_(self), entries_(set.members.size()) {
  for (std::size_t i = 0; i < set.members.size(); ++i) {
    node_ids_.push_back(crypto::key_id(set.members[i].node_key));
    if (auto at = parse_listen(set.members[i].address)) entries_[i].at = std::move(*at);
  }
}

Status AddressBook::claim(std::string listen, TimeMs now, const crypto::SigningKey& node_key, Entropy& entropy) {
  claim_again_ = false;
  if (listen.empty()) return {};
  DOS_TRY(parse_listen(listen));
  own_since_ = TimeMs{std::max(now.value, own_since_.value + 1)};
  SignedAddress mine{{self_, std::move(listen), own_since_}, {}};
  DOS_ASSIGN(mine.signature, crypto::sign(node_key, crypto::domain::kAddress, chain_, mine.claim, entropy));
  entries_[self_].said = std::move(mine);
  return {};
}

Result<bool> AddressBook::learn(const SignedAddress& address) {
  const auto& claim = address.claim;
  if (claim.validator >= entries_.size()) return fail(Errc::malformed, "an address of no validator of this epoch");
  auto& entry = entries_[claim.validator];
  if (entry.said && claim.since <= entry.said->claim.since) return false;
  DOS_ASSIGN(auto at, parse_listen(claim.listen));
  DOS_TRY(crypto::verify(set_.members[claim.validator].node_key, crypto::domain::kAddress, chain_, claim, address.signature));
  if (claim.validator == self_) {  // from before a restart, by a clock that was ahead of the present one
    own_since_ = std::max(own_since_, claim.since);
    claim_again_ = entry.said.has_value();
    return false;
  }
  entry.said = address;
  entry.at = std::move(at);
  return true;
}

Addresses AddressBook::signed_ones() const {
  Addresses all;
  for (const auto& e : entries_)
    if (e.said && all.addresses.size() < kMaxPeerAddresses) all.addresses.push_back(*e.said);
  return all;
}

std::optional<SignedAddress> AddressBook::signed_of(std::uint16_t validator) const { return entries_.at(validator).said; }

std::vector<PeerAddress> AddressBook::dialable() const {
  std::vector<PeerAddress> out;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (i != self_ && entries_[i].at) out.push_back({node_ids_[i], entries_[i].at->host, entries_[i].at->port});
  return out;
}

}  // namespace dos::net
