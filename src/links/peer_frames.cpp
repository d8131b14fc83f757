#include "links/peer_frames.hpp"

#include "base/check.hpp"

namespace dos::links {

ByteArray<kFrameHeadBytes> frame_head(FrameKind kind, std::size_t length) {
  DOS_CHECK(length <= kMaxFrameLength);
  return {std::uint8_t(length), std::uint8_t(length >> 8), std::uint8_t(length >> 16), std::uint8_t(kind)};
}

bool FrameReader::feed(BytesView bytes, FrameSink& sink) {
  while (!bytes.empty()) {
    if (left_ > 0) {
      const auto n = std::min(left_, bytes.size());
      left_ -= n;
      if (!sink.frame_data(bytes.first(n))) return false;
      bytes = bytes.subspan(n);
      continue;
    }
    const auto n = std::min(kFrameHeadBytes - have_, bytes.size());
    std::copy_n(bytes.begin(), n, head_.begin() + std::ptrdiff_t(have_));
    have_ += n;
    bytes = bytes.subspan(n);
    if (have_ < kFrameHeadBytes) return true;
    have_ = 0;
    const std::size_t length = head_[0] | std::size_t(head_[1]) << 8 | std::size_t(head_[2]) << 16;
    const auto kind = FrameKind(head_[3]);
    if (kind > FrameKind::pong || (length == 0) == (kind == FrameKind::data)) return false;
    if (kind == FrameKind::data) left_ = length;
    else if (!sink.frame_control(kind)) return false;
  }
  return true;
}

}  // namespace dos::links
