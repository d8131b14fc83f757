// What stands between TLS and the bytes that are passed on: frames of a 4-byte head (length in 3 bytes little-endian, kind)
// and that many bytes (docs/spec/links.md). They carry the agreement on which link is kept, and pings; everything else is data, and where
// a data frame ends means nothing.
#pragma once
#include "base/bytes.hpp"

namespace dos::links {

enum class FrameKind : std::uint8_t {
  data = 0,
  ready = 1,  // first frame of the side with the larger key id: it accepted the other's key
  go = 2,     // first frame of the other: this link is the one that is kept
  ping = 3,
  pong = 4,
};
inline constexpr std::size_t kFrameHeadBytes = 4;
inline constexpr std::size_t kMaxFrameLength = (1u << 24) - 1;

ByteArray<kFrameHeadBytes> frame_head(FrameKind kind, std::size_t length);  // length <= kMaxFrameLength

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual bool frame_data(BytesView part) = 0;  // never empty; a frame may come in parts. false: stop reading
  virtual bool frame_control(FrameKind kind) = 0;
};

class FrameReader {
 public:
  // false: the sink said stop, or the bytes are malformed (an unknown kind, an empty data frame, a control frame with
  // content). Nothing more may be fed then.
  bool feed(BytesView bytes, FrameSink& sink);

 private:
  ByteArray<kFrameHeadBytes> head_{};
  std::size_t have_ = 0;  // of the head
  std::size_t left_ = 0;  // of the data
};

}  // namespace dos::links
