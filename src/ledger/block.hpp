// Headers, votes, certificates, payloads (docs/spec/consensus.md; rule set "first": one view a term).
#pragma once
#include "crypto/sign.hpp"
#include "ledger/receipt.hpp"
#include "ledger/state_formats.hpp"

namespace dos::ledger {

struct Validator {
  std::string name;            // "v1"
  std::uint64_t weight = 1;
  crypto::PublicKey vote_key;  // ML-DSA-44 in suite pq
  crypto::PublicKey node_key;  // ML-DSA-65: TLS identity
  std::string address;         // host:port where other validators first dial it; empty: learned by peer exchange
  static constexpr void fields(auto& s, auto&& visit) { visit(s.name, s.weight, s.vote_key, s.node_key, s.address); }
};
struct ValidatorSet {
  std::vector<Validator> members;  // sorted by weight descending, then name
  static constexpr void fields(auto& s, auto&& visit) { visit(s.members); }
  std::uint64_t total() const {
    std::uint64_t w = 0;
    for (const auto& m : members) w += m.weight;
    return w;
  }
};
constexpr bool strong(std::uint64_t part, std::uint64_t total) { return 3 * (__uint128_t)part > 2 * (__uint128_t)total; }
constexpr bool weak(std::uint64_t part, std::uint64_t total) { return 3 * (__uint128_t)part > (__uint128_t)total; }
Hash valset_hash(const ValidatorSet& set);  // H(kValidators, BCS(set))

struct PayloadCommit {
  std::uint32_t len = 0;
  Hash payload_hash;  // H(kPayload, payload bytes)
  Hash shard_root;    // zero unless coded
  static constexpr void fields(auto& s, auto&& visit) { visit(s.len, s.payload_hash, s.shard_root); }
};

struct Header {  // id = H(kBlock, BCS(header)); at most kMaxHeaderBytes
  std::uint16_t version = 1;
  std::uint8_t engine = 1;  // 1 = Simplex (docs/spec/consensus.md)
  Hash chain;               // genesis hash
  Height height;
  Hash parent;              // id of the parent header; of block 1: the genesis hash
  TimeMs time;              // > parent's
  std::uint16_t proposer = 0;
  PayloadCommit payload;
  Hash tx_root;
  Hash parent_result;       // of block 1: result of genesis (height 0)
  Hash valset, next_valset, params;
  Epoch epoch;
  View view, parent_view;
  static constexpr void fields(auto& s, auto&& visit) {
    visit(s.version, s.engine, s.chain, s.height, s.parent, s.time, s.proposer, s.payload, s.tx_root, s.parent_result, s.valset,
          s.next_valset, s.params, s.epoch, s.view, s.parent_view);
  }
};
Hash block_id(const Header& header);

struct ResultParts {
  Height height;
  Hash state_root, receipts_root;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.height, s.state_root, s.receipts_root); }
};
Hash result_of(const ResultParts& parts);  // H(kResult, BCS(parts)): what validators certify

enum class VoteKind : std::uint8_t { notar = 1, null = 2, final = 3 };
constexpr bool valid(VoteKind k) { return k >= VoteKind::notar && k <= VoteKind::final; }

struct VoteItem {  // id zero for null; result zero unless final
  VoteKind kind = VoteKind::notar;
  View view;
  Hash id, result;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.kind, s.view, s.id, s.result); }
  friend auto operator<=>(const VoteItem&, const VoteItem&) = default;
};
struct Ballot {  // what a vote signs, under kVote with the chain
  Epoch epoch;
  std::uint16_t voter = 0;
  std::vector<VoteItem> items;  // 1 to 4, sorted by (kind, view), unique
  static constexpr void fields(auto& s, auto&& visit) { visit(s.epoch, s.voter, s.items); }
};
struct Vote {
  Ballot ballot;
  crypto::Signature signature;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.ballot, s.signature); }
};

struct CertificateEntry {  // the voter's ballot without `item`, and its signature
  std::uint16_t voter = 0;
  std::vector<VoteItem> others;
  crypto::Signature signature;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.voter, s.others, s.signature); }
};
struct Certificate {  // a strong set agrees on `item`
  Epoch epoch;
  VoteItem item;
  std::vector<CertificateEntry> entries;  // ascending by voter
  static constexpr void fields(auto& s, auto&& visit) { visit(s.epoch, s.item, s.entries); }
};
struct SignerCount {
  std::uint32_t have = 0, of = 0;
};
// signature_invalid, proof_invalid (duplicate or unknown voter, not strong, wrong epoch).
Result<SignerCount> verify_certificate(const Hash& chain, const ValidatorSet& set, const Certificate& certificate);

struct Payload {  // transactions in block order, each as BCS(SignedTransaction); list signatures stand once, in `lists`
  std::vector<crypto::Signature> lists;
  std::vector<Bytes> transactions;  // a ListWitness here has an empty signature: `list_of` names the one that belongs there
  std::vector<std::uint16_t> list_of;  // for each ListWitness in order of occurrence, index into lists
  static constexpr void fields(auto& s, auto&& visit) { visit(s.lists, s.transactions, s.list_of); }
};
Bytes payload_form(const SignedTransaction& tx);  // as it stands in `transactions`: list signatures left out
Payload pack(const std::vector<SignedTransaction>& txs);
// Strict: what unpack accepts, pack gives back byte for byte. malformed otherwise.
Result<std::vector<SignedTransaction>> unpack(const Payload& payload);
Hash payload_hash(BytesView encoded_payload);

// ---- "this is current": signed on demand, nothing stored (docs/spec/consensus.md, "Tip acknowledgements")
struct TipAckBody {
  Epoch epoch;
  Hash nonce_root;        // kNonceTree over the asked nonces
  Height fin_voted;       // the highest height this validator has voted FINAL for
  static constexpr void fields(auto& s, auto&& visit) { visit(s.epoch, s.nonce_root, s.fin_voted); }
};
struct TipAck {
  std::uint16_t validator = 0;
  TipAckBody body;
  crypto::MerklePath path;  // of the asker's nonce
  crypto::Signature signature;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.validator, s.body, s.path, s.signature); }
};

}  // namespace dos::ledger
