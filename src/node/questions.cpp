#include "node/questions.hpp"

#include <utility>

namespace dos::node {

Questions::Questions(std::size_t most, std::size_t most_of_source) : most_(most), most_of_source_(most_of_source) {}

void Questions::start() {
  thread_ = std::thread([this] { run(); });
}

bool Questions::take(const api::Source& source, Work& work) {
  const std::lock_guard hold(mutex_);
  if (stopping_ || count_ >= most_) return false;
  auto& own = waiting_[source];
  if (own.size() >= most_of_source_) return false;
  if (own.empty()) turns_.push_back(source);
  own.push_back(std::move(work));
  ++count_;
  return true;
}

void Questions::post(const api::Source& source, Work work) {
  if (!take(source, work)) return work(false);
  changed_.notify_one();
}

void Questions::run() {
  std::unique_lock hold(mutex_);
  for (;;) {
    changed_.wait(hold, [&] { return stopping_ || count_ > 0; });
    if (stopping_) return;
    const auto source = turns_.front();
    turns_.pop_front();
    const auto at = waiting_.find(source);
    auto work = std::move(at->second.front());
    at->second.pop_front();
    --count_;
    if (at->second.empty()) waiting_.erase(at);
    else turns_.push_back(source);
    hold.unlock();
    work(true);
    hold.lock();
  }
}

void Questions::stop() {
  {
    const std::lock_guard hold(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::map<api::Source, std::deque<Work>> left;
  {
    const std::lock_guard hold(mutex_);
    left.swap(waiting_);
    count_ = 0;
  }
  for (auto& [source, works] : left)
    for (auto& work : works) work(false);
}

std::size_t Questions::waiting() const {
  const std::lock_guard hold(mutex_);
  return count_;
}

}  // namespace dos::node
