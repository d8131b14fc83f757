// Frames in any pieces: never out of bounds, never a part of data longer than what was fed, the same data however they are cut.
#include "base/check.hpp"
#include "links/peer_frames.hpp"

namespace {
struct Sink final : dos::links::FrameSink {
  bool frame_data(dos::BytesView part) override {
    DOS_CHECK(!part.empty());
    dos::append(data, part);
    return true;
  }
  bool frame_control(dos::links::FrameKind kind) override {
    DOS_CHECK(kind != dos::links::FrameKind::data);
    data.push_back(std::uint8_t(kind));
    return true;
  }
  dos::Bytes data;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + bytes[0] % 16;
  const dos::BytesView stream(bytes + 1, size - 1);
  Sink whole, cut;
  dos::links::FrameReader a, b;
  const bool good = a.feed(stream, whole);
  bool same = true;
  for (dos::BytesView rest = stream; same && !rest.empty(); rest = rest.subspan(std::min(step, rest.size())))
    same = b.feed(rest.first(std::min(step, rest.size())), cut);
  DOS_CHECK(same == good && whole.data == cut.data);
  return 0;
}
