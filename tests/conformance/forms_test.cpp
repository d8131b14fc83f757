// What stands around structures: frames, records and whole files, as the code that writes them makes them and the code that reads them
// takes them. Pinned like the structures themselves (fixtures_test.cpp), in fixtures/forms.txt.
#include <gtest/gtest.h>

#include <functional>

#include "client/files/proof_file.hpp"
#include "client/keys/dev_key_file.hpp"
#include "consensus/journal_records.hpp"
#include "consensus/messages.hpp"
#include "crypto/keystore.hpp"
#include "fakes/disk.hpp"
#include "fakes/random.hpp"
#include "net/framing.hpp"
#include "store/archive_segment.hpp"
#include "store/blob_file.hpp"
#include "store/checkpoint.hpp"
#include "store/index_snapshot.hpp"
#include "store/journal_group.hpp"
#include "store/log_format.hpp"
#include "tests/conformance/page.hpp"

namespace dos::conformance {
namespace {

struct Form {
  std::string name;
  Bytes bytes;
  std::function<bool(BytesView)> reads;  // the same value, and as it was written
};

template <class T>
Form frame(std::uint16_t number, const char* name) {
  const auto message = sample<T>();
  const auto reads = [message, number](BytesView bytes) {
    net::FrameReader reader;
    const auto frame = reader.read(bytes);
    if (!frame || !*frame || (*frame)->number != number) return false;
    const auto body = codec::decode<T>((*frame)->body);
    return body && same(*body, message);
  };
  return {"frame " + std::to_string(number) + " " + last_word(name), net::encode_frame(message).value(), reads};
}

void add_frames(std::vector<Form>& out) {
  using namespace net;  // NOLINT: the rows are its names
  const auto of_engines = [&](unsigned number) {
    if (number != 10) return;
    using namespace consensus;  // NOLINT
    const auto add = [&]<class... M>(const char* const(&names)[sizeof...(M)], std::variant<M...>*) {
      std::size_t at = 0;
      (out.push_back(frame<M>(M::kKind, names[at++])), ...);
    };
    add({"Votes", "Have", "Get", "StatusReport", "SignedAsk", "SignedAnswer"},
        static_cast<std::variant<Votes, Have, Get, StatusReport, SignedAsk, SignedAnswer>*>(nullptr));
  };
#define DOS_ROW(number, Type, limit, rate)   \
  out.push_back(frame<Type>(number, #Type)); \
  of_engines(number);
  DOS_NET_MESSAGES(DOS_ROW)
#undef DOS_ROW
}

std::vector<store::JournalRecord> journal_records() {
  const Height h{7};
  std::vector<store::JournalRecord> out;
  for (auto& r : {consensus::encode_boot(sample<consensus::BootCounter>(), h), consensus::encode_proposal(sample<consensus::Proposal>()),
                  consensus::encode_contents(sample<Hash>(), h, sample<Bytes>()), consensus::encode_vote(sample<ledger::Vote>(), h),
                  consensus::encode_final(h, {sample<ledger::Certificate>()}), consensus::encode_gate(sample<consensus::GateRecord>(), h)})
    out.push_back({std::uint8_t(r.kind), r.height.value, r.bytes});
  return out;
}

void add_journal(std::vector<Form>& out) {
  const auto salt = sample<store::SegmentSalt>();
  out.push_back({"journal head", store::write_segment_head({9, salt}), [salt](BytesView b) {
                   const auto head = store::read_segment_head(b);
                   return head && head->number == 9 && head->salt == salt;
                 }});
  const auto records = journal_records();
  out.push_back({"journal group", store::write_group(salt, 3, records), [salt, records](BytesView b) {
                   const auto group = store::read_group(b, salt);
                   if (!group || group->number != 3) return false;
                   const auto back = store::read_group_records(group->payload);
                   return back && same(*back, records);
                 }});
}

void add_log(std::vector<Form>& out) {
  store::LogRecord record{sample<proof::Leaf>(), {Position{4}, Position{2}}, std::nullopt, sample<Bytes>()};
  for (const char* name : {"log record", "log record, data elsewhere"}) {
    Bytes bytes;
    store::write_log_record(bytes, Position{11}, record);
    out.push_back({name, bytes, [record](BytesView b) {
                     const auto back = store::read_log_record(b, Position{11});
                     return back && same(back->leaf, record.leaf) && back->ends == record.ends && back->data_at == record.data_at &&
                            back->data == record.data;
                   }});
    record.data_at = Position{5};
    record.data.clear();
  }
}

void add_archive(std::vector<Form>& out) {
  const auto body = sample<store::ArchiveBody>();
  out.push_back({"archive record", store::write_archive_record(6, body.block, body.txids), [body](BytesView b) {
                   const auto record = store::read_archive_record(b);
                   if (!record || record->height != body.block.height.value || record->synced != 6) return false;
                   const auto back = codec::decode<store::ArchiveBody>(record->body);
                   return back && same(*back, body);
                 }});
  const auto index = sample<store::ArchiveIndex>();
  out.push_back({"archive index", store::seal_archive_index(index), [index](BytesView b) {
                   const auto back = store::unseal_archive_index(b);
                   return back && same(*back, index);
                 }});
}

void add_blobs(std::vector<Form>& out) {
  const store::BlobHead head{600'000, 1'700'000'000'000, 3, 0x01020304};
  out.push_back({"blob head", store::write_blob_head(head), [head](BytesView b) {
                   const auto back = store::read_blob_head(b);
                   return back && back->bytes == head.bytes && back->created_ms == head.created_ms && back->chunks == head.chunks &&
                          back->hashes_crc == head.hashes_crc;
                 }});
  using store::BlobEvent;
  for (const auto& [event, name] :
       {std::pair(BlobEvent::claimed, "claimed"), std::pair(BlobEvent::released, "released"), std::pair(BlobEvent::durable, "durable")}) {
    const store::BlobState state{event, sample<Hash>(), 1'700'000'000'000};
    out.push_back({std::string("blob state, ") + name, store::write_blob_state(state), [state](BytesView b) {
                     const auto back = store::read_blob_state(b);
                     return back && back->event == state.event && back->root == state.root && back->time_ms == state.time_ms;
                   }});
  }
}

void add_checkpoint(std::vector<Form>& out) {
  fakes::SimDisk disk;
  auto checkpoint = sample<store::Checkpoint>();
  checkpoint.format = store::Checkpoint::kFormat;
  store::CheckpointSlots slots(disk);
  EXPECT_TRUE(slots.write(checkpoint));
  checkpoint.number = 1;
  out.push_back({"checkpoint slot", disk.content("checkpoint-A"), [checkpoint](BytesView b) {
                   const auto back = store::decode_checkpoint(b);
                   return back && same(*back, checkpoint);
                 }});
  auto snapshot = sample<store::ForestSnapshot>();
  snapshot.count = 2;
  snapshot.twig_roots.clear();
  snapshot.chunks.resize(1);
  snapshot.pieces.resize(1);
  snapshot.pieces[0] = {3, 1, {0, 5}, {}};
  snapshot.end = {0, 9};
  EXPECT_TRUE(store::write_forest_snapshot(disk, 1, snapshot));
  out.push_back({"forest snapshot", disk.content(store::forest_path(1)), [snapshot](BytesView b) {
                   const auto back = store::decode_forest_snapshot(b);
                   return back && same(*back, snapshot);
                 }});
  const auto file = disk.open("index", Disk::Mode::create).value();
  store::IndexSnapshotWriter writer(*file);
  EXPECT_TRUE(writer.add({}, Position{1}) && writer.add(Bytes{0, 3, 'e'}, Position{2}) && writer.finish());
  out.push_back({"index piece", disk.content("index"), [](BytesView b) {
                   fakes::SimDisk other;
                   const auto copy = other.open("index", Disk::Mode::create).value();
                   std::vector<std::pair<Bytes, Position>> read;
                   const auto each = [&](BytesView key, Position p) -> Status {
                     read.emplace_back(to_bytes(key), p);
                     return {};
                   };
                   return copy->write_at(0, b) && store::read_index_snapshot(*copy, each) &&
                          read == decltype(read){{{}, Position{1}}, {Bytes{0, 3, 'e'}, Position{2}}};
                 }});
}

void add_users_files(std::vector<Form>& out) {
  const auto proof = sample<client::ProofFile>();
  out.push_back({"proof file", client::encode_proof_file(proof), [proof](BytesView b) {
                   const auto back = client::decode_proof_file(b);
                   return back && same(*back, proof);
                 }});
  const auto master = sample<ByteArray<32>>();
  fakes::SimEntropy entropy{fakes::Random(1)};
  crypto::KeyFileHeader header;
  header.kdf = crypto::Pbkdf2Kdf{};
  header.account = "alice";
  header.chain = sample<Hash>();
  out.push_back({"key file", crypto::seal_key_file(header, master, as_bytes("a passphrase"), entropy).value(), [master](BytesView b) {
                   const auto file = crypto::read_key_file(b);
                   if (!file || file->header.account != "alice") return false;
                   const auto opened = crypto::open_key_file(*file, as_bytes("a passphrase"));
                   return opened && equal(opened->view(), master);
                 }});
  auto identity = client::Identity::from_master("alice", crypto::Suite::classic, master, 2).value();
  identity.mark_development(sample<Hash>());
  out.push_back({"development key", client::encode_dev_key(identity), [master](BytesView b) {
                   const auto back = client::decode_dev_key(b);
                   return back && back->account() == "alice" && back->index() == 2 && back->chain() == sample<Hash>() &&
                          equal(back->master().view(), master);
                 }});
}

std::vector<Form> forms() {
  std::vector<Form> out;
  for (auto add : {add_frames, add_journal, add_log, add_archive, add_blobs, add_checkpoint, add_users_files}) add(out);
  return out;
}

TEST(Forms, are_those_that_are_pinned_and_are_read) {
  const auto all = forms();
  std::map<std::string, std::string> now;
  std::string text;
  for (const auto& f : all) text += f.name + ": " + (now[f.name] = hex(f.bytes)) + "\n";
  EXPECT_TRUE(blessed("tests/conformance/fixtures/forms.txt", text)) << "if a form was meant to change: ./dev bless, and CHANGES.md";
  const auto pinned = lines_of(read_text("tests/conformance/fixtures/forms.txt"));
  EXPECT_EQ(pinned.size(), all.size());
  for (const auto& f : all) {
    const auto at = pinned.find(f.name);
    ASSERT_NE(at, pinned.end()) << f.name << " is not pinned";
    EXPECT_EQ(at->second == now[f.name], true) << f.name << " has changed";
    Bytes bytes;
    ASSERT_TRUE(unhex(at->second, bytes)) << f.name;
    EXPECT_TRUE(f.reads(bytes)) << f.name;
  }
}

}  // namespace
}  // namespace dos::conformance
