#include "net/framing.hpp"

#include "base/check.hpp"

namespace dos::net {
namespace {

constexpr std::uint8_t kMagic[4] = {'D', 'O', 'S', 1};
constexpr std::size_t kNamedAt = 4, kNamedBytes = 6, kChecksumAt = 10, kChecksumBytes = 8;
constexpr std::size_t kKeptBytes = 64 * 1024;  // of the buffer between frames

Hash checksum(BytesView named, BytesView body) {
  crypto::Hasher h(crypto::domain::kFrame);
  h.update(named);
  h.update(body);
  return h.finish();
}

struct Head {
  std::uint16_t number = 0;
  std::uint32_t body_bytes = 0;
};

Result<Head> read_head(BytesView head, std::uint16_t only) {
  if (!equal(head.first(sizeof kMagic), kMagic)) return fail(Errc::malformed, "not a frame of this protocol");
  codec::Decoder d(head.subspan(kNamedAt, kNamedBytes));
  Head h;
  h.number = d.integer<std::uint16_t>();
  h.body_bytes = d.integer<std::uint32_t>();
  const auto* row = message_row(h.number);
  if (row == nullptr || (only != 0 && h.number != only))
    return fail(Errc::malformed, "message " + std::to_string(h.number) + (row ? " before Hello" : " is unknown"));
  if (h.body_bytes > row->max_bytes)
    return fail(Errc::limit,
                std::string(row->name) + " of " + std::to_string(h.body_bytes) + " bytes, at most " + std::to_string(row->max_bytes));
  return h;
}

}  // namespace

Bytes encode_frame(std::uint16_t number, BytesView body) {
  codec::Encoder e;
  e.out.reserve(kFrameHeadBytes + body.size());
  e.raw(kMagic);
  e.integer(number);
  e.integer(std::uint32_t(body.size()));
  const Hash sum = checksum(BytesView(e.out).subspan(kNamedAt, kNamedBytes), body);
  e.raw(sum.view().first(kChecksumBytes));
  e.raw(body);
  return std::move(e.out);
}

Result<Bytes> encode_frame(const consensus::EngineMessage& message) {
  const auto* row = message_row(message.kind);
  DOS_CHECK(row != nullptr && of_engine(message.kind));  // an engine's table says so (consensus/engines.hpp)
  if (message.body.size() > row->max_bytes)
    return fail(Errc::limit, "message " + std::to_string(message.kind) + " has " + std::to_string(message.body.size()) + " bytes");
  return encode_frame(message.kind, message.body);
}

Result<Bytes> encode_frame(const AnyMessage& message) {
  return std::visit(
      [](const auto& m) -> Result<Bytes> {
        if constexpr (std::is_same_v<std::decay_t<decltype(m)>, std::monostate>) {
          DOS_CHECK(false);  // a caller of ours handed over nothing
          return fail(Errc::internal, "");
        } else {
          return encode_frame(m);
        }
      },
      message);
}

Frame frame_of(BytesView encoded) {
  return {std::uint16_t(encoded[kNamedAt] | encoded[kNamedAt + 1] << 8), encoded.subspan(kFrameHeadBytes)};
}

Result<std::optional<Frame>> FrameReader::read(BytesView& slice, std::uint16_t only) {
  if (handed_out_) {
    handed_out_ = false;
    held_.clear();
    if (held_.capacity() > kKeptBytes) held_ = Bytes();
  }
  // What is held is brought to a whole head, then to a whole frame. A frame that lies whole in the slice is not copied.
  const auto fill = [&](std::size_t upto) {
    const std::size_t n = std::min(upto - held_.size(), slice.size());
    append(held_, slice.first(n));
    slice = slice.subspan(n);
    return held_.size() == upto;
  };
  BytesView whole;
  if (held_.empty() && slice.size() >= kFrameHeadBytes) {
    DOS_ASSIGN(const auto head, read_head(slice, only));
    const std::size_t bytes = kFrameHeadBytes + head.body_bytes;
    if (slice.size() >= bytes) {
      whole = slice.first(bytes);
      slice = slice.subspan(bytes);
    }
  }
  if (whole.empty()) {
    if (held_.size() < kFrameHeadBytes && !fill(kFrameHeadBytes)) return std::optional<Frame>{};
    DOS_ASSIGN(const auto head, read_head(held_, only));
    if (!fill(kFrameHeadBytes + head.body_bytes)) return std::optional<Frame>{};
    whole = held_;
    handed_out_ = true;
  }
  const BytesView named = whole.subspan(kNamedAt, kNamedBytes), body = whole.subspan(kFrameHeadBytes);
  if (!equal(whole.subspan(kChecksumAt, kChecksumBytes), checksum(named, body).view().first(kChecksumBytes)))
    return fail(Errc::malformed, "a frame's checksum does not fit its bytes");
  return std::optional(Frame{std::uint16_t(named[0] | named[1] << 8), body});
}

}  // namespace dos::net
