// get, cat, ls, stat: reading.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/base64.hpp"
#include "cli/item.hpp"
#include "client/file_read.hpp"

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
               if (!json) return run.out.bytes(plain) ? Status() : fail(Errc::host_io, "stdout is closed");
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
  std::string to = run.arg(1).empty() ? spec.path.name() : run.arg(1);
  struct stat st{};
  if (::stat(to.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) to += "/" + spec.path.name();
  const auto fresh = to + ".part-" + std::to_string(::getpid());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto host_error = [&](const std::string& what) {
    return fail(errno == ENOSPC ? Errc::disk_full : Errc::host_io, "cannot write " + what + ": " + std::strerror(errno));
  };
  if (fd < 0) return host_error(to);
  auto read = client::read_file(
      session, reader, file,
      [&](BytesView plain) -> Status {
        std::size_t done = 0;
        while (done < plain.size()) {
          const auto n = ::write(fd, plain.data() + done, plain.size() - done);
          if (n < 0 && errno == EINTR) continue;
          if (n <= 0) return host_error(to);
          done += std::size_t(n);
        }
        return {};
      },
      run.progress("get " + to));
  const bool closed = ::close(fd) == 0;
  if (!read || !closed || ::rename(fresh.c_str(), to.c_str()) != 0) {
    auto e = read ? host_error(to) : std::unexpected(read.error());
    ::unlink(fresh.c_str());
    return e;
  }
  auto data = file_json(file, *read);
  data["file"] = to;
  run.out.line(to + "  " + shown_size(read->bytes) + "  verified");
  run.out.data(std::move(data));
  run.proved(file.place);
  return {};
}

Result<client::Place> look_at(Run& run, std::uint32_t want) {
  DOS_ASSIGN(auto* session, run.session());
  const auto text = run.arg(0).empty() ? std::string("~") : run.arg(0);
  DOS_ASSIGN(const auto spec, run.spec(text));
  DOS_ASSIGN(auto place, client::look(*session, spec.path, want | client::kFolderFacts, spec.height));
  DOS_TRY(client::must_exist(place));
  return place;
}

Status list(Run& run, client::Session& session, const client::Place& place, std::vector<client::Folder> chain, const std::string& path,
            Json& items, bool top) {
  std::vector<client::Entry> entries;
  const auto& dir = chain.back();
  bool whole = false;
  if (top) {
    DOS_ASSIGN(const auto page, place.view.range(fs::entry_prefix(dir.id)));
    whole = !page.more;
    if (whole)
      for (const auto* record : page.items) {
        DOS_ASSIGN(auto e, client::read_entry(dir.id, *record));
        entries.push_back(std::move(e));
      }
  }
  if (!whole) { DOS_ASSIGN(entries, client::list_folder(session, dir.id, place.height)); }
  if (run.has("recursive")) run.out.line((top ? "" : "\n") + safe(path) + ":");
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
    client::DosPath below;
    DOS_ASSIGN(below, client::parse_path((path == "/" ? "" : path) + "/" + e.name, "me"));
    // At the height of the first folder: what is listed is one state, which may be a past one.
    DOS_ASSIGN(const auto next, client::look(session, below, client::kFolderFacts | ledger::PathItem::kList, place.height));
    DOS_TRY(client::must_be_folder(next));
    DOS_TRY(list(run, session, next, next.folders, below.text(), items, true));
  }
  return {};
}

Status ls(Run& run) {
  DOS_ASSIGN(const auto place, look_at(run, ledger::PathItem::kList));
  DOS_ASSIGN(auto* session, run.session());
  Json items = Json::array();
  if (place.is_folder()) {
    DOS_TRY(list(run, *session, place, place.folders, place.path.text(), items, true));
  } else {
    auto j = item_json(run, {&place.folders, place.path.parent().text()}, *place.entry);
    item_row(run.out, j, run.has("long"));
    items.push_back(std::move(j));
  }
  run.out.data({{"path", place.path.text()}, {"items", std::move(items)}, {"complete", true}});
  run.proved(place);
  return {};
}

Status stat(Run& run) {
  DOS_ASSIGN(const auto place, look_at(run, ledger::PathItem::kRevision));
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
  j["tx"] = nullptr;
  Json sealed_for = Json::array();
  if (!place.entry->meta.is_public)
    for (const auto& r : j["readers"]) sealed_for.push_back(r);
  j["sealed_for"] = sealed_for;
  // Which transaction that was is in the block that the version names; its receipt tells.
  if (auto session = run.session(); place.entry->version.index() != Version::kBlockIndex && place.entry->version.height().value > 0)
    if (auto block = (*session)->block(place.entry->version.height()); block && place.entry->version.index() < block->receipts.size())
      j["tx"] = client::tx_name(block->receipts[place.entry->version.index()].txid);
  for (const auto& [key, value] : j.items()) run.out.row({key, value.is_string() ? safe(value.get<std::string>()) : value.dump()});
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
