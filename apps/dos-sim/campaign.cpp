#include "campaign.hpp"

#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <sstream>

namespace dos::sim {
namespace {

constexpr time_t kMostSeconds = 300;  // of the processor, for a seed or two runs of it

double seconds() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

struct Worker {
  pid_t pid = -1;
  int from = -1;
  std::uint64_t next = 0;             // seed it goes on with if it dies
  std::optional<std::uint64_t> busy;  // seed under way
  std::string unread;
};

struct Totals {
  std::uint64_t good = 0, bad = 0, same = 0, different = 0;
  std::uint64_t blocks = 0, votes = 0, transactions = 0, starts = 0, steps = 0, simulated_ms = 0, slowest_ms = 0;
  FaultCounters counters;
};

class Campaign {
 public:
  explicit Campaign(const CampaignOptions& options) : o_(options), began_(seconds()) {}
  int run();

 private:
  bool time_left() const { return o_.budget_seconds == 0 || seconds() - began_ < o_.budget_seconds; }
  void start(Worker& w, std::uint64_t seed);
  [[noreturn]] void work(std::uint64_t seed, int to) const;
  void heard(Worker& w);
  void line(Worker& w, const std::string& text);
  void ended(Worker& w);
  void failed(std::uint64_t seed, const std::string& why);
  void summary() const;

