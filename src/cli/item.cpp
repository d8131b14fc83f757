#include "cli/item.hpp"

#include <set>

#include "base/text.hpp"
#include "client/calls/submit.hpp"

namespace dos::cli {

std::string hash_text(const Hash& hash) { return "b3:" + hex(hash.view()); }

Result<Json> Writers::of(Version version) {
  if (version.index() == Version::kBlockIndex || version.height().value == 0) return Json(nullptr);
  if (!block_ || block_->anchor.header.height != version.height()) {
    if (gave_up_) return Json(nullptr);
    auto block = session_.block(version.height());
    if (!block && error_row(block.error().code).exit_code == error_row(Errc::unreachable).exit_code) {
      gave_up_ = true;
      run_.out.warn("tx is not known: no node shows block " + std::to_string(version.height().value) + " (" +
                    (block.error().detail.empty() ? error_row(block.error().code).title : block.error().detail) + ")");
      return Json(nullptr);
    }
    DOS_ASSIGN(block_, std::move(block));
  }
  if (version.index() >= block_->receipts.size())
    return fail(Errc::proof_invalid, "block " + std::to_string(version.height().value) + " has no transaction " +
                                         std::to_string(version.index()) + ", which the proved version names");
  return Json(client::tx_name(block_->receipts[version.index()].txid));
}

Json item_json(Run& run, const ItemContext& where, const client::Entry& entry) {
  const auto& m = entry.meta;
  std::set<std::string> readers;
  if (!m.owner.empty()) readers.insert(m.owner);
  const auto add = [&](const std::vector<fs::Grant>& grants) {
    for (const auto& g : grants)
      if ((g.rights & fs::kRead) != 0) readers.insert(g.account);
  };
  add(m.grants);
  for (const auto& f : *where.folders) {
    if (!f.meta.owner.empty()) readers.insert(f.meta.owner);
    add(f.meta.grants);
  }
  Json j = {{"name", entry.name},
            {"path", (where.parent == "/" ? "" : where.parent) + "/" + entry.name},
            {"type", entry.is_folder() ? "dir" : "file"}};
  std::optional<std::uint64_t> exact;
  if (!entry.is_folder() && !m.is_public) {
    if (const auto* me = run.me_if_there()) {
      auto session = run.session();
      if (session) exact = client::exact_size(**session, me, *where.folders, m);
    }
  }
  j["size"] = exact ? *exact : m.bytes;
  if (!exact && !m.is_public && !entry.is_folder()) j["padded"] = true;
  j["hash"] = entry.is_folder() ? Json(nullptr) : Json(hash_text(m.hash));
  j["revision"] = m.revision;
  j["version"] = std::to_string(entry.version.value);
  j["owner"] = m.owner;
  j["readers"] = readers;
  j["modified"] = utc_text(m.modified);
  j["public"] = m.is_public;
  j["paid_until"] = entry.paid_until == kPermanent ? "permanent" : utc_text(entry.paid_until);
  if (auto session = run.session(); session && (*session)->last() && client::has_expired(**session, entry.paid_until, *(*session)->last()))
    j["expired"] = true;
  return j;
}

void item_row(Output& out, const Json& j, bool long_form) {
  const bool dir = j["type"] == "dir";
  const auto name = j["name"].get<std::string>() + (dir ? "/" : "");
  if (!long_form) {
    out.row({name});
    return;
  }
  std::string readers;
  for (const auto& r : j["readers"]) readers += (readers.empty() ? "" : ",") + r.get<std::string>();
  const auto size = j["size"].get<std::uint64_t>();
  out.row({j.contains("expired") ? "expired"
           : dir                 ? "dir"
           : j["public"] == true ? "public"
                                 : "sealed",
           j["owner"].get<std::string>(), readers,
           dir ? "-" : (j.contains("padded") ? "~" : "") + (out.form() == Form::plain ? std::to_string(size) : shown_size(size)),
           dir ? "-" : "@" + std::to_string(j["revision"].get<std::uint64_t>()), j["modified"].get<std::string>(), name});
}

}  // namespace dos::cli
