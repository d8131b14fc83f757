// Inside of EventLoop, for the files that put sockets on it. Everybody else includes event_loop.hpp.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "os/event_loop.hpp"

namespace dos::os {

struct EventLoop::Context {
  void arm();

  boost::asio::io_context io{1};  // one thread
  std::atomic<std::thread::id> thread{};
  std::atomic<bool> stop_asked{false};
  boost::asio::steady_timer timer{io};
  Task handler;
  std::optional<std::uint64_t> wanted_ns, armed_ns;  // armed: when the timer goes off; never later than wanted
};

}  // namespace dos::os
