// What keeps the readers of a chain and its one driver apart. A node that is read by several threads gives a lock (node/turn_lock.hpp);
// whoever has the chain on one thread gives none. Not recursive.
#pragma once

namespace dos::chain {

struct ReadGate {  // named like a standard lock's, for std::shared_lock and std::lock_guard of those who have threads
  virtual ~ReadGate() = default;
  virtual void lock() = 0;         // alone
  virtual void unlock() = 0;
  virtual void lock_shared() = 0;  // together with others that read
  virtual void unlock_shared() = 0;
};

struct NoGate final : ReadGate {  // for one thread
  void lock() override {}
  void unlock() override {}
  void lock_shared() override {}
  void unlock_shared() override {}
};

class [[nodiscard]] ReadHold {
 public:
  explicit ReadHold(ReadGate& gate) : gate_(gate) { gate_.lock_shared(); }
  ~ReadHold() { gate_.unlock_shared(); }
  ReadHold(const ReadHold&) = delete;
  ReadHold& operator=(const ReadHold&) = delete;

 private:
  ReadGate& gate_;
};

class [[nodiscard]] WriteHold {
 public:
  explicit WriteHold(ReadGate& gate) : gate_(gate) { gate_.lock(); }
  ~WriteHold() { gate_.unlock(); }
  WriteHold(const WriteHold&) = delete;
  WriteHold& operator=(const WriteHold&) = delete;

 private:
  ReadGate& gate_;
};

}  // namespace dos::chain
