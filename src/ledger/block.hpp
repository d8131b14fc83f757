// Headers, votes, certificates, payloads (docs/spec/consensus.md).
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
  DOS_FIELDS(name, weight, vote_key, node_key, address);
};
struct ValidatorSet {
  std::vector<Validator> members;  // sorted by weight descending, then name
  DOS_FIELDS(members);
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
  DOS_FIELDS(len, payload_hash, shard_root);
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
  DOS_FIELDS(version, engine, chain, height, parent, time, proposer, payload, tx_root, parent_result, valset, next_valset, params, epoch,
             view, parent_view);
};
Hash block_id(const Header& header);

struct ResultParts {
  Height height;
  Hash state_root, receipts_root;
  DOS_FIELDS(height, state_root, receipts_root);
};
Hash result_of(const ResultParts& parts);  // H(kResult, BCS(parts)): what validators certify

enum class VoteKind : std::uint8_t { notar = 1, null = 2, final = 3 };
constexpr bool valid(VoteKind k) { return k >= VoteKind::notar && k <= VoteKind::final; }

struct VoteItem {  // id zero for null; result zero unless final
  VoteKind kind = VoteKind::notar;
  View view;
  Hash id, result;
  DOS_FIELDS(kind, view, id, result);
  friend auto operator<=>(const VoteItem&, const VoteItem&) = default;
};
struct Ballot {  // what a vote signs, under kVote with the chain
  Epoch epoch;
  std::uint16_t voter = 0;
  std::vector<VoteItem> items;  // 1 to 4, sorted by (kind, view), unique
  DOS_FIELDS(epoch, voter, items);
};
struct Vote {
  Ballot ballot;
  crypto::Signature signature;
  DOS_FIELDS(ballot, signature);
};

struct CertificateEntry {  // the voter's ballot without `item`, and its signature
  std::uint16_t voter = 0;
  std::vector<VoteItem> others;
  crypto::Signature signature;
  DOS_FIELDS(voter, others, signature);
};
struct Certificate {  // a strong set agrees on `item`
  Epoch epoch;
  VoteItem item;
  std::vector<CertificateEntry> entries;  // ascending by voter
  DOS_FIELDS(epoch, item, entries);
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
  DOS_FIELDS(lists, transactions, list_of);
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
  DOS_FIELDS(epoch, nonce_root, fin_voted);
};
struct TipAck {
  std::uint16_t validator = 0;
  TipAckBody body;
  crypto::MerklePath path;  // of the asker's nonce
  crypto::Signature signature;
  DOS_FIELDS(validator, body, path, signature);
};

}  // namespace dos::ledger
