// For tests: /home/alice with one file f of one revision, on a chain of one validator, and the node that shows it.
#pragma once
#include "client/files/file_read.hpp"
#include "client/files/seal_stream.hpp"
#include "client/test_chain.hpp"
#include "client/test_ids.hpp"

namespace dos::client {

struct TestFiles {
  TestChain chain;
  TestPlaces home;
  TestNode node;
  TestChain::State state;
  Identity alice = *new_identity("alice", crypto::Suite::classic, chain.entropy);
  const Bytes plain = to_bytes(as_bytes("what is in the file"));

  TestFiles() {
    node.be_local(home.places, chain);
    put(fs::directory_key(fs::kRoot), codec::encode(fs::DirectoryMeta{}));
    folder(fs::kRoot, "home", id(1));
    folder(id(1), "alice", id(2));
  }
  void put(Bytes key, Bytes meta, std::optional<Bytes> data = {}, TimeMs paid_until = kPermanent) {
    state[key] = {key, std::move(meta), std::move(data), Version(Height(1), 1), paid_until};
  }
  void folder(const fs::Id& in, const char* name, const fs::Id& itself) {
    fs::EntryMeta e;
    e.type = fs::EntryType::directory, e.id = itself, e.owner = "alice";
    put(fs::entry_key(in, name), codec::encode(e));
    put(fs::directory_key(itself), codec::encode(fs::DirectoryMeta{in, name, "alice", {}}));
  }
  // Under that key of alice's home, or public.
  void file(const RingKey* ring, TimeMs paid_until) {
    MemorySource source(plain);
    auto stream = ring == nullptr ? *SealedStream::open_to_all(source) : *SealedStream::sealed(source, ContentKeys::draw(chain.entropy));
    const auto content = *content_of(stream, ring, {}, chain.entropy);
    fs::EntryMeta e;
    e.id = id(3), e.owner = "alice", e.revision = 1, e.bytes = content.bytes, e.hash = stream.hash(), e.is_public = content.is_public;
    put(fs::entry_key(id(2), "f"), codec::encode(e));
    const fs::RevisionMeta revision{fs::Op::create, "alice", {}, content.bytes, stream.hash(), content.is_public};
    put(fs::revision_key(id(3), 1), codec::encode(revision), codec::encode(content), paid_until);
  }
  Session open() {
    SessionOptions options;
    options.stale_ok = true;  // the node has no acknowledgements to give
    auto session = Session::open(home.places, options);
    if (!session) throw std::runtime_error(session.error().detail);
    return std::move(*session);
  }
  static Result<FileAt> find(Session& session, std::optional<Height> at = {}) {
    return find_file(session, {{{"home", "alice", "f"}}, {}, at});
  }
  Result<Bytes> read(Session& session, std::optional<Height> at = {}) {
    DOS_ASSIGN(const auto found, find(session, at));
    Bytes out;
    DOS_TRY(read_file(session, &alice, found, [&](BytesView some) -> Status {
      append(out, some);
      return {};
    }));
    return out;
  }
};

}  // namespace dos::client
