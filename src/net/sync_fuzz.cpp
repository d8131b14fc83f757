// Catching up among peers that answer anything: blocks are handed up one after the other and each once, memory is bounded by
// the spans, and with one honest peer everything arrives in the end.
#include "net/block_sync.hpp"
#include "net/fuzz_world.hpp"

using namespace dos;
using namespace dos::net;

namespace {

constexpr std::uint64_t kTip = 300;

FinalBlock block_at(Height height) {
  FinalBlock b;
  b.anchor.header.height = height;
  b.payload = to_bytes(as_bytes(std::to_string(height.value)));
  return b;
}

struct Chain final : SyncTarget {
  fuzz::World world;
  Height last;
  bool disk_fails = false;
  BlockSync sync{world, world, *this};
  std::vector<std::pair<std::uint16_t, GetRange>> asks;

  Status adopt(std::uint16_t, FinalBlock block) override {
    DOS_CHECK(block.anchor.header.height.value == last.value + 1);
    if (disk_fails) return fail(Errc::disk, "gone");
    if (block.payload != block_at(block.anchor.header.height).payload) return fail(Errc::proof_invalid, "another block");
    ++last.value;
    return {};
  }
  void sort_sent() {
    for (auto& [to, message] : world.sent) {
      const auto& ask = std::get<GetRange>(message);
      DOS_CHECK(ask.from.value > last.value && ask.count <= kMaxRangeBlocks);
      asks.emplace_back(to, ask);
    }
    world.sent.clear();
  }
  void answer(std::uint16_t from, const GetRange& ask, unsigned lie, std::uint8_t how) {
    auto range = answer_range(
        ask, [](Height h) -> Result<std::optional<FinalBlock>> { return h.value <= kTip ? std::optional(block_at(h)) : std::nullopt; });
    DOS_CHECK(range.has_value());
    auto& blocks = range->blocks;
    if (lie == 1) blocks.clear();
    if (lie == 2 && !blocks.empty()) blocks.resize(how % blocks.size());
    if (lie == 3 && !blocks.empty()) blocks[how % blocks.size()].payload.push_back(1);
    if (lie == 4 && !blocks.empty()) ++blocks[how % blocks.size()].anchor.header.height.value;
    if (lie == 5) blocks.push_back(block_at(Height{ask.from.value + blocks.size()}));
    if (lie == 6) ++range->from.value;
    sync.received(from, std::move(*range));
  }
  void wake() {
    sync.wake();
    sort_sent();
  }
};

void step(Chain& c, const fuzz::Step& s) {
  switch (s.what % 8) {
    case 0: c.sync.catch_up(s.who, s.number == 255 ? Height{UINT64_MAX} : Height{s.number * 2u}, c.last); break;
    case 1:
    case 2:
    case 3:
      if (!c.asks.empty()) {
        const auto at = c.asks.begin() + std::ptrdiff_t(s.number % c.asks.size());
        const auto [from, ask] = *at;
        if ((s.what & 0x40) == 0) c.asks.erase(at);
        c.answer(from, ask, s.what % 8 == 1 ? 0 : 1 + s.number % 6, s.more.empty() ? 0 : s.more[0]);
      }
      break;
    case 4:
      c.world.up.erase(s.who);
      c.sync.peer_down(s.who);
      break;
    case 5: c.world.up.insert(s.who); break;
    case 6: c.world.now += std::uint64_t(s.number) * 50'000'000; break;
    default:
      if (s.number & 1) c.sync.advanced(c.last = Height{std::max(c.last.value, s.number * 1ul)});
      if (auto m = codec::decode<Range>(s.more)) c.sync.received(s.who, std::move(*m));
      c.disk_fails = (s.number & 6) == 6;
  }
  c.sort_sent();
  c.wake();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Chain c;
  BytesView rest(data, size);
  for (int n = 0; n < 400; ++n) {
    const auto s = fuzz::next_step(rest);
    if (!s) break;
    step(c, *s);
  }
  c.disk_fails = false;
  for (const std::uint16_t liar : {1, 2, 3}) c.world.up.erase(liar), c.sync.peer_down(liar);
  std::erase_if(c.asks, [](const auto& a) { return a.first != fuzz::kHonest; });
  for (int round = 0; round < 2000 && c.last.value < kTip; ++round) {
    // Every status that comes says it again; whoever had been dropped is taken back once a sync is over.
    c.sync.catch_up(fuzz::kHonest, Height{kTip}, c.last);
    c.sort_sent();
    for (auto asks = std::exchange(c.asks, {}); const auto& [from, ask] : asks) c.answer(from, ask, 0, 0);
    c.sort_sent();
    c.wake();
    if (const auto due = c.sync.deadline_ns(); c.asks.empty() && due) c.world.now = std::max(c.world.now, *due);
  }
  DOS_CHECK(c.last.value >= kTip);
  return 0;
}
