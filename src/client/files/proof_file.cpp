#include "client/files/proof_file.hpp"

#include "client/files/seal.hpp"
#include "crypto/hash.hpp"

namespace dos::client {
namespace {

std::unexpected<Error> foreign(std::string why) { return fail(Errc::not_a_proof, std::move(why)); }

// Errors of decoding inside an intact proof are the proof's, not the caller's.
std::unexpected<Error> refuse(Error e) {
  switch (e.code) {
    case Errc::proof_invalid:
    case Errc::proof_incomplete:
    case Errc::signature_invalid:
    case Errc::content_mismatch:
    case Errc::chain_changed: return std::unexpected(std::move(e));
    default: return fail(Errc::proof_invalid, std::move(e.detail));
  }
}

Status file_claims(const ProofFile& file, const Place& place, Verified& out) {
  const auto& entry = *place.entry;
  const auto text = place.path.text();
  out.kind = "file";
  out.claims.push_back(text + " stood there at block " + std::to_string(place.height.value) + ", revision " +
                       std::to_string(entry.meta.revision) + ", owned by " + entry.meta.owner);
  out.claims.push_back("its ciphertext has the hash b3:" + hex(entry.meta.hash.view()));
  const auto record = place.view.find(fs::revision_key(entry.meta.id, entry.meta.revision));
  if (!record || *record == nullptr) {  // it was not asked for, or has expired
    if (file.opened) return fail(Errc::proof_incomplete, "the proof opens a content, and does not show the revision that it is of");
    return {};
  }
  DOS_ASSIGN(const auto revision, read_revision(**record));
  out.claims.push_back("written by " + revision.meta.by + " in block " + std::to_string(revision.version.height().value));
  if (!file.opened) return {};
  codec::Encoder e;
  codec::write(e, file.opened->salt);
  codec::write(e, file.opened->plain);
  if (crypto::hash(crypto::domain::kFsContent, e.out) != revision.content.commit)
    return fail(Errc::content_mismatch, "the opening is not of the content that the ledger commits to");
  out.content_plain = file.opened->plain;
  out.claims.push_back("its content has the BLAKE3 hash " + hex(file.opened->plain.view()));
  return {};
}

}  // namespace

Bytes encode_proof_file(const ProofFile& file) {
  Bytes out = to_bytes(kProofMagic);
  append(out, codec::encode(file));
  append(out, crypto::plain_hash(out).view());
  return out;
}

Result<ProofFile> decode_proof_file(BytesView bytes) {
  if (bytes.empty()) return foreign("it is empty");
  if (bytes.size() > kMaxProofFileBytes) return foreign("it is larger than any proof");
  if (bytes.size() < kProofMagic.size() + 32 || !starts_with(bytes, as_bytes(kProofMagic))) return foreign("it is no DOS proof, or cut");
  const auto body = bytes.first(bytes.size() - 32);
  if (!equal(crypto::plain_hash(body).view(), bytes.last(32))) return foreign("it was cut or changed after it was made");
  auto file = codec::decode<ProofFile>(body.subspan(kProofMagic.size()), "a proof");
  if (!file) return foreign("its contents are " + file.error().detail);
  if (file->path.size() > kMaxPathDepth) return foreign("its path is deeper than any");
  for (const auto& name : file->path)
    if (!fs::valid_name(name)) return foreign("its path has a name that cannot be");
  return file;
}

Result<Verified> verify_proof_file(const ProofFile& file, const Root& root) {
  auto block = verify_anchor(root, file.anchor);
  if (!block) return refuse(block.error());
  auto view = proof::verify(file.proof, block->parts.state_root, block->header.height);
  if (!view) return refuse(view.error());
  Verified out;
  out.chain = root.chain;
  out.certified = block->header.height;
  out.signers = block->signers;
  Answer answer{std::move(*block), std::move(*view), {}, {}};
  auto place = resolve(DosPath{file.path, false}, std::move(answer), 0);
  if (!place) return refuse(place.error());
  out.height = place->height;
  if (place->missing) {
    DosPath first = place->path;
    first.components.resize(std::min(first.components.size(), place->missing_at + 1));
    out.kind = "absence";
    // The record that settles it: of a component below a file, the file's own.
    const bool below_file = place->missing_at >= place->folders.size();
    const auto at = below_file ? place->missing_at - 1 : place->missing_at;
    out.key = hex(fs::entry_key(place->folders.back().id, place->path.components[at]));
    out.claims.push_back(first.text() + " was absent at block " + std::to_string(place->height.value));
    return out;
  }
  if (!place->entry) {
    out.kind = "folder";
    out.claims.push_back("/ is the root");
    return out;
  }
  out.key = hex(fs::entry_key(place->entry->dir, place->entry->name));
  if (place->is_folder()) {
    out.kind = "folder";
    out.claims.push_back(place->path.text() + " was a folder at block " + std::to_string(place->height.value) + ", owned by " +
                         place->entry->meta.owner);
    return out;
  }
  if (auto good = file_claims(file, *place, out); !good) return refuse(good.error());
  return out;
}

}  // namespace dos::client
