// What each source may ask of this node in a second, and what all strangers may together: token buckets of work (cost.hpp). The
// time is passed in. This machine is one source with a budget of its own, beside that of the strangers. Where the strangers' budget is
// short, each that asked of late has an equal share of it: a few that ask for all there is do not shut the others out.
#pragma once
#include <array>
#include <map>
#include <mutex>
#include <optional>

#include "api/cost.hpp"
#include "api/http.hpp"

namespace dos::api {

struct WorkLimit {
  std::uint64_t per_second, burst;
};
inline constexpr WorkLimit kSourceWork{200'000, 1'000'000};       // a fifth of a core; at once the greatest question there is
inline constexpr WorkLimit kStrangersWork{500'000, 1'000'000};    // half a core for all of them
inline constexpr WorkLimit kLocalWork{4'000'000, 8'000'000};
inline constexpr std::uint64_t kFairDebt =
    4 * kStrangersWork.burst;  // that questions within their shares may leave, so that work has a bound
inline constexpr std::uint64_t kRefusalWork = 20;                 // of one that was told to wait and did not
inline constexpr std::size_t kMaxSources = 16'384;                // remembered; further ones share one budget
inline constexpr std::uint64_t kForgetSourceNs = 10'000'000'000;  // after which any budget is whole again, from the deepest debt too

class Budgets {
 public:
  // Takes all of it or nothing. None: it is paid. Otherwise how long until it could be, or kNeverMs: it is more than may be spent at once.
  std::optional<std::uint64_t> take(const Source& source, std::uint64_t work, std::uint64_t now_ns);
  // For what was done before its size was known, and for junk. The debt ends at one burst.
  void owe(const Source& source, std::uint64_t work, std::uint64_t now_ns);
  static constexpr std::uint64_t kNeverMs = UINT64_MAX;

  struct Figures {
    std::uint64_t sources = 0, refused = 0, spent = 0;  // remembered now; questions; units of work since the start
  };
  Figures figures() const;

 private:
  struct Bucket {
    std::int64_t nano = 0;  // billionths of a unit of work; below 0: owed
    std::uint64_t from_ns = 0;
    std::uint64_t told_ns = 0;  // until when it was told to wait
    std::uint64_t second = 0, shared = 0;  // when it asked last; spent of its shares since
    bool counted = false;  // `second` is set
    void fill(const WorkLimit& limit, std::uint64_t now_ns);
    void owe(const WorkLimit& limit, std::uint64_t work);
    std::uint64_t wait_ms(const WorkLimit& limit, std::uint64_t work) const;  // 0: it is there
  };
  static Bucket whole(const WorkLimit& limit, std::uint64_t now_ns);
  Bucket& of(const Source& source, std::uint64_t now_ns);
  void enter_second(Bucket& own, std::uint64_t now_ns);
  std::uint64_t share() const;  // of one stranger, a second
  std::uint64_t wait_together(const Bucket& own, std::uint64_t work, std::uint64_t now_ns) const;
  void refuse(Bucket& own, const WorkLimit& limit, std::uint64_t wait_ms, std::uint64_t now_ns);

  mutable std::mutex mutex_;
  std::map<Source, Bucket> sources_;  // strangers
  std::optional<Bucket> local_, strangers_, further_;
  std::uint64_t forgot_ns_ = 0;
  std::uint64_t second_ = 0, active_ = 0, active_before_ = 0;  // strangers that asked in this second, and in those before
  Figures figures_;
};

// What is said to who has to wait. limit for kNeverMs, else busy.
Error refusal(std::uint64_t wait_ms);
Response told_to_wait(std::uint64_t wait_ms, std::string_view instance = {});  // with its Retry-After

}  // namespace dos::api
