#include "client/calls/access_template.hpp"

#include <algorithm>
#include <charconv>

#include "base/shown_text.hpp"
#include "client/trust/words.hpp"
#include "modules/fs/new_id.hpp"

namespace dos::client {
namespace {

std::string safe(std::string_view text) { return shown_text(text, kMaxShownWord); }

// Splits at `separator`, but not inside the quotes of a byte ("' '", "';'").
std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::string part;
  const auto keep = [&] {
    if (const auto a = part.find_first_not_of(' '); a != std::string::npos)
      out.push_back(part.substr(a, part.find_last_not_of(' ') - a + 1));
    part.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool quoted = text[i] == '\'' && i + 2 < text.size() && text[i + 2] == '\'';
    if (quoted) part += text.substr(i, 3), i += 2;
    else if (text[i] == separator) keep();
    else part += text[i];
  }
  keep();
  return out;
}

struct Item {
  std::string text, kind;
  Bytes key;
  Credits amount;
};

class Template {
 public:
  explicit Template(const CallFacts& facts) : facts_(facts) {}

  Result<std::vector<Item>> items(const std::string& text) {
    std::vector<Item> out;
    for (const auto& item : parts_of(text, ';')) {
      DOS_ASSIGN(auto read, one(item));
      if (!read) continue;
      const auto directory = directory_of(*read);
      out.push_back(std::move(*read));
      if (directory) DOS_TRY(climb(*directory, out));
    }
    return out;
  }

 private:
  static std::unexpected<Error> bad(const std::string& item, const std::string& what) {
    return fail(Errc::usage, "access '" + safe(item) + "': " + what);
  }

  // None: the item speaks of an option that was not given.
  Result<std::optional<Item>> one(const std::string& item) {
    static constexpr std::string_view kKinds[] = {"exact",  "latest", "latest_range", "read",   "absent",
                                                  "append", "range",  "debit",        "deposit"};
    const auto parts = parts_of(item, ' ');
    Item out{item, parts[0], {}, {}};
    if (std::ranges::find(kKinds, out.kind) == std::end(kKinds))
      return bad(item, "it starts with exact, latest, latest_range, read, absent, append, range, debit or deposit");
    if (parts.size() < 2) return bad(item, "it names no key");
    auto pieces = std::vector<std::string>(parts.begin() + 1, parts.end());
    std::uint16_t module = facts_.module;
    bool whole = pieces[0].starts_with("0x");  // a key as it is, with its module's number
    if (pieces[0] == "{key}" && pieces.size() == 1) whole = true;
    if (pieces[0] == "id." || pieces[0] == "credit.") {
      module = pieces[0] == "id." ? ledger::kIdModule : ledger::kCreditModule;
      pieces.erase(pieces.begin());
    }
    if (out.kind == "debit") {
      if (pieces.size() < 2) return bad(item, "a debit ends with its amount");
      DOS_ASSIGN(out.amount, amount(pieces.back()));
      pieces.pop_back();
    }
    if (!whole) out.key = ledger::module_key(module);
    else if (out.kind == "debit" || out.kind == "deposit") out.key = {};
    for (const auto& p : pieces) {
      DOS_ASSIGN(const auto bytes, piece(p, item));
      if (!bytes) return std::nullopt;
      append(out.key, *bytes);
    }
    if (!ledger::well_formed_key(out.key)) return bad(item, "no object has a key of " + std::to_string(out.key.size()) + " bytes");
    return out;
  }

  Result<Credits> amount(const std::string& p) const {
    if (const auto* v = argument(p); v != nullptr && v->key.size() == 8) return Credits{v->number};
    DOS_ASSIGN(const auto micro, parse_credits(p));
    return Credits{micro};
  }

  const CallArgument* argument(const std::string& p) const {
    if (p.size() < 3 || p.front() != '{' || p.back() != '}') return nullptr;
    const auto it = facts_.arguments.find(p.substr(1, p.size() - 2));
    return it == facts_.arguments.end() ? nullptr : &it->second;
  }

  Result<std::optional<Bytes>> piece(const std::string& p, const std::string& item) {
    if (p.size() == 3 && p[0] == '\'' && p[2] == '\'') return Bytes{std::uint8_t(p[1])};
    if (p == "0") return Bytes{0};
    if (p.starts_with("0x")) {
      Bytes b;
      if (!unhex(std::string_view(p).substr(2), b)) return bad(item, "'" + safe(p) + "' is not hex");
      return b;
    }
    if (const auto* v = argument(p)) {
      if (v->absent) return std::nullopt;
      return v->key;
    }
    if (p.size() < 3 || p.front() != '{' || p.back() != '}') return bad(item, "'" + safe(p) + "' is no piece of a key");
    return derived(p.substr(1, p.size() - 2), item);
  }

  Result<std::optional<Bytes>> derived(const std::string& name, const std::string& item) {
    if (name == "sender") return to_bytes(facts_.sender);
    if (name == "faucet") return to_bytes(std::string_view(ledger::kFaucetPurse));
    if (name == "new") return bytes_of(fs::new_id(facts_.sender, Hash{fixed<32>("salt")}));
    if (name == "home") {
      DOS_ASSIGN(const auto home, entry(fs::entry_key(fs::kRoot, "home"), "/home"));
      return bytes_of(home.meta.id);
    }
    if (name == "id" || name == "version" || name == "revision") {
      const auto dir = fixed<16>("dir");
      const auto file = text("name");
      const auto* removed = find("version");
      DOS_ASSIGN(const auto e,
                 entry(removed != nullptr ? fs::removed_key(dir, file, Version{removed->number}) : fs::entry_key(dir, file), file));
      if (name == "id") return bytes_of(e.meta.id);
      Bytes out;
      if (name == "version") append_be(out, e.version.value);
      else append_be(out, e.meta.revision);
      return out;
    }
    std::uint32_t number = 0;
    if (const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
        wrong == std::errc() && end == name.data() + name.size()) {
      Bytes out;
      append_be(out, number);
      return out;
    }
    if (name.ends_with("+1") || name.ends_with("-1")) {
      if (const auto* v = find(name.substr(0, name.size() - 2)); v != nullptr && v->key.size() == 4) {
        Bytes out;
        append_be(out, std::uint32_t(v->number + (name.ends_with("+1") ? 1u : ~0u)));
        return out;
      }
    }
    return bad(item, "nothing here is called {" + safe(name) + "}");
  }

