// log, restore: revisions stay until they expire, and so does what was removed.
#include "base/text.hpp"
#include "cli/carry_out.hpp"
#include "cli/item.hpp"

namespace dos::cli {
namespace {

const char* op_name(fs::Op op) {
  switch (op) {
    case fs::Op::create: return "create";
    case fs::Op::write: return "write";
    case fs::Op::copy: return "copy";
    case fs::Op::restore: return "restore";
    case fs::Op::reseal: return "reseal";
  }
  return "?";
}

Status log(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto spec, run.spec(run.arg(0)));
  if (spec.revision) return fail(Errc::usage, "log lists every revision; one of them: dos stat " + run.arg(0));
  DOS_ASSIGN(const auto place, client::look(*session, spec.path, client::kFolderFacts));
  client::Entry entry;
  bool removed = false;
  if (!place.missing) {
    DOS_TRY(client::must_be_file(place));
    entry = *place.entry;
  } else {
    if (!place.parent_there()) DOS_TRY(client::must_exist(place));
    DOS_ASSIGN(auto gone, client::removed_entries(*session, place.folders.back().id, spec.path.name()));
    while (!gone.empty() && gone.back().is_folder()) gone.pop_back();
    if (gone.empty()) DOS_TRY(client::must_exist(place));
    entry = std::move(gone.back());
    removed = true;
  }
  DOS_ASSIGN(auto list, client::revisions(*session, entry.meta.id));
  Json items = Json::array();
  Writers writers(run, *session);
  for (auto it = list.rbegin(); it != list.rend(); ++it) {
    const auto& r = *it;
    DOS_ASSIGN(auto tx, writers.of(r.version));
    const auto meta = client::meta_at(entry, r);
    const auto exact = client::exact_size(*session, meta.is_public ? nullptr : run.me_if_there(), place.folders, meta);
    Json item = {{"revision", r.number},
                 {"version", std::to_string(r.version.value)},
                 {"height", std::to_string(r.version.height().value)},
                 {"time", utc_text(r.meta.time)},
                 {"by", r.meta.by},
                 {"op", op_name(r.meta.op)},
                 {"size", exact.value_or(r.meta.bytes)},
                 {"hash", hash_text(r.meta.hash)},
                 {"tx", std::move(tx)}};
    if (!exact) item["padded"] = true;
    items.push_back(std::move(item));
    run.out.row({"@" + std::to_string(r.number), "#" + std::to_string(r.version.height().value), utc_text(r.meta.time), r.meta.by,
                 op_name(r.meta.op), (exact ? "" : "~") + shown_size(exact.value_or(r.meta.bytes))});
  }
  run.out.data({{"path", spec.path.text()}, {"removed", removed}, {"items", std::move(items)}, {"complete", true}});
  run.proved(place);
  return {};
}

Status restore(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto spec, run.spec(run.arg(0)));
  DOS_ASSIGN(const auto* me, run.me());
  DOS_ASSIGN(const auto done, carry_out(*session, *me, *client::restore_path(*session, *me, spec)));
  run.out.line(spec.path.text() + " is back   final in block " + std::to_string(done.back().block.header.height.value));
  run.out.data({{"path", spec.path.text()},
                {"tx", client::tx_name(done.back().txid)},
                {"calls", done.size()},
                {"cost", run.cost(done.back().receipt)}});
  run.proved(done.back().block);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> history_commands() {
  return {
      {"log", "History", "Lists a file's revisions, newest first; of a removed file, too.", {{"PATH"}}, {}, {"dos log plan.txt"}, "", {"versions"}, log},
      {"restore", "History", "Makes an old revision the newest, or brings back what was removed.", {{"PATH[@REV]"}}, {},
       {"dos restore plan.txt@3", "dos restore photos"}, "fs.write 40, fs.undelete 8C", {"undelete"}, restore},
  };
}
// clang-format on

}  // namespace dos::cli
