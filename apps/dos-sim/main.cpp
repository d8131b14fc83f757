// dos-sim: whole networks of validators in one thread, on simulated clocks, disks and links, from one number.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "campaign.hpp"
#include "sim/attack.hpp"

namespace {

using namespace dos::sim;

std::string built_modules() {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? "modules" : (self.parent_path().parent_path() / "modules").string();
}

void print_report(const Report& r) {
  for (const auto& line : r.last_words) std::printf("%s\n", line.c_str());
  std::printf("%s\n", r.plan.c_str());
  std::printf("%llu blocks, %llu transactions, %llu votes, %llu starts, view %llu, %llu events in %llu ms simulated; settled in %llu ms\n",
              static_cast<unsigned long long>(r.height.value), static_cast<unsigned long long>(r.transactions),
              static_cast<unsigned long long>(r.votes), static_cast<unsigned long long>(r.starts), static_cast<unsigned long long>(r.views),
              static_cast<unsigned long long>(r.steps), static_cast<unsigned long long>(r.ended / kMs),
              static_cast<unsigned long long>(r.settled_in / kMs));
  for (const auto& f : r.failures) std::printf("FAILED  %s\n", f.c_str());
  std::printf("trace %s\n", r.digest.c_str());
}

// One line of JSON for each kind of liar.
int measure_attacks(const std::string& only, std::uint64_t seed, const Modules& modules) {
  bool known = false, good = true;
  const auto ms = [](SimTime t) { return double(t) / double(kMs); };
  for (std::size_t k = 1; k < std::size_t(LiarKind::count); ++k) {
    const auto kind = LiarKind(k);
    if (!only.empty() && only != liar_text(kind)) continue;
    known = true;
    const auto a = measure_attack(kind, seed, modules);
    for (const auto& f : a.attacked.failures) std::printf("FAILED  %s: %s\n", liar_text(kind), f.c_str());
    good = good && a.attacked.failures.empty() && a.quiet.failures.empty();
    std::printf(
        "{\"liar\":\"%s\",\"seconds\":%llu,\"quiet\":{\"transactions\":%llu,\"p50_ms\":%.1f,\"p99_ms\":%.1f},"
        "\"attacked\":{\"transactions\":%llu,\"p50_ms\":%.1f,\"p99_ms\":%.1f},\"throughput\":%.3f,\"p99\":%.3f}\n",
        liar_text(kind), static_cast<unsigned long long>(kAttackSeconds), static_cast<unsigned long long>(a.quiet.transactions),
        ms(a.quiet.p50), ms(a.quiet.p99), static_cast<unsigned long long>(a.attacked.transactions), ms(a.attacked.p50), ms(a.attacked.p99),
        a.throughput(), a.p99());
    std::fflush(stdout);
  }
  if (!known) std::fprintf(stderr, "dos-sim: no liar is called '%s'\n", only.c_str());
  return !known ? 2 : good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs networks of validators in one thread on simulated clocks, disks and links. A seed is a run, to the bit."};
  app.require_subcommand(1);
  std::string modules_folder = built_modules();
  app.add_option("--modules", modules_folder, "folder of the system modules' .wasm");

  std::uint64_t seed = 0;
  bool trace = false;
  auto* run = app.add_subcommand("run", "one seed; ends with 1 if a checker objects");
  run->add_option("SEED", seed)->required();
  run->add_flag("--trace", trace, "print what happens");

  std::string digest;
  auto* replay = app.add_subcommand("replay", "one seed twice; ends with 1 unless both give the same trace (and TRACE, if given)");
  replay->add_option("SEED", seed)->required();
  replay->add_option("TRACE", digest, "the trace that a run of it printed");

  std::string liar;
  std::uint64_t attack_seed = 1;
  auto* attack =
      app.add_subcommand("attack", "what one lying validator of four costs the others, in simulated time; a line of JSON for each kind");
  attack->add_option("--liar", liar, "only this kind");
  attack->add_option("--seed", attack_seed);

  CampaignOptions options;
  options.jobs = std::uint32_t(std::max(1l, ::sysconf(_SC_NPROCESSORS_ONLN)));
  auto* campaign = app.add_subcommand("campaign", "many seeds; prints how often each kind of fault happened");
  campaign->add_option("--seeds", options.seeds, "how many")->check(CLI::Range(1, 100'000'000));
  campaign->add_option("--from", options.first, "the first");
  campaign->add_option("--twice", options.twice, "the first so many run twice and must give the same trace");
  campaign->add_option("--jobs", options.jobs, "processes at a time")->check(CLI::Range(1, 256));
  campaign->add_option("--budget-seconds", options.budget_seconds, "begin no seed after");
  CLI11_PARSE(app, argc, argv);

  if (*campaign) {
    options.program = argv[0];
    options.every_kind = options.seeds >= 500;
    options.modules = modules_folder;
    return run_campaign(options);
  }
  const auto modules = Modules::load(modules_folder);
  if (!modules) {
    std::fprintf(stderr, "dos-sim: %s\n", modules.error().detail.c_str());
    return 2;
  }
  if (*attack) return measure_attacks(liar, attack_seed, **modules);
  RunOptions how;
  if (trace) how.print = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const auto report = run_plan(draw_plan(seed), **modules, how);
  print_report(report);
  if (*replay) {
    const auto again = run_plan(draw_plan(seed), **modules);
    std::printf("trace %s of the second run\n", again.digest.c_str());
    return again.digest == report.digest && (digest.empty() || digest == report.digest) ? 0 : 1;
  }
  return report.failures.empty() ? 0 : 1;
}
