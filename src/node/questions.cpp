#include "node/questions.hpp"

#include <algorithm>
#include <utility>

namespace dos::node {

Questions::Questions(std::size_t most, std::size_t most_of_source) : most_(most), most_of_source_(most_of_source) {}

void Questions::start() {
  thread_ = std::thread([this] { run(); });
}

// Who has more than one, so its turn stays.
std::optional<Questions::Work> Questions::give_way(std::size_t own) {
  const auto most = std::ranges::max_element(waiting_, {}, [](const auto& w) { return w.second.size(); });
  if (most == waiting_.end() || most->second.size() <= own + 1) return std::nullopt;
  auto newest = std::move(most->second.back());
  most->second.pop_back();
  --count_;
  return newest;
}

bool Questions::take(const api::Source& source, Work& work, std::optional<Work>& out) {
  const std::lock_guard hold(mutex_);
  if (stopping_) return false;
  const auto at = waiting_.find(source);
  const auto own = at == waiting_.end() ? 0 : at->second.size();
  if (own >= most_of_source_) return false;
  if (count_ >= most_) {
    out = give_way(own);
    if (!out) return false;
  }
  if (own == 0) turns_.push_back(source);
  waiting_[source].push_back(std::move(work));
  ++count_;
  return true;
}

void Questions::post(const api::Source& source, Work work) {
  std::optional<Work> out;
  if (!take(source, work, out)) return work(false);
  changed_.notify_one();
  if (out) (*out)(false);
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
