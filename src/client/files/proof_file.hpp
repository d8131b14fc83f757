// A proof in one file (docs/spec/proof-file.md): what stood at a path at a height, shown to anyone who has the genesis. Made by
// `dos proof`, checked by `dos verify` without any network.
#pragma once
#include "client/files/tree.hpp"

namespace dos::client {

inline constexpr std::string_view kProofMagic = "DOSPROOF1";
inline constexpr std::size_t kMaxProofFileBytes = 32u << 20;

struct OpenedContent {  // --open: what readers know and now everybody who has the file
  Hash salt;            // zero of public content
  Hash plain;           // BLAKE3 of the plaintext
  DOS_FIELDS(salt, plain);
};
struct ProofFile {
  std::vector<std::string> path;  // components
  ledger::Anchor anchor;
  proof::StateProof proof;
  std::optional<OpenedContent> opened;
  DOS_FIELDS(path, anchor, proof, opened);
};
Bytes encode_proof_file(const ProofFile& file);
// not_a_proof: empty, cut, foreign, or any byte changed (its own hash is checked first). Says nothing about truth.
Result<ProofFile> decode_proof_file(BytesView bytes);

struct Verified {
  std::string kind;     // "file", "folder", "absence"
  Hash chain;
  Height height;        // at which the claims hold
  Height certified;     // of the block whose certificate shows it
  ledger::SignerCount signers;
  std::string key;      // of the record that settles it, in hex
  std::optional<Hash> content_plain;  // BLAKE3 of the content, if opened or public
  std::vector<std::string> claims;    // sentences
};
// Against a genesis. proof_invalid, proof_incomplete, signature_invalid, chain_changed, content_mismatch.
Result<Verified> verify_proof_file(const ProofFile& file, const Root& root);

}  // namespace dos::client
