// What all connections of an HTTP server share: their places, the memory they hold, who is closed to make room. For all threads.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include "serve/byte_budget.hpp"
#include "serve/crowd.hpp"
#include "serve/handshake_pace.hpp"
#include "serve/http_server.hpp"

namespace dos::serve {

inline constexpr std::size_t kClosingShare = 8;  // one in so many more may be giving way and not be gone yet (share_descriptors)

class Closable {
 public:
  virtual ~Closable() = default;
  virtual void close() = 0;                            // later, on its own strand
  virtual std::shared_ptr<Closable> let_go() = 0;      // waits for its answer no longer
};

class HttpHouse {
 public:
  using Id = std::uint64_t;
  HttpHouse(HttpConfig config, HttpServer::Handler handler);
  const HttpConfig config;
  const HttpServer::Handler handler;

  // ---- places
  std::optional<Id> enter(Closable* s, const api::Source& source);  // none: no place, and nobody to give way
  void leave(Id id);
  void rest(Id id);
  void work(Id id);
  void give_up_one();  // descriptors are short
  // How long a TLS handshake has to wait before it begins; none: it is turned away.
  std::optional<std::uint64_t> begin_handshake(Id id, const api::Source& source, std::uint64_t now_ns);
  void end_handshake(Id id);

  // ---- memory; false: no room, and nobody to give way
  enum class Kind { write, read, answer };
  bool hold(Kind kind, Id id, const api::Source& source, std::size_t bytes);
  void keep(Kind kind, Id id);
  void release(Id id);  // of all kinds

  // ---- the end
  void close_all();
  void let_go_all();  // once no thread uses them
  // What handlers hold may outlive the server: behind this, nothing of it is touched any more.
  struct Gate {
    std::mutex mutex;
    bool open = true;
  };
  const std::shared_ptr<Gate>& gate() const { return gate_; }
  HttpCounters counters() const;

 private:
  void close(Id id);  // mutex_ held
  ByteBudget& budget(Kind kind) { return kind == Kind::write ? writes_ : kind == Kind::read ? reads_ : answers_; }

  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  mutable std::mutex mutex_;  // all below
  Id next_ = 1;
  std::map<Id, Closable*> all_;  // those that give way, too, until they are gone
  Crowd places_, handshakes_;
  HandshakePace pace_;
  ByteBudget writes_, reads_, answers_;
  std::uint64_t gave_way_ = 0, turned_away_ = 0;
};

}  // namespace dos::serve
