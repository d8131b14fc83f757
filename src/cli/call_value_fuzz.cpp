// Calls as people type them, and what calls return as it is shown: refused with a reason, or bytes that are the one encoding of the
// call's types; what is shown of them is JSON, and typed again gives the same bytes. Beside it, amounts, times and base64.
#include "base/check.hpp"
#include "base/shown_text.hpp"
#include "base/text.hpp"
#include "cli/call_args.hpp"
#include "cli/run.hpp"

namespace {
using namespace dos;
using namespace dos::cli;

const std::vector<FoundCall>& calls() {
  static const auto all = all_calls();
  return all;
}

ValueSource source() {
  return {TimeMs{1'700'000'000'000}, [](const std::string&) -> Result<ByteArray<16>> { return ByteArray<16>{}; }};
}

std::string typed(const Json& shown) { return shown.is_null() ? "none" : shown.is_string() ? shown.get<std::string>() : shown.dump(); }

// `bytes` hold one value after the other for `fields`. Whatever can be shown and typed again is the same.
void shown(const std::vector<ValueField>& fields, BytesView bytes, bool must) {
  codec::Decoder in(bytes);
  for (const auto& f : fields) {
    const auto from = in.position();
    const auto value = show_value(f.type, in);
    DOS_CHECK(value || !must);
    if (!value) return;
    DOS_CHECK(Json::accept(value->dump()));
    const auto again = parse_value(f, typed(*value), source());
    DOS_CHECK(again || !must);
    if (again) DOS_CHECK(equal(again->bcs, bytes.subspan(from, in.position() - from)));
  }
  DOS_CHECK(in.done() || !must);
}

void words(std::string_view text) {
  if (const auto micro = parse_credits(text)) {
    const auto back = parse_credits(shown_credits(*micro));
    DOS_CHECK(back && *back == *micro);
  }
  if (const auto time = parse_duration(text)) DOS_CHECK(time->count() >= 0 && time->count() <= 1'000'000'000'000'000);
  Bytes raw;
  if (unbase64(text, raw)) DOS_CHECK(base64(raw) == text);
  DOS_CHECK(shown_as_it_is(safe(text)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto& call = calls()[data[1] % calls().size()];
  const BytesView rest(data + 2, size - 2);
  const auto fields = parse_fields(call.row.args, call.records);
  DOS_CHECK(fields.has_value());
  if (data[0] % 3 == 0) {
    shown(*fields, rest, false);
    (void)show_returns(call, rest);
    return 0;
  }
  const std::string text(as_text(rest));
  words(text);
  if (text.find('@') != std::string::npos) return 0;  // would read the host's files
  std::vector<std::string> args(1);
  for (const char c : text)
    if (c == '\x1f') args.emplace_back();
    else args.back() += c;
  if (data[0] % 3 == 1) {
    CallSetting setting;
    setting.sender = "me";
    setting.source = source();
    setting.find = [](BytesView key) -> Result<std::optional<client::StoredObject>> {
      DOS_CHECK(ledger::well_formed_key(key));
      if (key.back() & 1) return std::optional<client::StoredObject>();
      return std::optional(client::StoredObject{Version{9}, {}});
    };
    const auto drafted = draft_call(call, args, setting);
    if (!drafted) DOS_CHECK(!drafted.error().detail.empty());
    return 0;
  }
  const auto& field = (*fields)[size % fields->size()];
  if (const auto value = parse_value(field, text, source())) shown({field}, value->bcs, true);
  return 0;
}
