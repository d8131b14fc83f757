// The tour: a joint case on real files of this machine (tour_case.hpp); ends with one screen of figures.
#include <unistd.h>

#include <cstdlib>

#include "cli/run.hpp"
#include "cli/tour_case.hpp"
#include "client/files/file_read.hpp"

namespace dos::cli {
namespace {

namespace stdfs = std::filesystem;

std::string shown(const Json& f, const char* key, const char* unit) {
  if (!f.contains(key)) return "-";
  char b[48];
  if (f[key].is_number_float()) std::snprintf(b, sizeof b, "%.2f%s", f[key].get<double>(), unit);
  else std::snprintf(b, sizeof b, "%s%s", f[key].is_string() ? f[key].get<std::string>().c_str() : compact(f[key]).c_str(), unit);
  return b;
}

void screen(Run& run, const Json& f, const std::string& home) {
  run.out.line("");
  run.out.line("The case is closed; everything lies in " + home);
  run.out.row({"  files put, sealed", shown(f, "files", ""), shown_size(f.value("bytes", std::uint64_t(0))),
               "in " + shown(f, "put_seconds", " s")});
  if (f.contains("image_stored"))
    run.out.row({"  image of 100 MiB", "stored " + compact(f["image_stored"]["got"]) + "/" + compact(f["image_stored"]["of"]),
                 "put " + shown(f, "image_put_seconds", " s"), "got back in " + shown(f, "image_get_seconds", " s")});
  else run.out.row({"  image of 100 MiB", "stored by an earlier tour", "", ""});
  run.out.row({"  system calls made", shown(f, "calls", ""), "in " + shown(f, "blocks", " blocks"), ""});
  run.out.row({"  proofs checked", shown(f, "proofs_checked", ""), "listing of " + shown(f, "listed", " files"),
               "in " + shown(f, "list_seconds", " s")});
  run.out.row({"  faults survived", shown(f, "faults_survived", ""),
               f.contains("catch_up_seconds") ? "v3 was back in " + shown(f, "catch_up_seconds", " s") : "", ""});
  run.out.row({"  revisions kept", shown(f, "revisions", ""), "proof of " + shown(f, "proof_bytes", " B"),
               "verified offline in " + shown(f, "verify_seconds", " s")});
  run.out.row({"  stopped and started", "height " + shown(f, "height", ""), "", "in " + shown(f, "up_seconds", " s")});
  run.out.row({"  a call is final", "p50 " + shown(f, "final_p50_ms", " ms"), "", ""});
  run.out.row({"  all of it", shown(f, "seconds", " s"), "", ""});
  if (f.contains("left_out")) run.out.line("  left out: acts " + compact(f["left_out"]) + ", which need four validators");
  run.out.line("Next:  dos ls -l " + home + "      dos net status      dos help");
}

// The calls of all blocks above `from`, each block checked against its certificate.
Status count_calls(client::Session& session, std::uint64_t from, Json& figures) {
  DOS_ASSIGN(const auto newest, session.newest());
  std::uint64_t calls = 0;
  const auto to = newest.header.height.value;
  for (auto h = from + 1; h <= to; ++h) {
    DOS_ASSIGN(const auto block, session.block(Height(h)));
    DOS_ASSIGN(const auto payload, codec::decode<ledger::Payload>(block.payload, "a payload"));
    DOS_ASSIGN(const auto txs, ledger::unpack(payload));
    for (const auto& tx : txs) calls += tx.tx.calls.size();
  }
  figures["calls"] = calls;
  figures["blocks"] = to - from;
  return {};
}

// The first of /home/ME/tour-1, tour-2, ... that is not there.
Result<std::string> free_home(Run& run, client::Session& session) {
  client::DosPath own;
  own.components = {"home", run.as()};
  DOS_ASSIGN(const auto place, client::look(session, own, 0));
  DOS_TRY(client::must_be_folder(place));
  DOS_ASSIGN(const auto entries, client::list_folder(session, place.folder().id));
  for (unsigned n = 1;; ++n) {
    bool taken = false;
    for (const auto& e : entries) taken |= e.name == "tour-" + std::to_string(n);
    if (!taken) return "/home/" + run.as() + "/tour-" + std::to_string(n);
  }
}

Status tour(Run& run) {
  const auto begun = std::chrono::steady_clock::now();
  const auto net = run.net_name();
  DOS_ASSIGN(auto* session, run.session());
  if (!session->local()) return fail(Errc::usage, "the tour is for local networks");
  DOS_ASSIGN(const auto home, free_home(run, *session));
  DOS_ASSIGN(const auto first, session->newest());
  const char* tmp = std::getenv("TMPDIR");
  std::string scratch = std::string(tmp != nullptr && *tmp == '/' ? tmp : "/tmp") + "/dos-tour-XXXXXX";
  if (::mkdtemp(scratch.data()) == nullptr) return fail(Errc::host_io, "cannot make " + scratch);
  TourCase play(run, net, scratch, home, session->network().record.nodes.size());
  const auto played = play.play();
  std::error_code e;
  stdfs::remove_all(scratch, e);
  if (!played) return played;
  auto figures = play.figures();
  // A session of its own: the network was stopped and started meanwhile, and its ports may have moved.
  client::SessionOptions options;
  options.net = net;
  DOS_ASSIGN(auto after, client::Session::open(run.places, options));
  DOS_TRY(count_calls(after, first.header.height.value, figures));
  figures["proofs_checked"] = figures["proofs_checked"].get<std::uint64_t>() + after.checks();
  figures["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  screen(run, figures, home);
  run.out.data({{"home", home}, {"figures", figures}});
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> tour_commands() {
  return {
      {"tour", "Tools", "Plays a case of two agencies, an archive and an auditor on real files, every step a command.", {},
       {{"--fresh-files", "", "store the large file again"}}, {"dos tour"}, "", {}, tour},
  };
}
// clang-format on

}  // namespace dos::cli
