// Questions whose answers take more than a moment wait here for a thread of their own, so that they hold up neither those who answer
// requests nor the one that makes blocks. Who asks much waits behind its own questions only: sources take turns, and when all places are
// taken the newest question of the source that has most gives way to who has clearly less.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "api/http.hpp"

namespace dos::node {

class Questions {
 public:
  using Work = std::move_only_function<void(bool run)>;  // called once; false: the node stops, or there is no room
  Questions(std::size_t most, std::size_t most_of_source);
  ~Questions() { stop(); }
  void start();
  void post(const api::Source& source, Work work);
  void stop();
  std::size_t waiting() const;
  std::size_t limit() const { return most_; }

 private:
  void run();
  bool take(const api::Source& source, Work& work, std::optional<Work>& out);
  std::optional<Work> give_way(std::size_t own);

  const std::size_t most_, most_of_source_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<api::Source, std::deque<Work>> waiting_;
  std::deque<api::Source> turns_;  // those with questions
  std::size_t count_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace dos::node