  static Bytes bytes_of(const ByteArray<16>& id) { return Bytes(id.begin(), id.end()); }
  const CallArgument* find(const std::string& name) const {
    const auto it = facts_.arguments.find(name);
    return it == facts_.arguments.end() ? nullptr : &it->second;
  }
  template <std::size_t N>
  ByteArray<N> fixed(const std::string& name) const {
    ByteArray<N> out{};
    if (const auto* v = find(name); v != nullptr && v->key.size() == N) std::copy(v->key.begin(), v->key.end(), out.begin());
    return out;
  }
  std::string text(const std::string& name) const {
    const auto* v = find(name);
    return v == nullptr ? std::string() : std::string(as_text(v->key));
  }

  struct Found {
    fs::EntryMeta meta;
    Version version;
  };
  Result<Found> entry(Bytes key, const std::string& shown) {
    DOS_ASSIGN(const auto object, facts_.find(key));
    if (!object) return fail(Errc::not_found, "there is no '" + safe(shown) + "' in that folder");
    DOS_ASSIGN(auto meta, codec::decode<fs::EntryMeta>(object->meta, "an entry"));
    return Found{std::move(meta), object->version};
  }

  // Rights come from the folders above: whoever reads one reads all of them up to the root.
  static std::optional<fs::Id> directory_of(const Item& item) {
    const auto prefix = fs::directory_key(fs::Id{});
    if (item.kind != "read" || item.key.size() != prefix.size() || !starts_with(item.key, BytesView(prefix).first(3))) return std::nullopt;
    fs::Id id{};
    std::copy(item.key.begin() + 3, item.key.end(), id.begin());
    return id;
  }
  Status climb(fs::Id id, std::vector<Item>& out) {
    for (int depth = 0; id != fs::kRoot; ++depth) {
      if (depth == 64) return fail(Errc::limit, "the folder lies deeper than 64 folders");
      DOS_ASSIGN(const auto object, facts_.find(fs::directory_key(id)));
      if (!object) return {};  // the call says that it is not there
      DOS_ASSIGN(const auto meta, codec::decode<fs::DirectoryMeta>(object->meta, "a directory"));
      id = meta.parent;
      out.push_back({"", "read", fs::directory_key(id), {}});
    }
    return {};
  }

  const CallFacts& facts_;
};

Status declare_accesses(const std::string& text, const CallFacts& facts, Draft& draft) {
  DOS_ASSIGN(const auto items, Template(facts).items(text));
  const auto named = [&](std::string_view kind, const Bytes& key) {
    return std::ranges::any_of(items, [&](const Item& i) { return i.kind == kind && i.key == key; });
  };
  for (const auto& item : items) {
    // "latest K; absent K": the call makes K or changes it; which, the present state says.
    if (item.kind == "latest" && named("absent", item.key)) {
      DOS_ASSIGN(const auto object, facts.find(item.key));
      if (object) draft.latest(item.key);
      else draft.absent(item.key);
    } else if (item.kind == "absent") {
      if (named("latest", item.key)) continue;
      DOS_ASSIGN(const auto object, facts.find(item.key));
      if (object) return fail(Errc::conflict, "what the call would make is there already (" + safe(item.text) + ")");
      draft.absent(item.key);
    } else if (item.kind == "exact") {
      DOS_ASSIGN(const auto object, facts.find(item.key));
      if (object) draft.exact(item.key, object->version);
      else draft.read(item.key, Version{});  // seen to be absent; what that means the call says
    } else if (item.kind == "latest") {
      draft.latest(item.key);
    } else if (item.kind == "latest_range") {
      draft.access({ledger::LatestRange{item.key}});
    } else if (item.kind == "read") {
      draft.read(item.key);
    } else if (item.kind == "append") {
      draft.append(item.key);
    } else if (item.kind == "range") {
      draft.range(item.key);
    } else if (item.kind == "debit") {
      draft.debit(item.key, item.amount);
    } else {
      draft.deposit(item.key);
    }
  }
  return {};
}

}  // namespace

Result<Draft> make_call(const ledger::CallRow& row, const CallFacts& facts, const std::string& more, Bytes arguments) {
  Draft draft;
  draft.told = "calls " + row.name;
  DOS_TRY(declare_accesses(row.access + ";" + more, facts, draft));
  draft.call_bytes(facts.module, row.number, std::move(arguments));
  return draft;
}

Result<std::optional<StoredObject>> find_object(Session& session, BytesView key) {
  ledger::StateQuery query;
  query.items.push_back(ledger::KeyItem{to_bytes(key), false});
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  DOS_ASSIGN(const auto* record, answer.view.find(key));
  if (record == nullptr) return std::optional<StoredObject>();
  return StoredObject{record->leaf.version, record->leaf.meta};
}

}  // namespace dos::client
