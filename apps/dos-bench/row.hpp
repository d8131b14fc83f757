// What every benchmark gives: rows of figures, printed as one JSON line each; bench/run.py pairs and judges them.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dos::bench {

struct Options {
  bool quick = false;
  std::string folder;   // scratch, on the disk that is measured
  std::string modules;  // folder of the system modules' .wasm
};

// A row that is judged by itself, besides those that bench/run.py judges: "dos <=", "ratio <=" or "ratio >=" and the bound.
struct Must {
  const char* kind = nullptr;
  double bound = 0;
};
// One measured pair: `dos` and `peer` in the same unit, taken one after the other on the same machine.
void row(const std::string& id, const std::string& what, const std::string& peer, double dos, double peer_value, const std::string& unit,
         bool lower_is_better, Must must = {});
void note(const std::string& id, const std::string& what, double value, const std::string& unit, Must must = {});  // a figure without peer
void unmeasured(const std::string& id, const std::string& what, const std::string& peer, const std::string& why);

double wall_seconds();
double cpu_seconds();  // of this process, all threads

struct Benchmark {
  const char* id;
  const char* what;
  void (*run)(const Options&);
};
extern const std::vector<Benchmark> kBenchmarks;

// Proved reads over HTTP in a closed loop, each verified as the client verifies; prints {n, p50_ms, p99_ms, seconds}.
struct ReadLoad {
  std::string url, genesis;
  int clients = 1, seconds = 3;
};
int read_load(const ReadLoad&);

// Signed calls to several nodes, each verified to be final; prints {committed, per_second, p50_ms, p99_ms, seconds, blocks, errors}.
struct WriteLoad {
  std::vector<std::string> urls;
  std::string genesis, net = "local";
  int clients = 8, batch = 64, count = 10'000;  // as fast as it goes
  double rate = 0, seconds = 10;  // above 0: so many a second, one by one
  bool list = false;  // one signature for up to kMaxListTransactions
};
int write_load(const WriteLoad&);

void b5_store(const Options&);
void b7_kernel(const Options&);
void b10_restart(const Options&);
void b14_verification(const Options&);

}  // namespace dos::bench
