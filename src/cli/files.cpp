// get, cat, ls, stat: reading.
#include <sys/stat.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/host_target.hpp"
#include "cli/item.hpp"
#include "client/files/file_read.hpp"

namespace dos::cli {
namespace {

using client::FileAt;
constexpr std::uint64_t kMaxJsonContent = 1 << 20;

Json file_json(const FileAt& file, const client::ReadFile& read) {
  return {{"path", file.place.path.text()},
          {"size", read.bytes},
          {"hash", hash_text(file.revision.meta.hash)},
          {"revision", file.revision.number}};
}

// The file that the first argument names, and who opens it: nobody is needed for what is public.
struct Named {
  client::Session& session;
  client::PathSpec spec;
  FileAt file;
  const client::Identity* reader = nullptr;
};
Result<Named> named_file(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(auto spec, run.spec(run.arg(0)));
  DOS_ASSIGN(auto file, client::find_file(*session, spec));
  Named named{*session, std::move(spec), std::move(file)};
  if (!named.file.revision.content.is_public) { DOS_ASSIGN(named.reader, run.me()); }
  return named;
}

Status cat(Run& run) {
  DOS_ASSIGN(const auto named, named_file(run));
  const auto& file = named.file;
  Bytes kept;
  const bool json = run.out.json();
  if (json && file.revision.content.bytes > 2 * kMaxJsonContent)
    return fail(Errc::too_large_for_json, file.place.path.text() + " has " + shown_size(file.revision.content.bytes) + "; use get");
  DOS_ASSIGN(const auto read, client::read_file(named.session, named.reader, file, [&](BytesView plain) -> Status {
               if (!json) return run.out.bytes(plain);
               if (kept.size() + plain.size() > kMaxJsonContent)
                 return fail(Errc::too_large_for_json, file.place.path.text() + "; use get");
               append(kept, plain);
               return {};
             }));
  auto data = file_json(file, read);
  const bool text = codec::is_utf8(kept);
  data["encoding"] = text ? "utf8" : "base64";
  data["content"] = text ? std::string(as_text(kept)) : base64(kept);
  run.out.data(std::move(data));
  run.proved(file.place);
  return {};
}

Status get(Run& run) {
  DOS_ASSIGN(const auto named, named_file(run));
  const auto& [session, spec, file, reader] = named;
  std::string to = run.args.size() > 1 ? run.arg(1) : spec.path.name();
  struct stat st{};
  if (::stat(to.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) to += (to.ends_with('/') ? "" : "/") + spec.path.name();
  DOS_ASSIGN(auto target, HostTarget::open(to, run.out));
  DOS_ASSIGN(const auto read, client::read_file(
                                  session, reader, file, [&](BytesView plain) { return target.write(plain); },
                                  target.is_stdout() ? client::Progress() : run.progress("get " + to)));
  DOS_TRY(target.keep());
  if (!target.is_stdout()) run.out.line(to + "  " + shown_size(read.bytes) + "  verified");
  auto data = file_json(file, read);
  data["file"] = to;
  run.out.data(std::move(data));
  run.proved(file.place);
  return {};
}

Result<client::Place> look_at(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto spec, run.spec(run.args.empty() ? "~" : run.arg(0)));
  if (spec.revision)
    return fail(Errc::usage,
                "ls shows what stands there; of one revision: dos stat " + run.arg(0) + ", of all: dos log " + spec.path.text());
  DOS_ASSIGN(auto place, client::look(*session, spec.path, ledger::PathItem::kList | client::kFolderFacts, spec.height));
  DOS_TRY(client::must_exist(place));
  return place;
}

Status list(Run& run, client::Session& session, const client::Place& place, const client::DosPath& at, Json& items) {
  auto chain = place.folders;
  const auto path = at.text();
  std::vector<client::Entry> entries;
  const auto& dir = chain.back();
  DOS_ASSIGN(const auto page, place.view.range(fs::entry_prefix(dir.id)));
  if (page.more) {
    DOS_ASSIGN(entries, client::list_folder(session, dir.id, place.height));
  } else {
    for (const auto* record : page.items) {
      DOS_ASSIGN(auto e, client::read_entry(dir.id, *record));
      entries.push_back(std::move(e));
    }
  }
  if (run.has("recursive")) run.out.line(path + ":");
  auto oldest = UINT32_MAX;  // key of the folder, that sizes are sealed under
  for (const auto& e : entries)
    if (const auto epoch = client::sealed_size_epoch(e.meta.sealed_size)) oldest = std::min(oldest, *epoch);
  if (oldest != UINT32_MAX) DOS_TRY(client::add_rings_down_to(session, chain, oldest));
  const ItemContext where{&chain, path};
  std::vector<client::Entry> folders;
  for (const auto& e : entries) {
    auto j = item_json(run, where, e);
    item_row(run.out, j, run.has("long"));
    items.push_back(std::move(j));
    if (e.is_folder()) folders.push_back(e);
  }
  if (!run.has("recursive")) return {};
  for (const auto& e : folders) {
    const auto below = at.below(e.name);  // as the folder has it: read as typed text it could become another name
    // At the height of the first folder: what is listed is one state, which may be a past one.
    DOS_ASSIGN(const auto next, client::look(session, below, client::kFolderFacts | ledger::PathItem::kList, place.height));
    DOS_TRY(client::must_be_folder(next));
    DOS_TRY(list(run, session, next, below, items));
  }
  return {};
}

Status ls(Run& run) {
  DOS_ASSIGN(const auto place, look_at(run));
  DOS_ASSIGN(auto* session, run.session());
  Json items = Json::array();
  if (place.is_folder()) {
    DOS_TRY(list(run, *session, place, place.path, items));
  } else {
    auto j = item_json(run, {&place.folders, place.path.parent().text()}, *place.entry);
    item_row(run.out, j, run.has("long"));
    items.push_back(std::move(j));
  }
  const auto expired = std::ranges::count_if(items, [](const Json& j) { return j.contains("expired"); });
  if (expired != 0)
    run.out.warn(std::to_string(expired) + " of these have expired: their storage is paid no longer (dos ls -l marks them)");
  run.out.data({{"path", place.path.text()}, {"items", std::move(items)}, {"complete", true}});
  run.proved(place);
  return {};
}

Result<client::Place> look_at_revision(client::Session& session, const client::PathSpec& spec) {
  DOS_ASSIGN(auto file, client::find_file(session, spec));
  auto place = std::move(file.place);
  place.missing = false;
  place.entry = std::move(file.entry);
  place.entry->meta = client::meta_at(*place.entry, file.revision);
  place.entry->version = file.revision.version;
  place.entry->paid_until = file.revision.paid_until;
  return place;
}

Status stat(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto spec, run.spec(run.arg(0)));
  auto found = spec.revision ? look_at_revision(*session, spec)
                             : client::look(*session, spec.path, ledger::PathItem::kRevision | client::kFolderFacts, spec.height);
  DOS_ASSIGN(const auto place, std::move(found));
  DOS_TRY(client::must_exist(place));
  if (!place.entry) {
    run.out.line("/  the root folder");
    run.out.data({{"name", "/"}, {"path", "/"}, {"type", "dir"}, {"size", 0}});
    run.proved(place);
    return {};
  }
  auto chain = place.folders;
  if (place.entry->is_folder()) chain.pop_back();
  auto j = item_json(run, {&chain, place.path.parent().text()}, *place.entry);
  j["height"] = std::to_string(place.entry->version.height().value);
  DOS_ASSIGN(j["tx"], Writers(run, *session).of(place.entry->version));
  Json sealed_for = Json::array();
  if (!place.entry->meta.is_public)
    for (const auto& r : j["readers"]) sealed_for.push_back(r);
  j["sealed_for"] = sealed_for;
  for (const auto& [key, value] : j.items())
    if (!value.is_null()) run.out.row({key, shown_value(value)});
  run.out.data(std::move(j));
  run.proved(place);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> file_commands() {
  return {
      {"ls", "Files", "Lists a folder: complete, and proved to be so.", {{"PATH", false}},
       {{"--long,-l", "", "owner, readers, size, revision, time"}, {"--recursive,-R", "", "folders below, too"}},
       {"dos ls", "dos ls -l /home/me"}, "fs.findfirst 4E", {"dir"}, ls},
      {"cat", "Files", "Writes a file's bytes to stdout.", {{"PATH"}}, {}, {"dos cat plan.txt", "dos cat plan.txt@3"}, "fs.read 3F", {"type", "more"}, cat},
      {"get", "Files", "Saves a file on this machine.", {{"PATH"}, {"LOCAL", false}}, {}, {"dos get plan.txt", "dos get /home/me/big.iso /tmp/"},
       "fs.read 3F", {"download"}, get},
      {"stat", "Files", "Shows what the ledger says about a path.", {{"PATH"}}, {}, {"dos stat plan.txt"}, "", {"attrib"}, stat},
  };
}
// clang-format on

}  // namespace dos::cli
