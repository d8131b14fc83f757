// Messages on a stream of bytes (docs/spec/wire.md, "Frames"):
//   "DOS" 0x01 | u16 number | u32 body bytes | u64 checksum | body = BCS(message)      integers little-endian
// checksum = the first 8 bytes of H(kFrame, number || body bytes || body). It finds faults of memory and software; against
// people the link itself is authenticated.
#pragma once
#include "net/message_table.hpp"

namespace dos::net {

inline constexpr std::size_t kFrameHeadBytes = 18;

struct Frame {
  std::uint16_t number = 0;
  BytesView body;  // valid until the reader's next call and while the slice it was given lives
};

Bytes encode_frame(std::uint16_t number, BytesView body);
// limit: the body is larger than its row allows.
template <class T>
Result<Bytes> encode_frame(const T& message) {
  const Bytes body = codec::encode(message);
  if (body.size() > MessageOf<T>::kMaxBytes)
    return fail(Errc::limit, "message " + std::to_string(MessageOf<T>::kNumber) + " has " + std::to_string(body.size()) + " bytes");
  return encode_frame(MessageOf<T>::kNumber, body);
}
Result<Bytes> encode_frame(const consensus::EngineMessage& message);
template <consensus::EngineBody T>
Result<Bytes> encode_frame(const T& message) {
  return encode_frame(consensus::EngineMessage(message));
}
Result<Bytes> encode_frame(const AnyMessage& message);
Frame frame_of(BytesView encoded);  // a view of what encode_frame made

// Cuts a stream into frames, whatever the slices it arrives in. Holds at most one frame, and never more than twice the bytes
// that have arrived of it. After an error the stream is lost: close the link.
class FrameReader {
 public:
  // Takes from the front of `slice` up to the end of one frame; none: the slice is used up and more is needed.
  // malformed, limit (an unknown number has limit 0). `only`: refuse every other number (before Hello), 0: none.
  Result<std::optional<Frame>> read(BytesView& slice, std::uint16_t only = 0);
  std::size_t held_bytes() const { return held_.capacity(); }

 private:
  Bytes held_;
  bool handed_out_ = false;  // held_ is a frame that was returned
};

}  // namespace dos::net
