// dos-bench: benchmarks of the libraries themselves. `./dev bench` runs it beside those over real processes (bench/run.py).
#include <sys/resource.h>
#include <time.h>

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "attacks.hpp"
#include "base/command_line.hpp"
#include "row.hpp"

namespace dos::bench {

const std::vector<Benchmark> kBenchmarks = {
    {"B5", "authenticated updates, reads and proofs against RocksDB", b5_store},
    {"B7", "a system module call against the same logic native", b7_kernel},
    {"B10", "a store opened again after kill -9", b10_restart},
    {"B14", "verification against the signature floor", b14_verification},
};

namespace {
void print(nlohmann::json j, Must must) {
  if (must.kind != nullptr) j["must"] = {must.kind, must.bound};
  std::printf("%s\n", j.dump().c_str());
  std::fflush(stdout);
}
}  // namespace

void row(const std::string& id, const std::string& what, const std::string& peer, double dos, double peer_value, const std::string& unit,
         bool lower_is_better, Must must) {
  print({{"id", id},
         {"what", what},
         {"peer", peer},
         {"dos", dos},
         {"peer_value", peer_value},
         {"unit", unit},
         {"better", lower_is_better ? "lower" : "higher"}},
        must);
}

void note(const std::string& id, const std::string& what, double value, const std::string& unit, Must must) {
  print({{"id", id}, {"what", what}, {"peer", "floor"}, {"dos", value}, {"peer_value", nullptr}, {"unit", unit}, {"better", "lower"}},
        must);
}

void unmeasured(const std::string& id, const std::string& what, const std::string& peer, const std::string& why) {
  print({{"id", id}, {"what", what}, {"peer", peer}, {"dos", nullptr}, {"peer_value", nullptr}, {"why", why}}, {});
}

namespace {
double seconds(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}
}  // namespace

double wall_seconds() { return seconds(CLOCK_MONOTONIC); }
double cpu_seconds() { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace dos::bench

constexpr double kMaxRate = 100'000;  // transactions a second

int main(int argc, char** argv) {
  using namespace dos;
  using namespace dos::bench;
  Options options;
  ReadLoad load;
  WriteLoad write;
  AttackLoad attack;
  std::string only;
  bool help = false;
  const Setting settings[] = {
      text_setting("--only", "ID", only, "one id, such as B5"),
      switch_setting("--quick", options.quick, "small sizes"),
      text_setting("--folder", "DIR", options.folder, "scratch folder on the disk to measure"),
      text_setting("--modules", "DIR", options.modules, "folder of the system modules' .wasm"),
      text_setting("--read-url", "URL", load.url, "measure proved reads of this node instead"),
      text_setting("--genesis", "FILE", load.genesis, "its genesis file"),
      number_setting("--clients", load.clients, 1, 64, "concurrent readers"),
      number_setting("--seconds", load.seconds, 1, 30, "how long"),
      {{"--write-url", true},
       "URL",
       "measure signed writes to this node instead (with --genesis, DOS_HOME); may be repeated",
       [&write](const std::string& url) -> Status {
         write.urls.push_back(url);
         return {};
       }},
      text_setting("--net", "NAME", write.net, "whose development keys sign"),
      number_setting("--writers", write.clients, 1, 256, "concurrent connections"),
      number_setting("--batch", write.batch, 1, 1024, "transactions a request"),
      number_setting("--count", write.count, 1, 200'000, "transactions in all"),
      {{"--rate", true},
       "R",
       "transactions a second, one by one",
       [&write](const std::string& text) -> Status {
         const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), write.rate);
         if (bad == std::errc() && end == text.data() + text.size() && write.rate >= 0 && write.rate <= kMaxRate) return {};
         return fail(Errc::usage, "takes a rate from 0 to 100000");
       }},
      switch_setting("--list", write.list, "list signatures"),
      text_setting("--attack", "NAME", attack.name,
                   "attack the node of --read-url instead (with --genesis, DOS_HOME); 'list' prints the names"),
      switch_setting("--help,-h", help, "this"),
  };
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto rest = read_settings(words, settings);
  if (help) {
    std::printf("Benchmarks of the DOS libraries; prints one JSON object a line.\n%s", settings_help(settings).c_str());
    return 0;
  }
  const auto wrong = !rest ? rest.error().detail : !rest->empty() ? "takes no arguments" : options.folder.empty() ? "needs --folder" : "";
  if (!wrong.empty()) {
    std::fprintf(stderr, "dos-bench %s\n", wrong.c_str());
    return 2;
  }
  if (!attack.name.empty()) {
    attack.url = load.url, attack.genesis = load.genesis, attack.net = write.net, attack.seconds = load.seconds;
    return attack_load(attack);
  }
  write.genesis = load.genesis;
  write.seconds = load.seconds;
  if (!write.urls.empty()) return write_load(write);
  if (!load.url.empty()) return read_load(load);
  bool known = only.empty();
  for (const auto& b : kBenchmarks) {
    if (!only.empty() && only != b.id) continue;
    known = true;
    b.run(options);
  }
  if (!known) std::fprintf(stderr, "dos-bench: no benchmark %s; there are B5, B7, B10 and B14\n", only.c_str());
  return known ? 0 : 2;
}
