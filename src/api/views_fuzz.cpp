// What a node shows people, of whatever the state, the ledger or another validator holds: always JSON, and on the page nothing of it
// becomes markup.
#include "api/exchange.hpp"
#include "api/json_parts.hpp"
#include "api/object_views.hpp"
#include "base/check.hpp"
#include "ledger/wire.hpp"

namespace {
using namespace dos;

void is_json(const api::Json& j) { DOS_CHECK(nlohmann::json::accept(api::dump(j))); }

template <class T>
void view(BytesView in) {
  if (const auto v = codec::decode<T>(in)) is_json(api::view(*v));
}
template <class T>
void text(BytesView in) {
  if (const auto v = codec::decode<T>(in)) DOS_CHECK(nlohmann::json::accept(api::json_of(*v)));
}

void object(BytesView in) {
  if (in.size() < 4) return;
  // Known kinds of objects first in their keys, then any meta or data.
  constexpr std::pair<std::uint16_t, char> kKinds[] = {{3, 'e'}, {3, 't'}, {4, 'm'}, {2, 'p'}, {1, 'a'}, {0, 'm'}, {0, 'p'}, {3, 'x'}};
  const auto& [module, kind] = kKinds[in[0] % std::size(kKinds)];
  proof::Leaf leaf;
  append_be(leaf.key, module);
  leaf.key.push_back(std::uint8_t(kind));
  append(leaf.key, in.subspan(4, std::min<std::size_t>(in.size() - 4, in[1] % 40)));
  leaf.version.value = in[2] * 0x0101010101010101ull;
  leaf.paid_until = TimeMs{in[3] * 0x0101010101010101ull};
  leaf.meta = to_bytes(in.subspan(4));
  is_json(api::view_object(leaf, std::nullopt));
  is_json(api::view_object(leaf, to_bytes(in.subspan(4))));
  if (const auto any = codec::decode<proof::Leaf>(in)) is_json(api::view_object(*any, to_bytes(in)));
}

std::size_t tags(const std::string& page) { return std::size_t(std::ranges::count(page, '<')); }

void page(BytesView in) {
  const std::string word(as_text(in));
  const auto with = [](const std::string& w, std::uint64_t n) {
    api::NodeStatus s;
    s.validator = s.version = s.network = s.why_not = w;
    s.validators.push_back({w});
    api::RecentBlock block;
    block.height = Height{n};
    return api::status_page(s, {block});
  };
  const auto shown = with(word, in.size());
  DOS_CHECK(tags(shown) == tags(with(word.empty() ? "" : "a", in.size())));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0: object(in); break;
    case 1: page(in); break;
    case 2:
      view<ledger::Anchor>(in);
      view<ledger::Receipt>(in);
      break;
    default:
      text<ledger::BlobManifest>(in);
      text<ledger::SubmitAnswer>(in);
      text<ledger::StoredAnswer>(in);
  }
  return 0;
}
