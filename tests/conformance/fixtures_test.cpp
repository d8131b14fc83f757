// One line for each sample of each structure, in a file for each table: its name and its bytes in hex. A line that differs is a changed
// format; `./dev bless` (DOS_BLESS=1) writes the files anew, and CHANGES.md says why.
#include <gtest/gtest.h>

#include "tests/conformance/page.hpp"

namespace dos::conformance {
namespace {

std::string path_of(const Table& t) { return "tests/conformance/fixtures/" + t.file + ".txt"; }

TEST(Fixtures, samples_survive_their_encoding) {
  for (const auto& t : tables())
    for (const auto& f : t.rows)
      for (const auto& s : f.samples()) EXPECT_TRUE(s.whole) << s.name;
}

TEST(Fixtures, are_those_that_are_pinned) {
  for (const auto& t : tables()) {
    std::string text;
    for (const auto& f : t.rows)
      for (const auto& s : f.samples()) text += s.name + ": " + hex(s.bytes) + "\n";
    if (blessed(path_of(t), text)) continue;
    const auto now = lines_of(text), pinned = lines_of(read_text(path_of(t)));
    EXPECT_EQ(now.size(), pinned.size()) << path_of(t) << ": a row is missing or too many; ./dev bless";
    for (const auto& [name, bytes] : now) {
      const auto at = pinned.find(name);
      EXPECT_TRUE(at != pinned.end() && at->second == bytes)
          << name << " has changed or is not pinned; if on purpose: ./dev bless, and CHANGES.md";
    }
    ADD_FAILURE() << path_of(t) << " is not what the samples give";
  }
}

TEST(Fixtures, decode_as_they_are_pinned) {
  for (const auto& t : tables()) {
    const auto pinned = lines_of(read_text(path_of(t)));
    for (const auto& f : t.rows) {
      std::size_t lines = 0;
      for (const auto& [name, text] : pinned) {
        if (!name.starts_with(f.name + " ")) continue;
        ++lines;
        Bytes bytes;
        ASSERT_TRUE(unhex(text, bytes)) << name;
        EXPECT_TRUE(f.decodes(bytes)) << name;
      }
      EXPECT_GT(lines, 0u) << f.name << " has no fixture";
    }
  }
}

}  // namespace
}  // namespace dos::conformance
