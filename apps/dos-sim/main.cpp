// dos-sim: whole networks of validators in one thread, on simulated clocks, disks and links, from one number.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <span>

#include "base/command_line.hpp"
#include "base/shown_text.hpp"
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

int complain(const std::string& what) {
  std::fprintf(stderr, "dos-sim: %s\n", what.c_str());
  return 2;
}

// One line of JSON for each kind of liar.
int measure_attacks(LiarKind only, const AttackSetting& setting, const Modules& modules) {
  bool good = true;
  const auto ms = [](SimTime t) { return double(t) / double(kMs); };
  for (std::size_t k = 1; k < std::size_t(LiarKind::count); ++k) {
    const auto kind = LiarKind(k);
    if (only != LiarKind::none && only != kind) continue;
    const auto a = measure_attack(kind, modules, setting);
    for (const auto& f : a.attacked.failures) std::printf("FAILED  %s: %s\n", liar_text(kind), f.c_str());
    good = good && a.attacked.failures.empty() && a.quiet.failures.empty();
    std::printf(
        "{\"liar\":\"%s\",\"seconds\":%llu,\"delay_us\":%llu,\"quiet\":{\"transactions\":%llu,\"p50_ms\":%.1f,\"p99_ms\":%.1f},"
        "\"attacked\":{\"transactions\":%llu,\"p50_ms\":%.1f,\"p99_ms\":%.1f},\"throughput\":%.3f,\"p99\":%.3f,\"lies\":%llu",
        liar_text(kind), static_cast<unsigned long long>(setting.seconds), static_cast<unsigned long long>(setting.delay / 1000),
        static_cast<unsigned long long>(a.quiet.transactions), ms(a.quiet.p50), ms(a.quiet.p99),
        static_cast<unsigned long long>(a.attacked.transactions), ms(a.attacked.p50), ms(a.attacked.p99), a.throughput(), a.p99(),
        static_cast<unsigned long long>(a.attacked.lies));
    if (lies_to_guests(kind))
      std::printf(
          ",\"guests\":{\"quiet\":{\"acknowledged_p99_ms\":%.1f,\"stored_p99_ms\":%.1f,\"in_vain\":%llu},"
          "\"attacked\":{\"acknowledged_p99_ms\":%.1f,\"stored_p99_ms\":%.1f,\"in_vain\":%llu}}",
          ms(a.quiet.acknowledged_p99), ms(a.quiet.stored_p99), static_cast<unsigned long long>(a.quiet.in_vain),
          ms(a.attacked.acknowledged_p99), ms(a.attacked.stored_p99), static_cast<unsigned long long>(a.attacked.in_vain));
    std::printf("}\n");
    std::fflush(stdout);
  }
  return good ? 0 : 1;
}

int help(std::span<const dos::Setting> settings) {
  std::printf(
      "Runs networks of validators in one thread on simulated clocks, disks and links. A seed is a run, to the bit.\n\n"
      "  dos-sim run SEED             one seed; ends with 1 if a checker objects\n"
      "  dos-sim replay SEED [TRACE]  one seed twice; ends with 1 unless both give the same trace (and TRACE, if given)\n"
      "  dos-sim campaign             many seeds; prints how often each kind of fault happened\n"
      "  dos-sim attack               what one lying validator of four costs the others; a line of JSON for each kind of liar\n\n%s",
      settings_help(settings).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace dos;
  std::string modules_folder = built_modules();
  bool trace = false, wants_help = false;
  std::string liar;
  std::uint64_t delay_us = 20'000, attack_seconds = kAttackSeconds;
  CampaignOptions options;
  options.jobs = std::uint32_t(std::max(1l, ::sysconf(_SC_NPROCESSORS_ONLN)));
  const Setting settings[] = {
      text_setting("--modules", "DIR", modules_folder, "folder of the system modules' .wasm"),
      switch_setting("--trace", trace, "run: print what happens"),
      number_setting("--seeds", options.seeds, 1, 100'000'000, "campaign: how many (500)"),
      number_setting("--from", options.first, 0, UINT64_MAX, "campaign: the first (1)"),
      number_setting("--twice", options.twice, 0, UINT64_MAX, "campaign: the first so many run twice and must give the same trace"),
      number_setting("--jobs", options.jobs, 1, 256, "campaign: processes at a time"),
      number_setting("--budget-seconds", options.budget_seconds, 0, UINT32_MAX, "campaign: begin no seed after"),
      text_setting("--liar", "KIND", liar, "attack: only this kind; --from is its seed. Others: whoever lies tells this lie"),
      number_setting("--delay-us", delay_us, 1, 1'000'000, "attack: between any two validators (20000)"),
      number_setting("--seconds", attack_seconds, 1, 3'600, "attack: simulated, each of the two networks (60)"),
      switch_setting("--help,-h", wants_help, "this"),
  };
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto rest = read_settings(words, settings);
  if (wants_help) return help(settings);
  if (!rest) return complain(rest.error().detail);
  const auto only = liar.empty() ? std::optional(LiarKind::none) : liar_called(liar);
  if (!only) return complain("no liar is called '" + shown_text(liar) + "'");
  const auto verb = rest->empty() ? std::string() : rest->front();
  if (verb == "campaign" && rest->size() == 1) {
    options.program = argv[0];
    options.liar = *only;
    options.every_kind = options.seeds >= 500 && *only == LiarKind::none;
    options.modules = modules_folder;
    return run_campaign(options);
  }
  if (verb == "attack" && rest->size() == 1) {
    const auto modules = Modules::load(modules_folder);
    return modules ? measure_attacks(*only, {options.first, attack_seconds, SimTime(delay_us) * 1000}, **modules)
                   : complain(modules.error().detail);
  }
  const bool replay = verb == "replay";
  if ((verb != "run" && !replay) || rest->size() < 2 || rest->size() > (replay ? 3u : 2u))
    return complain("dos-sim run SEED, replay SEED [TRACE], campaign or attack; see --help");
  const auto seed = whole_number((*rest)[1], 0, UINT64_MAX);
  if (!seed) return complain("SEED " + seed.error().detail);
  const auto modules = Modules::load(modules_folder);
  if (!modules) return complain(modules.error().detail);
  RunOptions how;
  if (trace) how.print = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const auto report = run_plan(draw_plan(*seed, *only), **modules, how);
  print_report(report);
  if (replay) {
    const auto again = run_plan(draw_plan(*seed, *only), **modules);
    std::printf("trace %s of the second run\n", again.digest.c_str());
    return again.digest == report.digest && (rest->size() < 3 || (*rest)[2] == report.digest) ? 0 : 1;
  }
  return report.failures.empty() ? 0 : 1;
}
