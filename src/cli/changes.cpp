// put, mkdir, cp, mv, rm, chmod: one call each, sealed before anything leaves.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/carry_out.hpp"
#include "cli/host_source.hpp"
#include "cli/item.hpp"
#include "client/files/put_tree.hpp"

namespace dos::cli {
namespace {

using client::Written;

void show_written(Run& run, const Written& w, bool is_new_content) {
  const auto stored =
      w.stored_of == 0 ? std::string("in the ledger") : "stored " + std::to_string(w.stored_got) + "/" + std::to_string(w.stored_of);
  run.out.row({w.path, shown_size(w.size), hash_text(w.hash).substr(0, 15) + "..", "revision " + std::to_string(w.revision)});
  run.out.line(std::string(is_new_content ? stored + "   " : "") + "final in block " + std::to_string(w.done.block.header.height.value) +
               "   " + shown_credits(w.done.receipt.fee.value + w.done.receipt.rent.value) + " credits");
  // Content in the object itself is held by every validator that holds the block.
  const auto of = w.stored_of == 0 ? w.done.block.signers.of : w.stored_of;
  const auto got = w.stored_of == 0 ? w.done.block.signers.have : w.stored_got;
  run.out.data({{"path", w.path},
                {"size", w.size},
                {"hash", hash_text(w.hash)},
                {"revision", w.revision},
                {"tx", client::tx_name(w.done.txid)},
                {"cost", run.cost(w.done.receipt)},
                {"stored", {{"got", got}, {"need", of * 2 / 3 + 1}, {"of", of}}}});
  run.proved(w.done.block);
}

Status put_folder(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const std::string local = run.arg(0);
  DOS_ASSIGN(const auto files, walk_host_folder(local));
  DOS_ASSIGN(const auto* me, run.me());
  auto base = local;
  while (base.size() > 1 && base.ends_with('/')) base.pop_back();
  base = base.substr(base.find_last_of('/') + 1);
  if (base == "." || base == ".." || base.empty()) base = "files";
  DOS_ASSIGN(auto path, run.path(run.args.size() < 2 ? base : run.arg(1)));
  if (path.folder) path = path.below(base);
  client::TreeOptions options;
  options.is_public = run.has("public");
  options.progress = [&](std::uint64_t done, std::uint64_t of, std::uint64_t bytes) {
    run.out.progress("put " + base + "  " + std::to_string(done) + " of " + std::to_string(of) + " files  " + shown_size(bytes));
  };
  DOS_ASSIGN(const auto plan, client::put_tree(*session, *me, path, files, options));
  DOS_ASSIGN(const auto put, carry_out(*session, *me, *plan));
  Json items = Json::array();
  for (const auto& f : put.files)
    items.push_back(
        {{"path", f.path}, {"size", f.size}, {"hash", hash_text(f.hash)}, {"revision", f.revision}, {"tx", client::tx_name(f.txid)}});
  run.out.line(path.text() + "   " + counted(put.files.size(), "file") + " in " + counted(put.folders, "new folder") + "   " +
               shown_size(put.bytes) + "   " + counted(put.transactions, "transaction") + "   " + shown_credits(put.fee) + " credits");
  run.out.data({{"path", path.text()},
                {"items", std::move(items)},
                {"files", put.files.size()},
                {"folders", put.folders},
                {"bytes", put.bytes},
                {"cost", {{"credits", shown_credits(put.fee)}}}});
  if (session->last()) run.proved(*session->last());
  return {};
}

Status put(Run& run) {
  if (run.has("recursive")) return put_folder(run);
  DOS_ASSIGN(auto* session, run.session());
  const auto local = run.arg(0);
  DOS_ASSIGN(auto source, open_host_source(local));
  DOS_ASSIGN(const auto* me, run.me());
  const auto name = local == "-" ? std::string("stdin") : local.substr(local.find_last_of('/') + 1);
  DOS_ASSIGN(const auto asked, run.path(run.args.size() < 2 ? "~/" : run.arg(1)));
  DOS_ASSIGN(const auto path, client::place_for(*session, asked, name));
  client::PutOptions options;
  options.is_public = run.has("public");
  options.progress = run.progress("put " + name);
  DOS_ASSIGN(const auto written, carry_out(*session, *me, *client::put_file(*session, *me, path, *source, options)));
  show_written(run, written, true);
  return {};
}

void show_done(Run& run, const client::Done& done, const std::string& text, Json data) {
  run.out.line(text + "   final in block " + std::to_string(done.block.header.height.value));
  data["tx"] = client::tx_name(done.txid);
  data["cost"] = run.cost(done.receipt);
  run.out.data(std::move(data));
  run.proved(done.block);
}

Status mkdir(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto path, run.path(run.arg(0)));
  DOS_ASSIGN(const auto* me, run.me());
  auto done = carry_out(*session, *me, [&] { return client::make_folders(*session, *me, path, run.has("parents")); });
  if (!done && done.error().code == Errc::conflict && run.has("parents")) {
    run.out.line(path.text() + " is there");
    run.out.data({{"path", path.text()}, {"made", false}});
    if (session->last()) run.proved(*session->last());
    return {};
  }
  if (!done) return std::unexpected(done.error());
  show_done(run, *done, path.text(), {{"path", path.text()}, {"made", true}});
  return {};
}

Status cp(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto from, run.spec(run.arg(0)));
  DOS_ASSIGN(const auto to, run.path(run.arg(1)));
  DOS_ASSIGN(const auto* me, run.me());
  client::Written written;
  DOS_ASSIGN(written.done, carry_out(*session, *me, [&] { return client::copy_file(*session, *me, from, to, written); }));
  show_written(run, written, false);
  return {};
}

