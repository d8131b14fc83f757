// dos-bench: benchmarks of the libraries themselves. `./dev bench` runs it beside those over real processes (bench/run.py).
#include <sys/resource.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "attacks.hpp"
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

int main(int argc, char** argv) {
  using namespace dos::bench;
  CLI::App app{"Benchmarks of the DOS libraries; prints one JSON object a line."};
  Options options;
  std::string only;
  app.add_option("--only", only, "one id, such as B5");
  app.add_flag("--quick", options.quick, "small sizes");
  app.add_option("--folder", options.folder, "scratch folder on the disk to measure")->required();
  app.add_option("--modules", options.modules, "folder of the system modules' .wasm");
  ReadLoad load;
  app.add_option("--read-url", load.url, "measure proved reads of this node instead");
  app.add_option("--genesis", load.genesis, "its genesis file");
  app.add_option("--clients", load.clients, "concurrent readers")->check(CLI::Range(1, 64));
  app.add_option("--seconds", load.seconds, "how long")->check(CLI::Range(1, 30));
  WriteLoad write;
  app.add_option("--write-url", write.urls, "measure signed writes to these nodes instead (with --genesis, DOS_HOME)");
  app.add_option("--net", write.net, "whose development keys sign");
  app.add_option("--writers", write.clients, "concurrent connections")->check(CLI::Range(1, 256));
  app.add_option("--batch", write.batch, "transactions a request")->check(CLI::Range(1, 1024));
  app.add_option("--count", write.count, "transactions in all")->check(CLI::Range(1, 200'000));
  app.add_option("--rate", write.rate, "transactions a second, one by one")->check(CLI::Range(0.0, 100'000.0));
  app.add_flag("--list", write.list, "list signatures");
  AttackLoad attack;
  app.add_option("--attack", attack.name, "attack the node of --read-url instead (with --genesis, DOS_HOME); `list` prints the names");
  CLI11_PARSE(app, argc, argv);
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
