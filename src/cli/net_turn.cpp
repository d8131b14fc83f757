#include "cli/net_turn.hpp"

#include <thread>

namespace dos::cli {

using namespace std::chrono_literals;

constexpr auto kWaitsUnsaid = 1s;  // as long as a start commonly takes

Result<client::FileLock> take_net_turn(const std::filesystem::path& file, const std::string& net, std::chrono::milliseconds time,
                                       const std::function<void(const std::string&)>& talk) {
  const auto begun = std::chrono::steady_clock::now();
  for (bool said = false;;) {
    DOS_ASSIGN(auto turn, client::FileLock::try_take(file));
    if (turn) return std::move(*turn);
    const auto waited = std::chrono::steady_clock::now() - begun;
    if (waited >= time)
      return fail(Errc::timed_out, "another `dos net` command works on network '" + net + "', and has not ended within " +
                                       std::to_string(time.count()) + " ms; nothing was changed");
    if (!said && waited >= kWaitsUnsaid) {
      said = true;
      talk("another `dos net` command works on network '" + net + "': this one waits until it has ended");
    }
    std::this_thread::sleep_for(5ms);
  }
}

}  // namespace dos::cli
