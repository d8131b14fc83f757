// Calls of `fs` with the access that a client would declare.
#pragma once
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"
#include "modules/tests/expect.hpp"
#include "modules/tests/machine.hpp"

namespace dos::modules {

struct Files : testing::Test {
  Machine m;
  std::uint8_t salt = 0;

  fs::Id home(const std::string& name) const { return fs::new_id(name, {}); }
  Hash next_salt() {
    Hash h;
    h.bytes[0] = ++salt;
    return h;
  }
  static fs::Content sealed(std::size_t bytes = 100, std::uint8_t fill = 1);
  static fs::Content open_text(const std::string& text);
  static fs::Content blob(std::uint64_t bytes, std::uint8_t fill = 1);
  static fs::RingEpoch ring_for(std::initializer_list<const char*> readers, std::uint32_t parent = 0);

  fs::EntryMeta entry(const fs::Id& dir, const std::string& name) const;
  bool is_there(const fs::Id& dir, const std::string& name) const { return m.at(fs::entry_key(dir, name)).has_value(); }
  TimeMs a_year() const { return TimeMs{m.now.value + m.params.default_rent_ms}; }

  ledger::Receipt mkdir(const std::string& who, const fs::Id& dir, const std::string& name, bool with_ring = true);
  fs::Id folder(const std::string& who, const fs::Id& dir, const std::string& name);  // made, or the test fails
  ledger::Receipt rmdir(const std::string& who, const fs::Id& dir, const std::string& name);
  ledger::Receipt create(const std::string& who, const fs::Id& dir, const std::string& name, const fs::Content& content,
                         std::optional<fs::Source> source = {}, fs::Op op = fs::Op::create);
  ledger::Receipt create(const std::string& who, const fs::Create& args, const AccessList& beside = {});
  ledger::Receipt write(const std::string& who, const fs::Id& dir, const std::string& name, std::uint32_t base, const fs::Content& content,
                        std::optional<fs::Source> source = {}, fs::Op op = fs::Op::write);
  ledger::Receipt remove(const std::string& who, const fs::Id& dir, const std::string& name);
  ledger::Receipt rename(const std::string& who, const fs::Rename& args);
  ledger::Receipt chmod(const std::string& who, const fs::Chmod& args);
  ledger::Receipt undelete(const std::string& who, const fs::Id& dir, const std::string& name, Version version);
  ledger::Receipt fold(const std::string& who, const fs::Id& dir, std::uint32_t epoch);
  ledger::Receipt ring(const std::string& who, const fs::Id& dir, std::uint32_t epoch, const fs::RingEpoch& ring);

 private:
  ledger::Receipt call(const std::string& who, AccessList access, fs::CallNumber number, const auto& args) {
    return m.call(who, access, ledger::kFsModule, number, args);
  }
};

}  // namespace dos::modules