  const CampaignOptions& o_;
  double began_;
  Totals totals_;
  std::string cannot_;  // why no seed can run at all
};

void Campaign::work(std::uint64_t seed, int to) const {
  const auto say = [&](const std::string& text) {
    if (::write(to, text.data(), text.size()) != ssize_t(text.size())) ::_exit(3);
  };
  const auto modules = Modules::load(o_.modules);  // here: the compiler's threads do not live through a fork
  if (!modules) {
    say("cannot 0 " + modules.error().detail + "\n");
    ::_exit(2);
  }
  for (; seed < o_.first + o_.seeds && time_left(); seed += o_.jobs) {
    say("begin " + std::to_string(seed) + "\n");
    // A call that never returns ends the worker (SIGPROF), and so is seen. Of processor time: a machine busy with something else ends none.
    const itimerval most{{}, {kMostSeconds, 0}};
    ::setitimer(ITIMER_PROF, &most, nullptr);
    const auto report = run_plan(draw_plan(seed, o_.liar), **modules);
    say(to_line(seed, report));
    if (seed - o_.first >= o_.twice) continue;
    const auto again = run_plan(draw_plan(seed, o_.liar), **modules);
    say("twice " + std::to_string(seed) + (again.digest == report.digest ? " same\n" : " different " + again.digest + "\n"));
  }
  ::_exit(0);
}

void Campaign::start(Worker& w, std::uint64_t seed) {
  int ends[2];
  if (::pipe(ends) != 0) return failed(seed, "no pipe for a worker");
  std::fflush(stdout);
  w.pid = ::fork();
  if (w.pid == 0) {
    ::close(ends[0]);
    work(seed, ends[1]);
  }
  ::close(ends[1]);
  w.from = ends[0];
  w.next = seed;
  w.busy.reset();
}

void Campaign::failed(std::uint64_t seed, const std::string& why) {
  const auto liar = o_.liar == LiarKind::none ? std::string() : " --liar '" + std::string(liar_text(o_.liar)) + "'";
  std::printf("FAILED  seed %llu: %s\n        %s run %llu%s --trace\n", static_cast<unsigned long long>(seed), why.c_str(),
              o_.program.c_str(), static_cast<unsigned long long>(seed), liar.c_str());
  std::fflush(stdout);
}

void Campaign::line(Worker& w, const std::string& text) {
  std::istringstream in(text);
  std::string what;
  std::uint64_t seed = 0;
  in >> what >> seed;
  if (what == "cannot") {
    std::getline(in >> std::ws, cannot_);
  } else if (what == "begin") {
    w.busy = seed;
  } else if (what == "fault") {
    std::string rest;
    std::getline(in, rest);
    failed(seed, rest.substr(std::min<std::size_t>(1, rest.size())));
  } else if (what == "twice") {
    std::string how, digest;
    in >> how >> digest;
    ++(how == "same" ? totals_.same : totals_.different);
    if (how != "same") failed(seed, "the second run of the seed went another way: " + digest);
  } else if (what == "seed") {
    std::string ok, digest;
    std::uint64_t blocks = 0, votes = 0, transactions = 0, starts = 0, steps = 0, ended = 0;
    in >> ok >> digest >> blocks >> votes >> transactions >> starts >> steps >> ended;
    ++(ok == "ok" ? totals_.good : totals_.bad);
    totals_.blocks += blocks;
    totals_.votes += votes;
    totals_.transactions += transactions;
    totals_.starts += starts;
    totals_.steps += steps;
    totals_.simulated_ms += ended;
    for (auto& n : totals_.counters.fired) {
      std::uint64_t more = 0;
      in >> more;
      n += more;
    }
    w.busy.reset();
    w.next = seed + o_.jobs;
  }
}

void Campaign::heard(Worker& w) {
  char buffer[65536];
  const auto n = ::read(w.from, buffer, sizeof(buffer));
  if (n <= 0) return ended(w);
  w.unread.append(buffer, std::size_t(n));
  for (std::size_t end; (end = w.unread.find('\n')) != std::string::npos;) {
    line(w, w.unread.substr(0, end));
    w.unread.erase(0, end + 1);
  }
}

void Campaign::ended(Worker& w) {
  int status = 0;
  ::waitpid(w.pid, &status, 0);
  ::close(w.from);
  w.from = -1;
  if (!cannot_.empty() || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return;
  const auto seed = w.busy.value_or(w.next);
  ++totals_.bad;
  failed(seed, "its process ended with " +
                   (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) : "exit " + std::to_string(WEXITSTATUS(status))));
  const auto next = seed + o_.jobs;
  if (next < o_.first + o_.seeds && time_left()) start(w, next);
}

void Campaign::summary() const {
  const double took = seconds() - began_;
  std::printf(
      "\n%llu seeds in %.0f s (%u at a time), %.0f s simulated: %llu blocks, %llu transactions, %llu votes checked, %llu starts of nodes, "
      "%llu events\n",
      static_cast<unsigned long long>(totals_.good + totals_.bad), took, o_.jobs, double(totals_.simulated_ms) / 1000,
      static_cast<unsigned long long>(totals_.blocks), static_cast<unsigned long long>(totals_.transactions),
      static_cast<unsigned long long>(totals_.votes), static_cast<unsigned long long>(totals_.starts),
      static_cast<unsigned long long>(totals_.steps));
  for (std::size_t k = 0; k < kFaultKinds; ++k)
    std::printf("  %-20.*s %10llu  %.*s\n", int(kFaultRows[k].name.size()), kFaultRows[k].name.data(),
                static_cast<unsigned long long>(totals_.counters.fired[k]), int(kFaultRows[k].what.size()), kFaultRows[k].what.data());
}

int Campaign::run() {
  std::vector<Worker> workers(o_.jobs);
  for (std::uint32_t i = 0; i < o_.jobs && i < o_.seeds; ++i) start(workers[i], o_.first + i);
  for (;;) {
    std::vector<pollfd> polled;
    std::vector<Worker*> of;
    for (auto& w : workers)
      if (w.from >= 0) {
        polled.push_back({w.from, POLLIN, 0});
        of.push_back(&w);
      }
    if (polled.empty()) break;
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < polled.size(); ++i)
      if (polled[i].revents != 0) heard(*of[i]);
  }
  if (!cannot_.empty()) {
    std::fprintf(stderr, "dos-sim: %s\n", cannot_.c_str());
    return 2;
  }
  summary();
  std::uint64_t good = totals_.good + totals_.same, bad = totals_.bad + totals_.different;
  if (o_.every_kind) {
    for (std::size_t k = 0; k < kFaultKinds; ++k)
      if (totals_.counters.fired[k] == 0) {
        ++bad;
        std::printf("FAILED  %.*s never happened\n", int(kFaultRows[k].name.size()), kFaultRows[k].name.data());
      }
    ++good;
  }
  if (totals_.good + totals_.bad < o_.seeds) {
    ++bad;
    std::printf("FAILED  only %llu of %llu seeds ran within %u s\n", static_cast<unsigned long long>(totals_.good + totals_.bad),
                static_cast<unsigned long long>(o_.seeds), o_.budget_seconds);
  }
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(good), static_cast<unsigned long long>(bad));
  return bad == 0 ? 0 : 1;
}

}  // namespace

std::string to_line(std::uint64_t seed, const Report& r) {
  std::string out;
  for (const auto& f : r.failures) {
    std::string text = f;
    std::replace(text.begin(), text.end(), '\n', ' ');
    out += "fault " + std::to_string(seed) + " " + text + "\n";
  }
  out += "seed " + std::to_string(seed) + (r.failures.empty() ? " ok " : " bad ") + r.digest;
  for (const auto n : {r.height.value, r.votes, r.transactions, r.starts, r.steps, r.ended / kMs}) out += " " + std::to_string(n);
  for (const auto n : r.counters.fired) out += " " + std::to_string(n);
  return out + "\n";
}

int run_campaign(const CampaignOptions& options) { return Campaign(options).run(); }

}  // namespace dos::sim
