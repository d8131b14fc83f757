// The node's one thread: links, posted work and one deadline, each handled whole before the next. Boost.Asio stays behind
// this header; what needs its io_context (peer_*.cpp) includes event_loop_context.hpp. Without events the thread sleeps in
// the kernel: nothing is polled, an idle loop costs nothing.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.hpp"

namespace dos::os {

class EventLoop {
 public:
  using Task = std::move_only_function<void()>;

  static Result<std::unique_ptr<EventLoop>> make();  // host_io: no descriptors left
  ~EventLoop();                                      // only after run() has returned; drops what was posted and not run
  EventLoop(const EventLoop&) = delete;

  // From any thread. Runs on the loop's thread, never inside this call; in order for the posts of one thread.
  void post(Task task);
  // The calling thread becomes the loop's until stop(). A task that throws ends the process. May be called again.
  void run() noexcept;
  void stop();           // from any thread; what is under way is finished, what is posted stays for the next run()
  bool on_loop() const;  // whether the caller is the loop's thread

  // One deadline. On the loop's thread, or before run(). The handler is called once, at or soon after the time given last (at
  // once if it has passed); nullopt: never. Setting it to what it is, or later, costs nothing.
  void on_deadline(Task handler);
  void set_deadline(std::optional<std::uint64_t> monotonic_ns);
  std::uint64_t now_ns() const;  // SystemClock::monotonic_ns

  struct Context;  // event_loop_context.hpp
  Context& context() { return *context_; }

 private:
  explicit EventLoop(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

}  // namespace dos::os
