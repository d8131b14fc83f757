// A journal's folder as crashes, rot and lost files leave it: groups that the input writes, then damages. It opens or names what is
// wrong; what it replays was written, in order; nothing is lost unless it says so, but for a torn end; and it can be written on.
#include "base/check.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "fakes/random.hpp"
#include "store/journal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::store;
  fakes::SimDisk disk;
  fakes::NullLog log;
  fakes::SimEntropy entropy{fakes::Random(1)};
  JournalOptions options;
  options.segment_bytes = 2048;
  options.keep_segments = 1;
  BytesView rest(data, size);
  std::uint64_t next = 1, released = 0;
  const auto record = [](std::uint64_t n) { return JournalRecord{std::uint8_t(n), n, Bytes(n * 97 % 700, std::uint8_t(n))}; };
  for (int life = 0; life < 6; ++life) {
    auto opened = Journal::open(disk, entropy, log, options);
    DOS_CHECK(opened.has_value());
    auto& journal = **opened;
    const auto replayed = journal.replay();
    DOS_CHECK(replayed.has_value());
    std::uint64_t last = 0;
    for (const auto& r : *replayed) {
      DOS_CHECK(r.height > last && r.height < next && r.bytes == record(r.height).bytes);
      DOS_CHECK(last == 0 ? r.height <= released + 1 : r.height == last + 1);
      last = r.height;
    }
    DOS_CHECK(journal.intact() && journal.sound_from() == 0 && (last + 1 == next || (last == 0 && released + 1 == next)));
    while (!rest.empty() && rest[0] % 8 != 0) {
      const auto n = rest[0];
      rest = rest.subspan(1);
      if (n % 8 == 1 && next > 1) {
        released = std::max(released, std::uint64_t(n) * (next - 1) / 255);
        DOS_CHECK(journal.release(released).has_value());
      } else {
        std::vector<JournalRecord> group;
        for (int i = 0; i < n % 8 - 1; ++i) group.push_back(record(next + std::uint64_t(i)));
        if (group.empty()) continue;
        DOS_CHECK(journal.append(group).has_value());
        next += group.size();
      }
    }
    if (rest.size() < 4) break;
    const auto files = disk.files();
    const bool damage = rest[0] & 8;
    if (const auto& path = files[rest[1] % files.size()]; damage) {
      const auto at = (rest[2] | std::uint64_t(rest[3]) << 8) % std::max<std::uint64_t>(disk.size(path), 1);
      if (rest[0] & 16) disk.lose(path);
      else if (rest[0] & 32) disk.cut(path, at);
      else if (disk.size(path) > 0) disk.flip(path, at, std::uint8_t(rest[0] | 1));
    }
    rest = rest.subspan(4);
    if (damage) {  // opened once more; what is promised then is no longer known
      if (auto again = Journal::open(disk, entropy, log, options)) {
        if (auto all = (*again)->replay()) {
          std::uint64_t before = 0;
          for (std::size_t i = 0; i < all->size(); ++i) {
            const auto& r = (*all)[i];
            DOS_CHECK(r.height > before && r.height < next && r.bytes == record(r.height).bytes);
            // A hole is named, and lies before what is sound.
            if (before != 0 && r.height != before + 1) DOS_CHECK(!(*again)->intact() && i <= (*again)->sound_from());
            before = r.height;
          }
          DOS_CHECK((*again)->append(std::vector{record(next)}).has_value());
        }
      }
      return 0;
    }
  }
  return 0;
}
