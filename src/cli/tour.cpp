// The tour: real files of this machine, put, listed, changed, shared, proved; ends with one screen of figures.
#include "cli/run.hpp"

#include <unistd.h>

#include <cstdlib>

#include "cli/local_net.hpp"
#include "cli/tour_steps.hpp"
#include "client/private_file.hpp"

namespace dos::cli {
namespace {

namespace stdfs = std::filesystem;
constexpr std::uint64_t kLargeBytes = 100ull << 20;

class Tour {
 public:
  Tour(Run& run, std::string net, stdfs::path scratch, std::string home) : run_(run), net_(std::move(net)), scratch_(std::move(scratch)), home_(std::move(home)) {}

  Status play() {
    DOS_TRY(files());
    DOS_TRY(history());
    DOS_TRY(sharing());
    DOS_TRY(proofs());
    return {};
  }
  Json figures = Json::object();

 private:
  // One command as a person types it; anything but the exit code wanted ends the tour with what the command said.
  Result<StepResult> step(std::vector<std::string> words, int wanted = 0, bool shown = true) {
    words.insert(words.begin(), {"--net", net_});
    DOS_ASSIGN(auto r, run_self(words));
    std::string line = "$ dos";
    for (std::size_t i = 2; i < words.size(); ++i) line += " " + (words[i].find(' ') == std::string::npos ? words[i] : "\"" + words[i] + "\"");
    if (line.size() > 150) line.resize(150);
    if (shown) {
      char time[48];
      std::snprintf(time, sizeof time, "   (%.2f s%s)", r.seconds, wanted == 0 ? "" : (", exit " + std::to_string(wanted) + " as it must be").c_str());
      run_.out.talk(safe(line) + time);
    }
    if (r.code != wanted)
      return fail(Errc::internal, safe(line) + " ended with " + std::to_string(r.code) + " instead of " + std::to_string(wanted) + ": " + safe(r.out.substr(0, 600)));
    return r;
  }
  Result<Json> data(std::vector<std::string> words, bool shown = true) {
    words.push_back("--json");
    DOS_ASSIGN(const auto r, step(std::move(words), 0, shown));
    auto j = Json::parse(r.out, nullptr, false);
    if (!j.is_object() || !j.contains("data")) return fail(Errc::internal, "no envelope: " + safe(r.out.substr(0, 200)));
    Json d = j["data"];
    d["seconds"] = r.seconds;
    return d;
  }
  Status equal(const std::string& got, const std::string& want, const char* what) {
    return got == want ? Status() : fail(Errc::content_mismatch, std::string("the tour read another ") + what + " than it wrote");
  }
  Result<std::string> write(const std::string& name, const std::string& text) {
    const auto path = scratch_ / name;
    DOS_TRY(client::write_private(path, as_bytes(text)));
    return path.string();
  }

  Status files() {
    run_.out.talk("\n1  Real files: this machine's documentation and C headers, sealed");
    DOS_ASSIGN(const auto gathered, gather_files(scratch_ / "tree"));
    DOS_ASSIGN(const auto put, data({"put", "-r", (scratch_ / "tree").string(), home_ + "/tree"}));
    figures["files"] = put["files"];
    figures["bytes"] = put["bytes"];
    figures["put_seconds"] = put["seconds"];
    if (put["files"].get<std::uint64_t>() != gathered.files) return fail(Errc::internal, "not every file was put");
    run_.out.talk("\n2  Listed back: complete, and proved to be so");
    DOS_ASSIGN(const auto list, data({"ls", "-l", "-R", home_ + "/tree"}));
    std::uint64_t files = 0;
    for (const auto& i : list["items"]) files += i["type"] == "file";
    figures["listed"] = files;
    figures["list_seconds"] = list["seconds"];
    if (files != gathered.files || list["complete"] != true) return fail(Errc::proof_incomplete, "the listing is not complete");
    return large();
  }

