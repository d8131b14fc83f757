#include "api/object_views.hpp"

#include "base/text.hpp"
#include "ledger/call_table.hpp"
#include "modules/fs/walk.hpp"
#include "modules/msg/calls.hpp"

namespace dos::api {
namespace {

Json entry_view(const fs::EntryMeta& m, const proof::Leaf& leaf) {
  Json readers = Json::array();
  for (const auto& g : m.grants)
    if (g.rights & fs::kRead) readers.push_back(g.account);
  return {{"type", m.type == fs::EntryType::file ? "file" : "dir"},
          {"size", m.bytes},
          {"padded", !m.is_public},
          {"hash", "b3:" + hex(m.hash.view())},
          {"revision", m.revision},
          {"version", u64(leaf.version.value)},
          {"owner", m.owner},
          {"readers", readers},
          {"modified", time_text(m.modified)},
          {"public", m.is_public},
          {"id", hex(m.id)}};
}

void add_account(Json& j, const ledger::Account& a) {
  Json permissions = Json::array();
  for (const auto& p : a.permissions) {
    Json keys = Json::array();
    for (const auto& k : p.keys)
      keys.push_back({{"id", hex(crypto::key_id(k.key).view())}, {"type", unsigned(k.key.type)}, {"weight", k.weight}});
    Json accounts = Json::array();
    for (const auto& other : p.accounts)
      accounts.push_back({{"account", other.account}, {"permission", other.permission}, {"weight", other.weight}});
    permissions.push_back({{"name", p.name}, {"threshold", p.threshold}, {"keys", keys}, {"accounts", accounts}});
  }
  Json encryption = Json::array();
  for (const auto& e : a.encryption) encryption.push_back({{"epoch", e.epoch}, {"id", hex(crypto::key_id(e.key).view())}});
  j["account"] = {{"permissions", permissions}, {"encryption", encryption}, {"development", a.development}};
}

// Adds what a known format says; bytes that do not decode stay as they are.
void add_known(Json& j, const proof::Leaf& leaf, const std::optional<Bytes>& data) {
  if (leaf.key.size() < 3) return;
  const auto module = ledger::key_module(leaf.key);
  const char kind = char(leaf.key[2]);
  if (module == ledger::kFsModule && (kind == 'e' || kind == 't')) {
    if (auto m = codec::decode<fs::EntryMeta>(leaf.meta)) j["entry"] = entry_view(*m, leaf);
  } else if (module == ledger::kMsgModule && kind == 'm') {
    if (auto m = codec::decode<msg::MessageMeta>(leaf.meta))
      j["message"] = {{"id", hex(m->id)}, {"from", m->from}, {"time", time_text(m->time)}, {"size_class", m->size_class}};
  } else if (data && module == ledger::kCreditModule && kind == 'p') {
    if (auto p = codec::decode<ledger::Purse>(*data)) j["credits"] = credits(p->balance);
  } else if (data && module == ledger::kIdModule && kind == 'a') {
    if (auto a = codec::decode<ledger::Account>(*data)) add_account(j, *a);
  } else if (data && module == ledger::kSystemModule && kind == 'm') {
    if (auto m = codec::decode<ledger::ModuleRecord>(*data)) {
      Json calls = Json::array();
      if (auto rows = codec::decode<std::vector<ledger::CallRow>>(m->table))
        for (const auto& r : *rows)
          calls.push_back({{"number", r.number},
                           {"name", r.name},
                           {"args", r.args},
                           {"returns", r.returns},
                           {"permission", r.permission},
                           {"access", r.access},
                           {"gas", u64(r.gas)},
                           {"effect", r.effect},
                           {"summary", r.sentence}});
      j["module"] = {{"name", m->name}, {"code", hex(m->code.view())}, {"bytes", u64(m->code_bytes)}, {"abi", m->abi}, {"calls", calls}};
    }
  } else if (data && module == ledger::kSystemModule && kind == 'p') {
    if (auto p = codec::decode<ledger::Params>(*data))
      j["params"] = {{"vm", p->vm},
                     {"gas_price", u64(p->gas_price)},
                     {"byte_price", u64(p->byte_price)},
                     {"rent_per_mib_year", u64(p->rent_per_mib_year)},
                     {"min_call_gas", u64(p->min_call_gas)},
                     {"block_gas", u64(p->block_gas)},
                     {"max_transaction_gas", u64(p->max_transaction_gas)},
                     {"block_bytes", p->block_bytes},
                     {"default_rent_ms", u64(p->default_rent_ms)},
                     {"faucet_per_block", credits(Credits{p->faucet_per_block})},
                     {"sponsor_per_block", credits(Credits{p->sponsor_per_block})}};
  }
}

Result<Json> directory_items(const proof::View& v, const fs::Id& dir, const ledger::PathItem& item) {
  Bytes after;
  if (!item.after.empty()) after = fs::entry_key(dir, item.after);
  const Bytes prefix = fs::entry_prefix(dir);
  DOS_ASSIGN(const auto range, v.range(prefix, after, item.limit));
  Json items = Json::array();
  std::string last;
  for (const auto* r : range.items) {
    last = std::string(as_text(BytesView(r->leaf.key).subspan(prefix.size())));
    Json entry{{"name", last}};
    if (auto m = codec::decode<fs::EntryMeta>(r->leaf.meta)) entry.update(entry_view(*m, r->leaf));
    items.push_back(std::move(entry));
  }
  Json j{{"items", items}, {"complete", !range.more}};
  j["next"] = range.more ? Json(last) : Json(nullptr);
  return j;
}

struct PathSteps {  // to the end of a path, by what the view proves
  const proof::View& view;
  Json shown;  // the last entry
  std::string path = "/";
  fs::Id id = fs::kRoot;  // at the end: of a directory or a file
  bool is_directory = true;

