#include "os/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "os/event_loop_context.hpp"

namespace dos::os {

namespace asio = boost::asio;

Result<std::unique_ptr<EventLoop>> EventLoop::make() {
  try {
    return std::unique_ptr<EventLoop>(new EventLoop(std::make_unique<Context>()));
  } catch (const boost::system::system_error& e) { return fail(Errc::host_io, std::string("cannot make an event loop: ") + e.what()); }
}
EventLoop::EventLoop(std::unique_ptr<Context> context) : context_(std::move(context)) {}
EventLoop::~EventLoop() = default;

void EventLoop::post(Task task) { asio::post(context_->io, std::move(task)); }

void EventLoop::run() noexcept {
  auto& c = *context_;
  c.io.restart();
  if (!c.stop_asked) {  // stop() may have come before this thread got here
    const auto work = asio::make_work_guard(c.io);
    c.thread = std::this_thread::get_id();
    c.io.run();
    c.thread = std::thread::id();
  }
  c.stop_asked = false;
}

void EventLoop::stop() {
  context_->stop_asked = true;
  context_->io.stop();
}

bool EventLoop::on_loop() const { return context_->thread.load() == std::this_thread::get_id(); }

void EventLoop::on_deadline(Task handler) { context_->handler = std::move(handler); }

void EventLoop::set_deadline(std::optional<std::uint64_t> monotonic_ns) {
  auto& c = *context_;
  c.wanted_ns = monotonic_ns;
  // A deadline that moves away (every message moves it) leaves the timer: it goes off early once and is armed again then.
  if (c.wanted_ns && (!c.armed_ns || *c.wanted_ns < *c.armed_ns)) c.arm();
}

void EventLoop::Context::arm() {
  armed_ns = wanted_ns;
  constexpr std::uint64_t kFarthest = std::uint64_t(INT64_MAX) / 2;  // what the clock's signed count can add and compare
  const std::chrono::nanoseconds at(std::int64_t(std::min(*wanted_ns, kFarthest)));
  timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::duration_cast<std::chrono::steady_clock::duration>(at)));
  timer.async_wait([this, mine = *armed_ns](boost::system::error_code e) {
    // Armed anew while this call was on its way: the newer one counts.
    if (e || armed_ns != mine) return;
    armed_ns.reset();
    if (!wanted_ns) return;
    const auto now = std::uint64_t(std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
    if (now < *wanted_ns) return arm();
    wanted_ns.reset();
    if (handler) handler();
  });
}

std::uint64_t EventLoop::now_ns() const {
  return std::uint64_t(std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

}  // namespace dos::os
