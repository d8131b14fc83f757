#include "sim/plan.hpp"

#include "ledger/block.hpp"

namespace dos::sim {
namespace {

std::vector<std::uint64_t> draw_weights(Random& random) {
  static constexpr std::uint32_t kSizes[] = {4, 4, 4, 4, 4, 4, 4, 1, 5, 7};
  std::vector<std::uint64_t> weights(kSizes[random.below(10)], 1);
  switch (random.below(4)) {
    case 0:  // one a little under a third
      if (weights.size() >= 4) {
        for (auto& w : weights) w = 10;
        weights[0] = (weights.size() - 1) * 10 / 2 - 1;
      }
      break;
    case 1:  // falling
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = 12 / (i + 2) + 3;
      break;
    default: break;
  }
  return weights;
}

// Marks members for whom `take` is called while their weight together stays below a third: 3 * sum < total.
void mark_below_third(const std::vector<std::uint64_t>& weights, Random& random, const std::function<bool(std::size_t)>& take) {
  std::uint64_t total = 0, used = 0;
  for (const auto w : weights) total += w;
  const auto first = random.below(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto who = (first + i) % weights.size();
    if (3 * (used + weights[who]) >= total || !take(who)) continue;
    used += weights[who];
  }
}

void draw_network(Plan& plan, Random& random) {
  auto& p = plan.path;
  static constexpr SimTime kDelays[] = {kMs / 5, 2 * kMs, 20 * kMs, 60 * kMs};
  p.delay = kDelays[random.below(4)];
  p.jitter = random.between(kMs / 10, p.delay);
  if (random.below(3) == 0) p.tail = std::uint32_t(random.between(1'000, 50'000));
  const auto some = [&](FaultKind kind, std::uint32_t& what, std::uint32_t most) {
    if (plan.has(kind)) what = std::uint32_t(random.between(most / 20, most));
  };
  some(FaultKind::send_lost, p.loss, 200'000);
  some(FaultKind::send_repeated, p.repeat, 200'000);
  some(FaultKind::send_overtook, p.overtake, 200'000);
  some(FaultKind::send_cut, p.cut, 500'000);
  some(FaultKind::link_broken, p.break_link, 10'000);
}

}  // namespace

const char* liar_text(LiarKind kind) {
  static constexpr const char* kTexts[] = {
#define DOS_SIM_ROW(name, text) text,
      DOS_SIM_LIARS(DOS_SIM_ROW)
#undef DOS_SIM_ROW
  };
  return kTexts[std::size_t(kind)];
}

std::optional<LiarKind> liar_called(std::string_view text) {
  for (std::size_t k = 1; k < std::size_t(LiarKind::count); ++k)
    if (text == liar_text(LiarKind(k))) return LiarKind(k);
  return std::nullopt;
}

Plan draw_plan(std::uint64_t seed, LiarKind only) {
  Random random = Random(seed).fork("plan");
  Plan plan;
  plan.seed = seed;
  if (random.below(20) == 0) plan.suite = crypto::Suite::pq;
  plan.weights = draw_weights(random);
  plan.liars.assign(plan.weights.size(), LiarKind::none);
  plan.disk_unsafe.assign(plan.weights.size(), false);

  // Each kind is on in a third of the runs; in one run of ten none is.
  if (random.below(10) != 0)
    for (std::size_t kind = 0; kind < kDrawnKinds; ++kind) plan.on[kind] = random.below(3) == 0;
  if (const bool lie = random.below(2) == 0; lie || only != LiarKind::none) {
    mark_below_third(plan.weights, random, [&](std::size_t who) {
      plan.liars[who] = LiarKind(random.between(1, std::uint64_t(kFirstLaterLiar) - 1));
      return true;
    });
  } else {
    mark_below_third(plan.weights, random, [&](std::size_t who) {
      plan.disk_unsafe[who] = true;
      return true;
    });
  }
  plan.fault_every_ms = std::uint32_t(random.between(100, 1'500));
  plan.faults_until = random.between(3, 8) * kSecond;
  plan.clients = std::uint32_t(random.between(1, 4));
  plan.think_ms = std::uint32_t(random.between(20, 400));
  draw_network(plan, random);
  // From numbers of their own, so that all else of a seed stays as it was before there were these kinds.
  const auto some_are = [&](const char* name, std::uint64_t one_of, LiarKind first, LiarKind end) {
    Random later = Random(seed).fork(name);
    for (auto& kind : plan.liars)
      if (kind != LiarKind::none && later.below(one_of) == 0) kind = LiarKind(later.between(std::uint64_t(first), std::uint64_t(end) - 1));
  };
  some_are("later liars", 3, kFirstLaterLiar, kFirstLatestLiar);
  some_are("latest liars", 4, kFirstLatestLiar, LiarKind::count);
  for (auto& kind : plan.liars) {
    if (kind != LiarKind::none && only != LiarKind::none) kind = only;
    plan.guests |= lies_to_guests(kind);
  }
  return plan;
}

std::string Plan::text() const {
  std::string out = "seed " + std::to_string(seed) + ": weights";
  for (const auto w : weights) out += " " + std::to_string(w);
  out += suite == crypto::Suite::pq ? ", suite pq" : ", suite classic";
  out += ", faults until " + std::to_string(faults_until / kMs) + " ms, every " + std::to_string(fault_every_ms) + " ms";
  out += ", delay " + std::to_string(path.delay / 1000) + " us";
  if (guests) out += ", guests";
  if (engine != Plan{}.engine) out += ", engine " + std::to_string(engine);
  for (std::size_t i = 0; i < liars.size(); ++i) {
    if (liars[i] != LiarKind::none) out += ", v" + std::to_string(i + 1) + " " + liar_text(liars[i]);
    if (disk_unsafe[i]) out += ", v" + std::to_string(i + 1) + "'s disk unsafe";
  }
  out += "; on:";
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    if (on[kind]) out += " " + std::string(kFaultRows[kind].name);
  return out;
}

}  // namespace dos::sim