  Status large() {
    DOS_ASSIGN(const auto binaries, find_binaries());
    DOS_ASSIGN(auto record, client::load_record(run_.places.net(net_)));
    if (record.toured == binaries.stamp && !run_.has("fresh-files")) {
      run_.out.talk("\n3  The 100 MiB file is stored already by an earlier tour of this build");
      return {};
    }
    run_.out.talk("\n3  One file of 100 MiB: an archive of the repository and its cached sources");
    DOS_TRY(make_archive(scratch_ / "archive.tar", kLargeBytes));
    DOS_ASSIGN(const auto put, data({"put", (scratch_ / "archive.tar").string(), home_ + "/archive.tar"}));
    figures["large_put_seconds"] = put["seconds"];
    figures["large_mib_s"] = 100.0 / std::max(put["seconds"].get<double>(), 0.001);
    DOS_ASSIGN(const auto got, data({"get", home_ + "/archive.tar", (scratch_ / "back.tar").string()}));
    figures["large_get_seconds"] = got["seconds"];
    const auto same = std::system(("cmp -s '" + (scratch_ / "archive.tar").string() + "' '" + (scratch_ / "back.tar").string() + "'").c_str());
    if (same != 0) return fail(Errc::content_mismatch, "the large file came back changed");
    std::error_code e;
    stdfs::remove(scratch_ / "archive.tar", e);
    stdfs::remove(scratch_ / "back.tar", e);
    DOS_ASSIGN(record, client::load_record(run_.places.net(net_)));
    record.toured = binaries.stamp;
    return client::save_record(run_.places.net(net_), record);
  }

  Status history() {
    run_.out.talk("\n4  Edits, moves, deletes, and brings back: nothing is lost before it expires");
    const auto plan = home_ + "/plan.txt", moved = home_ + "/the plan.txt";
    DOS_ASSIGN(const auto one, write("plan.txt", "The first plan.\n"));
    DOS_TRY(step({"put", one, plan}));
    DOS_ASSIGN(const auto two, write("plan.txt", "The second plan, which is better.\n"));
    DOS_TRY(step({"put", two, plan}));
    DOS_TRY(step({"mv", plan, moved}));
    DOS_ASSIGN(const auto first, step({"cat", moved + "@1"}));
    DOS_TRY(equal(first.out, "The first plan.\n", "first revision"));
    DOS_TRY(step({"rm", moved}));
    DOS_TRY(step({"cat", moved}, 3));
    DOS_TRY(step({"restore", moved}));
    DOS_TRY(step({"restore", moved + "@1"}));
    DOS_ASSIGN(const auto now, step({"cat", moved}));
    DOS_TRY(equal(now.out, "The first plan.\n", "restored file"));
    DOS_ASSIGN(const auto log, data({"log", moved}));
    figures["revisions"] = log["items"].size();
    return {};
  }

  Status sharing() {
    run_.out.talk("\n5  A folder shared with bob: he reads it, carol does not");
    const auto shared = home_ + "/shared";
    DOS_TRY(step({"mkdir", shared}));
    DOS_ASSIGN(const auto note, write("note.txt", "For bob's eyes.\n"));
    DOS_TRY(step({"put", note, shared + "/note.txt"}));
    DOS_TRY(step({"chmod", "bob+r", shared}));
    DOS_ASSIGN(const auto bob, step({"cat", shared + "/note.txt", "--as", "bob"}));
    DOS_TRY(equal(bob.out, "For bob's eyes.\n", "shared file"));
    DOS_TRY(step({"cat", shared + "/note.txt", "--as", "carol"}, 4));
    run_.out.talk("\n6  A sealed message");
    const std::string text = "hello from the tour " + home_;
    DOS_ASSIGN(const auto sent, data({"send", "bob", text}));
    figures["send_seconds"] = sent["seconds"];
    DOS_ASSIGN(const auto inbox, data({"inbox", "--as", "bob"}));
    bool found = false;
    for (const auto& m : inbox["items"]) found = found || m["text"] == text;
    return found ? Status() : fail(Errc::content_mismatch, "bob did not get the message");
  }

