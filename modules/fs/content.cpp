#include "modules/fs/content.hpp"

namespace dos::fs {

using namespace guest;

namespace {

void check_source(const Content& content, const Source& source) {
  const auto found = find<RevisionMeta>(revision_key(source.file, source.revision), "a revision");
  require(found && found->object.paid_until >= now(), Errc::not_found,
          {"the source's revision ", source.revision, " is not there any more"});
  const auto same = decode_or_refuse<Content>(found->object.data, "a content");
  require(same.where == content.where && same.commit == content.commit && same.is_public == content.is_public, Errc::conflict,
          "the source is of another content");
}

}  // namespace

Hash accept_content(const Content& c, const std::optional<Source>& source, TimeMs paid_until) {
  require(!c.commit.is_zero(), Errc::malformed, "the content has no commitment");
  const auto* in_place = std::get_if<Bytes>(&c.where);
  const auto* blob = std::get_if<ledger::BlobRef>(&c.where);
  const std::uint64_t size = in_place != nullptr ? in_place->size() : blob->bytes;
  if (c.is_public) {
    require(c.seal.empty() && c.sealed_size.empty(), Errc::malformed, "public content has no seal");
    require(c.bytes == size, Errc::malformed, {"the content has ", size, " bytes, not ", c.bytes});
  } else {
    require(!c.seal.empty() && c.seal.size() <= kMaxSealBytes, Errc::limit,
            {"a seal has 1 to ", kMaxSealBytes, " bytes, this one ", c.seal.size()});
    require(!c.sealed_size.empty() && c.sealed_size.size() <= kMaxSealedSizeBytes, Errc::limit,
            {"a sealed size has 1 to ", kMaxSealedSizeBytes, " bytes"});
    require(c.bytes <= size, Errc::malformed, "sealed content is not smaller than what it holds");
  }
  if (in_place != nullptr) {
    require(size <= kInlineContentBytes, Errc::limit,
            {"content of ", size, " bytes does not lie in the object: over ", kInlineContentBytes});
    return guest::hash(crypto::domain::kData, *in_place);
  }
  require(size > 0 && size <= kMaxBlobBytes && !blob->root.is_zero(), Errc::limit, "a blob has 1 byte to 1 TiB");
  if (!stored(blob->root, blob->bytes)) {
    if (!source) refuse(Errc::not_stored, "no storage receipts cover this content, and it names no source");
    check_source(c, *source);
  }
  charge_rent(blob->bytes, paid_until);
  return blob->root;
}

void check_paid_until(TimeMs t) {
  const auto least = now().value;
  require(t.value >= least, Errc::usage, "the time paid for lies in the past");
  require(t.value <= least + kMaxPaidMs, Errc::limit, "at most 100 years are paid ahead");
}

void check_ring(const RingEpoch& ring, std::uint32_t epoch) {
  require(!ring.commitment.is_zero(), Errc::malformed, "a folder key has a commitment");
  require(ring.prior_epoch < epoch && (ring.prior_epoch == 0) == ring.prior.empty(), Errc::malformed,
          "the key of an earlier epoch names that epoch");
  require(ring.envelopes.size() <= kMaxEnvelopes, Errc::limit, {"a folder key has at most ", kMaxEnvelopes, " envelopes"});
  require(!ring.envelopes.empty() || !ring.under_parent.empty(), Errc::malformed, "nobody could open this folder key");
  require((ring.parent_epoch == 0) == ring.under_parent.empty(), Errc::malformed, "a key under its parent's names the parent's epoch");
  require(ring.under_parent.size() <= kMaxWrappedKeyBytes && ring.prior.size() <= kMaxWrappedKeyBytes, Errc::limit,
          "a wrapped key is too large");
  for (std::size_t i = 0; i < ring.envelopes.size(); ++i) {
    const auto& e = ring.envelopes[i];
    require(ledger::valid_account_name(e.account) && e.key_epoch != 0, Errc::malformed, "an envelope names no key of an account");
    require(!e.box.empty() && e.box.size() <= kMaxEnvelopeBytes, Errc::limit, {"the envelope of ", e.account, " is empty or too large"});
    for (std::size_t j = 0; j < i; ++j)
      require(ring.envelopes[j].account != e.account || ring.envelopes[j].key_epoch != e.key_epoch, Errc::malformed,
              {e.account, " has two envelopes for one key"});
  }
}

void write_revision(const Id& file, std::uint32_t revision, const std::string& owner, Op op, const Content& content, const Hash& hash,
                    TimeMs paid_until) {
  const auto key = revision_key(file, revision);
  require(!present(key), Errc::conflict, {"revision ", revision, " is there already"});
  const RevisionMeta meta{op, sender_account(), now(), content.bytes, hash, content.is_public};
  put(key, {.lock = account_lock(owner), .paid_until = paid_until, .meta = codec::encode(meta), .data = codec::encode(content)});
}

void show_content(EntryMeta& meta, const Content& content, const Hash& hash, std::uint32_t revision) {
  meta.revision = revision;
  meta.bytes = content.bytes;
  meta.hash = hash;
  meta.is_public = content.is_public;
  meta.sealed_size = content.sealed_size;
  meta.modified = now();
}

}  // namespace dos::fs
