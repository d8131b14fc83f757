#include "modules/tests/fs_driver.hpp"

namespace dos::modules {

fs::Content Files::sealed(std::size_t bytes, std::uint8_t fill) {
  fs::Content c;
  c.where = Bytes(bytes, fill);
  c.commit.bytes[0] = fill;
  c.bytes = bytes / 2;
  c.sealed_size = Bytes(24, 3);
  c.seal = Bytes(200, 5);
  return c;
}
fs::Content Files::open_text(const std::string& text) {
  fs::Content c;
  c.where = to_bytes(text);
  c.commit.bytes[0] = 9;
  c.bytes = text.size();
  c.is_public = true;
  return c;
}
fs::Content Files::blob(std::uint64_t bytes, std::uint8_t fill) {
  auto c = sealed(100, fill);
  Hash root;
  root.bytes[0] = fill;
  c.where = ledger::BlobRef{root, bytes};
  c.bytes = bytes / 2;
  return c;
}
fs::RingEpoch Files::ring_for(std::initializer_list<const char*> readers, std::uint32_t parent) {
  fs::RingEpoch r;
  r.commitment.bytes[0] = 1;
  for (const char* reader : readers) r.envelopes.push_back({reader, 1, Bytes(1200, 4)});
  r.parent_epoch = parent;
  if (parent != 0) r.under_parent = Bytes(60, 6);
  return r;
}

fs::EntryMeta Files::entry(const fs::Id& dir, const std::string& name) const {
  return m.meta<fs::EntryMeta>(fs::entry_key(dir, name)).value_or(fs::EntryMeta{});
}

ledger::Receipt Files::mkdir(const std::string& who, const fs::Id& dir, const std::string& name, bool with_ring) {
  fs::Mkdir a{dir, name, next_salt(), {}};
  if (with_ring) a.ring = ring_for({who.c_str()});
  const auto id = fs::new_id(who, a.salt);
  return call(
      who,
      AccessList{Machine::latest(fs::entry_key(dir, name)), Machine::absent(fs::directory_key(id)), Machine::absent(fs::ring_key(id, 1))} +
          m.upward(dir),
      fs::kMkdir, a);
}
fs::Id Files::folder(const std::string& who, const fs::Id& dir, const std::string& name) {
  EXPECT_TRUE(done(mkdir(who, dir, name)));
  return entry(dir, name).id;
}
ledger::Receipt Files::rmdir(const std::string& who, const fs::Id& dir, const std::string& name) {
  const auto key = fs::entry_key(dir, name);
  const auto id = entry(dir, name).id;
  const auto v = m.at(key) ? m.at(key)->version : Version{};
  return call(who,
              AccessList{Machine::latest(key), Machine::latest(fs::directory_key(id)), Machine::range(fs::entry_prefix(id)),
                         Machine::absent(fs::removed_key(dir, name, v))} +
                  m.upward(dir),
              fs::kRmdir, fs::Rmdir{dir, name});
}
ledger::Receipt Files::create(const std::string& who, const fs::Create& a, const AccessList& beside) {
  const auto id = fs::new_id(who, a.salt);
  return call(who,
              AccessList{Machine::latest(fs::entry_key(a.dir, a.name)), Machine::latest(fs::taken_key(id)),
                         Machine::latest(fs::revision_key(id, 1))} +
                  m.upward(a.dir) + beside,
              fs::kCreate, a);
}
ledger::Receipt Files::create(const std::string& who, const fs::Id& dir, const std::string& name, const fs::Content& content,
                              std::optional<fs::Source> source, fs::Op op) {
  AccessList beside;
  if (source) beside.push_back(Machine::reads(fs::revision_key(source->file, source->revision)));
  return create(who, fs::Create{dir, name, next_salt(), op, content, source, TimeMs{m.now.value + 1000 + m.params.default_rent_ms}},
                beside);
}
ledger::Receipt Files::write(const std::string& who, const fs::Id& dir, const std::string& name, std::uint32_t base,
                             const fs::Content& content, std::optional<fs::Source> source, fs::Op op) {
  const auto id = entry(dir, name).id;
  AccessList access{Machine::latest(fs::entry_key(dir, name)), Machine::latest(fs::revision_key(id, base + 1))};
  if (source) access.push_back(Machine::reads(fs::revision_key(source->file, source->revision)));
  return call(who, access + m.upward(dir), fs::kWriteCall,
              fs::Write{dir, name, base, op, content, source, TimeMs{m.now.value + 1000 + m.params.default_rent_ms}});
}
ledger::Receipt Files::remove(const std::string& who, const fs::Id& dir, const std::string& name) {
  const auto key = fs::entry_key(dir, name);
  const auto v = m.at(key) ? m.at(key)->version : Version{};
  return call(who, AccessList{Machine::latest(key), Machine::absent(fs::removed_key(dir, name, v))} + m.upward(dir), fs::kRemove,
              fs::Remove{dir, name});
}
ledger::Receipt Files::rename(const std::string& who, const fs::Rename& a) {
  const auto e = entry(a.dir, a.name);
  AccessList access{Machine::latest(fs::entry_key(a.dir, a.name)), Machine::latest(fs::entry_key(a.to_dir, a.to_name))};
  if (e.type == fs::EntryType::directory) access.push_back(Machine::latest(fs::directory_key(e.id)));
  else access.push_back(Machine::latest(fs::revision_key(e.id, e.revision)));
  return call(who, access + m.upward(a.dir) + m.upward(a.to_dir), fs::kRename, a);
}
ledger::Receipt Files::chmod(const std::string& who, const fs::Chmod& a) {
  const auto e = entry(a.dir, a.name);
  AccessList access{Machine::latest(fs::entry_key(a.dir, a.name)), Machine::reads(ledger::account_key(a.who))};
  if (e.type == fs::EntryType::directory) access.push_back(Machine::latest(fs::directory_key(e.id)));
  else if (!a.seal.empty()) access.push_back(Machine::latest(fs::revision_key(e.id, e.revision)));
  return call(who, access + m.upward(a.dir), fs::kChmod, a);
}
ledger::Receipt Files::undelete(const std::string& who, const fs::Id& dir, const std::string& name, Version version) {
  const auto key = fs::removed_key(dir, name, version);
  AccessList access{Machine::latest(key), Machine::latest(fs::entry_key(dir, name))};
  if (const auto e = m.meta<fs::EntryMeta>(key); e && e->type == fs::EntryType::directory)
    access.push_back(Machine::latest(fs::directory_key(e->id)));
  return call(who, access + m.upward(dir), fs::kUndelete, fs::Undelete{dir, name, version});
}
ledger::Receipt Files::ring(const std::string& who, const fs::Id& dir, std::uint32_t epoch, const fs::RingEpoch& ring) {
  AccessList access{Machine::latest(fs::ring_key(dir, epoch))};
  if (epoch > 1) access.push_back(Machine::reads(fs::ring_key(dir, epoch - 1)));
  return call(who, access + m.upward(dir), fs::kRing, fs::Ring{dir, epoch, ring});
}

ledger::Receipt Files::fold(const std::string& who, const fs::Id& dir, std::uint32_t epoch) {
  return call(who, AccessList{{ledger::LatestRange{fs::ring_prefix(dir)}}} + m.upward(dir), fs::kFold, fs::Fold{dir, epoch});
}

}  // namespace dos::modules