  Status proofs() {
    run_.out.talk("\n7  A proof in a file; the network stopped; verified offline, with the content beside it");
    const auto proof = (scratch_ / "plan.proof").string();
    DOS_ASSIGN(const auto content, write("proved.txt", "The first plan.\n"));
    DOS_TRY(step({"proof", home_ + "/the plan.txt", "--open", "-o", proof}));
    DOS_ASSIGN(const auto before, data({"status"}, false));
    DOS_TRY(step({"net", "down"}));
    DOS_ASSIGN(const auto verified, step({"verify", proof, "--content", content}));
    figures["verify_seconds"] = verified.seconds;
    DOS_ASSIGN(auto bytes, client::read_bounded(proof, 64 << 20));
    figures["proof_bytes"] = bytes.size();
    bytes[bytes.size() / 2] ^= 1;
    const auto changed = scratch_ / "changed.proof";
    DOS_TRY(client::write_private(changed, bytes));
    DOS_TRY(step({"verify", changed.string()}, 8));
    run_.out.talk("\n8  Started again, at the same height");
    DOS_ASSIGN(const auto up, data({"net", "up"}));
    figures["up_seconds"] = up["seconds"];
    DOS_ASSIGN(const auto after, data({"status"}, false));
    figures["height"] = after["height"];
    return equal(after["height"].get<std::string>(), before["height"].get<std::string>(), "height");
  }

  Run& run_;
  std::string net_;
  stdfs::path scratch_;
  std::string home_;
};

std::string shown(const Json& f, const char* key, const char* unit) {
  if (!f.contains(key)) return "-";
  char b[48];
  if (f[key].is_number_float()) std::snprintf(b, sizeof b, "%.2f%s", f[key].get<double>(), unit);
  else std::snprintf(b, sizeof b, "%s%s", f[key].is_string() ? f[key].get<std::string>().c_str() : f[key].dump().c_str(), unit);
  return b;
}

void screen(Run& run, const Json& f, const std::string& home) {
  run.out.line("\nThe tour is done; everything lies in " + home);
  run.out.row({"  files put, sealed", shown(f, "files", ""), shown_size(f.value("bytes", std::uint64_t(0))), "in " + shown(f, "put_seconds", " s")});
  run.out.row({"  listed completely", shown(f, "listed", ""), "", "in " + shown(f, "list_seconds", " s")});
  run.out.row({"  100 MiB file", "put " + shown(f, "large_put_seconds", " s"), shown(f, "large_mib_s", " MiB/s"), "got in " + shown(f, "large_get_seconds", " s")});
  run.out.row({"  revisions kept", shown(f, "revisions", ""), "", ""});
  run.out.row({"  a message, final", "", "", "in " + shown(f, "send_seconds", " s")});
  run.out.row({"  proof file", shown(f, "proof_bytes", " B"), "", "verified offline in " + shown(f, "verify_seconds", " s")});
  run.out.row({"  stopped and started", "height " + shown(f, "height", ""), "", "in " + shown(f, "up_seconds", " s")});
  run.out.line("Next:  dos ls -l " + home + "      dos help");
}

Status tour(Run& run) {
  const auto net = run.net_name();
  DOS_ASSIGN(auto* session, run.session());
  if (!session->local()) return fail(Errc::usage, "the tour is for local networks");
  client::DosPath own;
  own.components = {"home", run.as()};
  DOS_ASSIGN(const auto place, client::look(*session, own, 0));
  DOS_TRY(client::must_be_folder(place));
  DOS_ASSIGN(const auto entries, client::list_folder(*session, place.folder().id));
  unsigned n = 1;
  const auto taken = [&](unsigned i) {
    for (const auto& e : entries)
      if (e.name == "tour-" + std::to_string(i)) return true;
    return false;
  };
  while (taken(n)) ++n;
  const char* tmp = std::getenv("TMPDIR");
  std::string pattern = std::string(tmp != nullptr && *tmp == '/' ? tmp : "/tmp") + "/dos-tour-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) return fail(Errc::host_io, "cannot make " + pattern);
  const auto home = "/home/" + run.as() + "/tour-" + std::to_string(n);
  Tour t(run, net, pattern, home);
  const auto played = t.play();
  std::error_code e;
  stdfs::remove_all(pattern, e);
  if (!played) return played;
  screen(run, t.figures, home);
  run.out.data({{"home", home}, {"figures", t.figures}});
  return {};
}

}  // namespace

std::vector<Command> tour_commands() {
  return {
      {"tour", "Tools", "Shows DOS on real files of this machine, every step a command.", {}, {{"--fresh-files", "", "store the large file again"}}, {"dos tour"}, "", {}, tour},
  };
}

}  // namespace dos::cli