Status mv(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto from, run.path(run.arg(0)));
  DOS_ASSIGN(const auto to, run.path(run.arg(1)));
  DOS_ASSIGN(const auto* me, run.me());
  DOS_ASSIGN(const auto done, carry_out(*session, *me, [&] { return client::move_entry(*session, *me, from, to); }));
  show_done(run, done, from.text() + " -> " + to.text(), {{"from", from.text()}, {"to", to.text()}});
  return {};
}

Status rm(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto* me, run.me());
  std::vector<client::DosPath> paths;
  for (const auto& a : run.args) {
    DOS_ASSIGN(auto path, run.path(a));
    paths.push_back(std::move(path));
  }
  // On a network where things cost and others see them, a whole tree goes only after a yes.
  if (run.has("recursive") && !session->local()) DOS_TRY(run.confirm("rm -r removes everything below " + paths[0].text()));
  if (paths.size() > 1)  // a slip in one of them removes none
    for (const auto& path : paths) {
      DOS_ASSIGN(const auto place, client::look(*session, path, client::kFolderFacts));
      DOS_TRY(client::must_exist(place));
    }
  std::uint64_t files = 0, folders = 0;
  Json items = Json::array();
  for (const auto& path : paths) {
    DOS_ASSIGN(const auto removed, carry_out(*session, *me, *client::remove_path(*session, *me, path, run.has("recursive"))));
    files += removed.files;
    folders += removed.folders;
    items.push_back(
        {{"path", path.text()}, {"tx", removed.done.empty() ? Json(nullptr) : Json(client::tx_name(removed.done.back().txid))}});
    run.out.line(path.text() + " removed; bring it back: dos restore " + path.text());
  }
  run.out.data({{"items", items}, {"files", files}, {"folders", folders}});
  if (session->last()) run.proved(*session->last());
  return {};
}

Status chmod(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const auto change = run.arg(0);
  const auto sign = change.find_first_of("+-", 1);
  // An account's name may hold a hyphen: the sign is the last one before letters that are all rights.
  auto at = sign;
  for (auto i = sign; i != std::string::npos; i = change.find_first_of("+-", i + 1)) at = i;
  std::uint8_t rights = 0;
  if (at != std::string::npos)
    for (char c : change.substr(at + 1)) {
      const std::uint8_t bit = c == 'r'   ? fs::kRead
                               : c == 'w' ? fs::kWrite
                               : c == 'd' ? fs::kDelete
                               : c == 'a' ? fs::kAdmin
                               : c == 'x' ? fs::kExecute
                                          : 0;
      if (bit == 0)
        return fail(Errc::usage, "rights are r (read), w (write), d (delete), a (change rights), x (run), not '" + std::string(1, c) + "'");
      rights |= bit;
    }
  if (rights == 0) return fail(Errc::usage, "say who may do what: bob+r, bob+rw, bob-r");
  const auto who = change.substr(0, at);
  const bool add = change[at] == '+';
  DOS_ASSIGN(const auto path, run.path(run.arg(1)));
  DOS_ASSIGN(const auto* me, run.me());
  DOS_ASSIGN(const auto done, carry_out(*session, *me, *client::change_rights(*session, *me, path, {who, rights, add})));
  show_done(run, done, path.text() + "   " + change, {{"path", path.text()}, {"who", who}, {"change", change.substr(at)}});
  if (!add && (rights & fs::kRead) != 0)
    run.out.warn("what " + who + " could read before may have been kept; what is written from now on is closed");
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> change_commands() {
  return {
      {"put", "Files", "Seals a file and stores it; on an existing file, as its next revision.", {{"LOCAL"}, {"PATH", false}},
       {{"--recursive,-r", "", "a folder with all below it"}, {"--public", "", "unsealed: everybody can read it"}},
       {"dos put plan.txt", "dos put -r photos /home/me/photos", "echo hello | dos put - note.txt"}, "fs.create 3C, fs.write 40", {"upload"}, put},
      {"mkdir", "Files", "Makes a folder.", {{"PATH"}}, {{"--parents,-p", "", "with its parents; present is no error"}}, {"dos mkdir -p work/2026"},
       "fs.mkdir 39", {"md"}, mkdir},
      {"cp", "Files", "Copies a file, by reference: nothing is uploaded again.", {{"FROM"}, {"TO"}}, {}, {"dos cp plan.txt plan2.txt", "dos cp plan.txt@3 old.txt"},
       "fs.create 3C", {"copy", "xcopy"}, cp},
      {"mv", "Files", "Moves or renames a file or a folder of any size.", {{"FROM"}, {"TO"}}, {}, {"dos mv plan.txt archive/"}, "fs.rename 56",
       {"ren", "rename", "move"}, mv},
      {"rm", "Files", "Removes files; their revisions stay until they expire.", {{"PATH", true, true}},
       {{"--recursive,-r", "", "folders with all below them"}}, {"dos rm plan.txt", "dos rm -r photos"}, "fs.delete 41, fs.rmdir 3A",
       {"del", "erase", "deltree", "rmdir", "rd"}, rm},
      {"chmod", "Files", "Gives or takes rights: r read, w write, d delete, a change rights, x run.", {{"WHO+RIGHTS"}, {"PATH"}}, {},
       {"dos chmod bob+r plan.txt", "dos chmod bob-r photos"}, "fs.chmod 43, fs.ring 8D", {"icacls"}, chmod},
  };
}
// clang-format on

}  // namespace dos::cli
