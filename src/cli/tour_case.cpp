#include "cli/tour_case.hpp"

#include <algorithm>

#include "cli/local_net.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/json_text.hpp"

namespace dos::cli {
namespace stdfs = std::filesystem;
namespace {

constexpr std::uint64_t kImageBytes = 100ull << 20;
constexpr const char* kMessage = "The case folder is yours to read. The image is sealed beside it.";

std::string quoted(const std::string& word) { return word.find(' ') == std::string::npos ? word : "\"" + word + "\""; }

Status equal(const std::string& got, const std::string& want, const char* what) {
  return got == want ? Status() : fail(Errc::content_mismatch, std::string("the tour read another ") + what + " than it wrote");
}

}  // namespace

TourCase::TourCase(Run& run, std::string net, stdfs::path scratch, std::string home, std::size_t validators)
    : run_(run),
      net_(std::move(net)),
      scratch_(std::move(scratch)),
      home_(std::move(home)),
      case_(home_ + "/case"),
      validators_(validators) {}

Status TourCase::play() {
  DOS_TRY(prepare());
  DOS_TRY(deposit());
  DOS_TRY(read());
  if (validators_ >= 2) DOS_TRY(betrayal());
  else left_out("iii", "one validator has nobody to contradict it");
  if (validators_ >= 4) DOS_TRY(power_loss());
  else left_out("iv", "without one of fewer than four validators there is no quorum");
  DOS_TRY(mistakes());
  DOS_TRY(audit());
  figures_["proofs_checked"] = checks_;
  figures_["faults_survived"] = faults_;
  std::ranges::sort(final_ms_);
  if (!final_ms_.empty()) figures_["final_p50_ms"] = final_ms_[final_ms_.size() / 2];
  return {};
}

void TourCase::act(const char* number, const std::string& text) {
  run_.out.talk("");
  run_.out.talk(std::string(number) + "  " + text);
}

void TourCase::left_out(const char* number, const std::string& why) {
  act(number, "left out: " + why);
  run_.out.warn(std::string("act ") + number + " is left out: " + why + "; a network of four: dos net up NAME --validators 4");
  figures_["left_out"].push_back(number);
}

Result<StepResult> TourCase::step(std::vector<std::string> words, int wanted) {
  std::string line = "   $ dos";
  for (const auto& w : words)
    if (w != "--json") line += " " + quoted(w);
  words.insert(words.begin(), {"--net", net_});
  DOS_ASSIGN(auto r, run_self(words));
  if (line.size() > 150) line.resize(150);
  char time[48];
  std::snprintf(time, sizeof time, "   (%.2f s%s)", r.seconds,
                wanted == 0 ? "" : (", exit " + std::to_string(wanted) + " as it must be").c_str());
  run_.out.talk(line + time);
  if (r.code != wanted)
    return fail(Errc::internal, safe(line) + " ended with " + std::to_string(r.code) + " instead of " + std::to_string(wanted) + ": " +
                                    safe(r.out.substr(0, 600)));
  return r;
}

Result<Json> TourCase::data(std::vector<std::string> words, int wanted) {
  words.push_back("--json");
  DOS_ASSIGN(const auto r, step(std::move(words), wanted));
  const auto parsed = client::parse_json(r.out, kMaxStepOutput, "the answer");
  const auto j = parsed ? Json(*parsed) : Json();
  if (wanted != 0) return j;
  if (!j.is_object() || !j.contains("data")) return fail(Errc::internal, "no envelope: " + safe(r.out.substr(0, 200)));
  if (const auto at = j.find("at"); at != j.end()) {
    if (const auto checks = at->find("checks"); checks != at->end()) checks_ += checks->get<std::uint64_t>();
    if (const auto ms = at->find("final_ms"); ms != at->end())
      for (const auto& one : *ms) final_ms_.push_back(one.get<double>());
  }
  Json d = j["data"];
  d["seconds"] = r.seconds;
  return d;
}

std::vector<std::string> TourCase::through(const char* node, std::vector<std::string> words) const {
  if (std::size_t(node[1] - '0') <= validators_) words.insert(words.end(), {"--via", node});
  return words;
}

Status TourCase::reads(const std::string& path, const std::string& want, std::vector<std::string> words) {
  words.insert(words.begin(), {"cat", path});
  DOS_ASSIGN(const auto got, data(std::move(words)));
  return equal(got.value("content", std::string()), want, "file");
}

Result<std::string> TourCase::write(const std::string& name, const std::string& text) {
  const auto path = scratch_ / name;
  DOS_TRY(client::write_private(path, as_bytes(text)));
  return path.string();
}

Status TourCase::put(const std::string& name, const std::string& text, const std::string& to, const std::string& as) {
  DOS_ASSIGN(const auto file, write(name, text));
  DOS_TRY(data({"put", file, to, "--as", as}));
  return {};
}

Status TourCase::prepare() {
  act("  ", validators_ >= 4 ? "Two agencies, an archive and an auditor: alice at v1, bob at v2, the archive at v3, the auditor at v4"
                             : "Two agencies, an archive and an auditor, who share what validators there are");
  DOS_TRY(data({"mkdir", home_}));
  DOS_TRY(data({"chmod", "alice+rwda", home_}));
  return {};
}

Status TourCase::deposit() {
  act("i ", "alice puts the case folder: this machine's documentation and C headers, sealed, each file proved to be stored");
  DOS_ASSIGN(const auto gathered, gather_files(scratch_ / "case"));
  DOS_ASSIGN(const auto put, data({"put", "-r", (scratch_ / "case").string(), case_, "--as", "alice"}));
  figures_["files"] = put["files"];
  figures_["bytes"] = put["bytes"];
  figures_["put_seconds"] = put["seconds"];
  if (put["files"].get<std::uint64_t>() != gathered.files) return fail(Errc::internal, "not every file was put");
  DOS_TRY(this->put("report.txt", "The first report.\n", case_ + "/report.txt", "alice"));
  DOS_TRY(data({"chmod", "bob+r", case_, "--as", "alice"}));
  DOS_TRY(image());
  DOS_TRY(data({"send", "bob", kMessage + std::string(" ") + home_, "--as", "alice"}));
  return {};
}

Status TourCase::image() {
  DOS_ASSIGN(const auto binaries, find_binaries());
  DOS_ASSIGN(auto record, client::load_record(run_.places.net(net_)));
  if (record.toured == binaries.stamp && !run_.has("fresh-files")) {
    run_.out.talk("   the image of 100 MiB is stored already by an earlier tour of this build");
    return {};
  }
  run_.out.talk("   an image of 100 MiB: the repository and its cached sources in one archive");
  DOS_TRY(make_archive(scratch_ / "image.tar", kImageBytes));
  DOS_ASSIGN(const auto put, data({"put", (scratch_ / "image.tar").string(), case_ + "/image.tar", "--as", "alice"}));
  figures_["image_put_seconds"] = put["seconds"];
  figures_["image_stored"] = put["stored"];
  figures_["bytes"] = figures_["bytes"].get<std::uint64_t>() + kImageBytes;
  if (put["stored"]["got"] != put["stored"]["of"])
    return fail(Errc::not_stored,
                "the image is stored by " + compact(put["stored"]["got"]) + " of " + compact(put["stored"]["of"]) + " validators");
  DOS_ASSIGN(const auto got, data(through("v2", {"get", case_ + "/image.tar", (scratch_ / "back.tar").string(), "--as", "bob"})));
  figures_["image_get_seconds"] = got["seconds"];
  DOS_ASSIGN(const bool same, same_files(scratch_ / "image.tar", scratch_ / "back.tar"));
  if (!same) return fail(Errc::content_mismatch, "the image came back changed");
  std::error_code e;
  stdfs::remove(scratch_ / "image.tar", e);
  stdfs::remove(scratch_ / "back.tar", e);
  DOS_ASSIGN(record, client::load_record(run_.places.net(net_)));
  record.toured = binaries.stamp;
  return client::save_record(run_.places.net(net_), record);
}

Status TourCase::read() {
  act("ii", "bob reads folder and message through v2, his own validator, everything proved; carol does not");
  DOS_ASSIGN(const auto list, data(through("v2", {"ls", "-l", "-R", case_, "--as", "bob"})));
  std::uint64_t files = 0;
  for (const auto& i : list["items"]) files += i["type"] == "file";
  figures_["listed"] = files;
  figures_["list_seconds"] = list["seconds"];
  if (list["complete"] != true || files < figures_["files"].get<std::uint64_t>())
    return fail(Errc::proof_incomplete, "the listing is not complete");
  DOS_TRY(reads(case_ + "/report.txt", "The first report.\n", through("v2", {"--as", "bob"})));
  DOS_ASSIGN(const auto inbox, data(through("v2", {"inbox", "--as", "bob"})));
  bool found = false;
  for (const auto& m : inbox["items"]) found = found || m["text"] == kMessage + std::string(" ") + home_;
  if (!found) return fail(Errc::content_mismatch, "bob did not get the message");
  DOS_TRY(step({"cat", case_ + "/report.txt", "--as", "carol"}, 4));
  return {};
}

Status TourCase::betrayal() {
  act("iii", "v2's administrator turns bad: it changes what it serves. bob's client refuses it, and gets the truth from the others");
  DOS_TRY(data({"net", "tamper", "v2"}));
  DOS_TRY(step({"cat", case_ + "/report.txt", "--as", "bob", "--via", "v2"}, 8));
  DOS_TRY(reads(case_ + "/report.txt", "The first report.\n", {"--as", "bob"}));
  DOS_TRY(data({"net", "heal"}));
  DOS_TRY(reads(case_ + "/report.txt", "The first report.\n", {"--as", "bob", "--via", "v2"}));
  ++faults_;
  return {};
}

Status TourCase::power_loss() {
  act("iv", "v3 loses power. Work goes on; started again it catches up, fetches what it missed and serves it");
  DOS_TRY(data({"net", "kill", "v3"}));
  std::string evidence;
  for (int i = 0; i < 4000; ++i) evidence += "evidence, line " + std::to_string(i) + "\n";
  DOS_TRY(put("evidence.txt", evidence, case_ + "/evidence.txt", "alice"));
  for (int i = 1; i <= 8; ++i) DOS_TRY(data({"send", "bob", "note " + std::to_string(i) + " of " + home_, "--as", "alice"}));
  DOS_ASSIGN(const auto back, data({"net", "start", "v3"}));
  figures_["catch_up_seconds"] = back["seconds"];
  DOS_TRY(reads(case_ + "/evidence.txt", evidence, {"--as", "bob", "--via", "v3"}));
  ++faults_;
  return {};
}

Status TourCase::mistakes() {
  act("v ", "Mistakes: a report overwritten, then removed. Both are undone from history, and every step is proved");
  const auto report = case_ + "/report.txt", filed = case_ + "/the report.txt";
  DOS_TRY(put("report.txt", "Overwritten by mistake.\n", report, "alice"));
  DOS_TRY(data({"mv", report, filed, "--as", "alice"}));
  DOS_TRY(reads(filed + "@1", "The first report.\n", {"--as", "alice"}));
  DOS_TRY(data({"rm", filed, "--as", "alice"}));
  DOS_TRY(step({"cat", filed, "--as", "alice"}, 3));
  DOS_TRY(data({"restore", filed, "--as", "alice"}));
  DOS_TRY(data({"restore", filed + "@1", "--as", "alice"}));
  DOS_TRY(reads(filed, "The first report.\n", {"--as", "bob"}));
  DOS_ASSIGN(const auto log, data({"log", filed, "--as", "alice"}));
  figures_["revisions"] = log["items"].size();
  return {};
}

Status TourCase::audit() {
  act("vi", "The auditor takes a proof at v4. The network is stopped; the proof verifies offline, and with one byte changed it does not");
  const auto proof = (scratch_ / "report.proof").string();
  DOS_ASSIGN(const auto content, write("proved.txt", "The first report.\n"));
  DOS_TRY(data(through("v4", {"proof", case_ + "/the report.txt", "--open", "--as", "alice", "-o", proof})));
  DOS_ASSIGN(const auto before, data({"status"}));
  DOS_TRY(data({"net", "down"}));
  DOS_ASSIGN(const auto verified, data({"verify", proof, "--content", content}));
  figures_["verify_seconds"] = verified["seconds"];
  DOS_ASSIGN(auto bytes, client::read_regular(proof, 64 << 20));
  figures_["proof_bytes"] = bytes.size();
  bytes[bytes.size() / 2] ^= 1;
  const auto changed = scratch_ / "changed.proof";
  DOS_TRY(client::write_private(changed, bytes));
  DOS_TRY(step({"verify", changed.string()}, 8));
  ++faults_;
  DOS_ASSIGN(const auto up, data({"net", "up"}));
  figures_["up_seconds"] = up["seconds"];
  DOS_ASSIGN(const auto after, data({"status"}));
  figures_["height"] = after["height"];
  DOS_TRY(equal(after["height"].get<std::string>(), before["height"].get<std::string>(), "height"));
  ++faults_;
  return {};
}

}  // namespace dos::cli
