// Where the parts of net/ put what they send. Peers is the real one.
#pragma once
#include "net/message_table.hpp"
#include "net/work.hpp"

namespace dos::net {

struct Outbox {
  virtual ~Outbox() = default;
  // False: no link to that validator, or no room for this class of frame now. Nothing is promised by true: a link may fail.
  virtual bool send(std::uint16_t to, const AnyMessage& message) = 0;
  virtual void send_all(const AnyMessage& message) = 0;         // to everybody linked; encoded once
  virtual std::vector<std::uint16_t> linked() const = 0;        // validators, ascending
  // Whether an answer of that many bytes would be taken: asked before reading it from disk. A peer that does not read what
  // it asked for gets no more (no queue of its making grows here).
  virtual bool room_for(std::uint16_t to, std::size_t bytes) const = 0;
  // The budget of work that a peer may cause (work.hpp). What is sent to whoever asked, while its question is answered, is
  // taken off by itself.
  virtual bool affords(std::uint16_t) { return true; }
  virtual void charge(std::uint16_t, const Work&) {}
};

}  // namespace dos::net
