// Where validators can be dialled: from genesis first, then what each says of itself, signed by its node key. The newest
// `since` of a validator wins. One entry a validator: bounded by the set.
#pragma once
#include "base/edge.hpp"
#include "net/messages.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxListenText = 255;

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
enum class AnyFreePort : bool { no, yes };  // whether port 0 may stand for one: to listen on, not to dial
// "host:port" (letters, digits, ".-_"), "[v6]:port" (a literal with a colon, and its zone). malformed.
Result<HostPort> parse_listen(std::string_view text, AnyFreePort any = AnyFreePort::no);

class AddressBook {
 public:
  AddressBook(Hash chain, const ledger::ValidatorSet& set, std::uint16_t self);  // `set` outlives the book

  // This node's own claim: newer than any of its own that the book holds. An empty `listen` claims nothing.
  Status claim(std::string listen, TimeMs now, const crypto::SigningKey& node_key, Entropy& entropy);
  // True: it was news. A signature is checked only of what would be news. malformed, signature_invalid.
  // A claim of our own that is newer than the present one (a clock went back): must_claim_again().
  Result<bool> learn(const SignedAddress& address);
  bool must_claim_again() const { return claim_again_; }

  Addresses signed_ones() const;                        // all that can be passed on, ascending by validator
  std::optional<SignedAddress> signed_of(std::uint16_t validator) const;
  std::vector<PeerAddress> dialable() const;            // of all others
 private:
  struct Entry {
    std::optional<SignedAddress> said;
    std::optional<HostPort> at;
  };
  Hash chain_;
  const ledger::ValidatorSet& set_;
  std::uint16_t self_;
  std::vector<Entry> entries_;  // by validator
  std::vector<Hash> node_ids_;
  TimeMs own_since_;
  bool claim_again_ = false;
};

}  // namespace dos::net