  Status folder(const fs::Id&) { return {}; }
  Result<std::optional<fs::EntryMeta>> entry(const fs::Id& folder, const std::string& name, bool) {
    if (path.back() != '/') path += '/';
    path += name;
    if (!fs::valid_name(name)) return fail(Errc::bad_name, "'" + name + "' is no file name");
    DOS_ASSIGN(const auto* record, view.find(fs::entry_key(folder, name)));
    if (record == nullptr) return fail(Errc::not_found, path + " does not exist at this height (proved)");
    DOS_ASSIGN(auto meta, codec::decode<fs::EntryMeta>(record->leaf.meta, "an entry"));
    shown = entry_view(meta, record->leaf);
    shown["name"] = name;
    id = meta.id;
    is_directory = meta.type == fs::EntryType::directory;
    return std::optional(std::move(meta));
  }
};

}  // namespace

Bytes inbox_prefix(std::string_view account) { return msg::inbox_prefix(account); }

Json view_object(const proof::Leaf& leaf, const std::optional<Bytes>& data) {
  Json j{{"key", hex(leaf.key)},
         {"version", u64(leaf.version.value)},
         {"height", u64(leaf.version.height().value)},
         {"paid_until", time_text(leaf.paid_until)},
         {"lock", base64(leaf.lock)},
         {"meta", base64(leaf.meta)},
         {"data_hash", hex(leaf.data.view())}};
  if (data) j["data"] = base64(*data);
  add_known(j, leaf, data);
  return j;
}

Json view_range(const proof::View::Range& range) {
  Json items = Json::array();
  for (const auto* r : range.items) items.push_back(view_object(r->leaf, r->data));
  Json j{{"items", items}, {"complete", !range.more}};
  j["next"] = range.more && !range.items.empty() ? Json(hex(range.items.back()->leaf.key)) : Json(nullptr);
  return j;
}

Result<Json> view_path(const proof::View& v, const ledger::PathItem& item, bool list, bool versions) {
  PathSteps steps{v};
  DOS_ASSIGN(const auto walked, fs::walk(item.components, steps));
  auto& [view, j, path, dir, at_directory] = steps;
  if (walked.end == fs::Walked::End::below_a_file) return fail(Errc::not_found, path + " is a file (proved)");
  if (item.components.empty()) j = {{"type", "dir"}, {"name", ""}, {"id", hex(fs::kRoot)}};
  j["path"] = path;
  if (list) {
    if (!at_directory) return fail(Errc::wrong_type, path + " is a file");
    DOS_ASSIGN(const auto listing, directory_items(v, dir, item));
    j.update(listing);
  }
  if (versions && !at_directory) {
    DOS_ASSIGN(const auto range, v.range(fs::revision_prefix(dir)));
    Json revisions = Json::array();
    for (const auto* r : range.items)
      if (auto m = codec::decode<fs::RevisionMeta>(r->leaf.meta))
        revisions.push_back({{"revision", read_be<std::uint32_t>(BytesView(r->leaf.key).last(4))},
                             {"version", u64(r->leaf.version.value)},
                             {"height", u64(r->leaf.version.height().value)},
                             {"time", time_text(m->time)},
                             {"by", m->by},
                             {"size", m->bytes},
                             {"hash", "b3:" + hex(m->hash.view())}});
    j["revisions"] = revisions;
  }
  return j;
}

}  // namespace dos::api
