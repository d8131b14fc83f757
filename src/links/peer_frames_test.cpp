#include "links/peer_frames.hpp"

#include <gtest/gtest.h>

namespace dos::links {
namespace {

struct Taken final : FrameSink {
  bool frame_data(BytesView part) override {
    append(data, part);
    return true;
  }
  bool frame_control(FrameKind kind) override {
    controls.push_back(kind);
    return kind != FrameKind::go;
  }
  Bytes data;
  std::vector<FrameKind> controls;
};
Bytes framed(FrameKind kind, BytesView content) {
  const auto head = frame_head(kind, content.size());
  Bytes out(head.begin(), head.end());
  append(out, content);
  return out;
}

TEST(PeerFrames, arrive_the_same_however_they_are_cut) {
  Bytes stream = framed(FrameKind::ready, {});
  append(stream, framed(FrameKind::data, as_bytes("one")));
  append(stream, framed(FrameKind::ping, {}));
  append(stream, framed(FrameKind::data, Bytes(70'000, 7)));
  append(stream, framed(FrameKind::pong, {}));
  for (std::size_t cut : {1u, 2u, 3u, 5u, 4096u, 100'000u}) {
    FrameReader reader;
    Taken taken;
    for (BytesView rest = stream; !rest.empty(); rest = rest.subspan(std::min(cut, rest.size())))
      ASSERT_TRUE(reader.feed(rest.first(std::min(cut, rest.size())), taken));
    ASSERT_EQ(taken.data.size(), 70'003u);
    EXPECT_EQ(as_text(BytesView(taken.data).first(3)), "one");
    EXPECT_EQ(taken.controls, (std::vector{FrameKind::ready, FrameKind::ping, FrameKind::pong}));
  }
}

TEST(PeerFrames, unknown_kinds_empty_data_and_controls_with_content_are_malformed) {
  for (const Bytes& wrong : {Bytes{0, 0, 0, 5}, Bytes{0, 0, 0, 255}, Bytes{0, 0, 0, 0}, Bytes{1, 0, 0, 3, 9}}) {
    FrameReader reader;
    Taken taken;
    EXPECT_FALSE(reader.feed(wrong, taken));
  }
}

TEST(PeerFrames, the_sink_stops_the_reader) {
  FrameReader reader;
  Taken taken;
  Bytes stream = framed(FrameKind::go, {});
  append(stream, framed(FrameKind::data, as_bytes("late")));
  EXPECT_FALSE(reader.feed(stream, taken));
  EXPECT_TRUE(taken.data.empty());
}

}  // namespace
}  // namespace dos::links
