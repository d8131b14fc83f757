// Paths with revisions: what parses has valid names only, and its text parses to the same.
#include "client/files/dos_path.hpp"
#include "modules/fs/formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const auto spec = client::parse_path_spec(as_text(BytesView(data, size)), "me");
  if (!spec) return 0;
  for (const auto& name : spec->path.components)
    if (!fs::valid_name(name)) __builtin_trap();
  const auto again = client::parse_path(spec->path.text(), "me");
  if (!again || again->components != spec->path.components) __builtin_trap();
  return 0;
}
