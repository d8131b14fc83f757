// The nodes of a network as one command asks them: in an order that leaves those for last that just failed, hung or lied, moving
// on when one does. Nothing here decides what is true: the caller judges each answer.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/trust/http.hpp"

namespace dos::client {

// Bytes that do not verify, or contradict what is known: what an honest node never sends.
bool is_lie(Errc code);

class Nodes {
 public:
  using Milliseconds = std::chrono::milliseconds;
  // How long a node is waited for. In the first round each gets `first`, so that one that hangs does not hold up the others; those
  // that timed out get `each` in a second round. A node that is alone gets `each` at once. `total` bounds it all, and in the first
  // round none gets more than half of what is left of it while another has not been asked.
  struct Patience {
    Milliseconds total{30'000}, each{30'000}, first{2'000};
  };
  // Judges one answer; proof_*, content and signature errors count as a lie of the node, malformed bytes too.
  using Use = std::function<Status(const HttpAnswer&, const Url&)>;
  class One {  // the node at hand
   public:
    // `leaving`: right before a byte of it may reach the node (HttpConnection::request).
    Status ask(std::string_view method, const std::string& target, BytesView body, std::uint64_t body_limit, const Use& use,
               const std::function<void()>& leaving = {});
    const Url& url() const;
    const std::string& name() const;
    bool sent() const;  // bytes of the last question may have reached it, whatever came back

   private:
    friend class Nodes;
    One(Nodes& nodes, std::size_t index, Milliseconds limit, std::chrono::steady_clock::time_point deadline)
        : nodes_(nodes), index_(index), limit_(limit), deadline_(deadline) {}
    Nodes& nodes_;
    std::size_t index_;
    Milliseconds limit_;                              // of one question
    std::chrono::steady_clock::time_point deadline_;  // of all of them
    bool asked_ = false;           // the last question was put to it: there was time
    std::optional<Errc> claimed_;  // its last answer was this error, without a proof
    bool its_words_ = false;       // and its text is the node's
  };
  using Work = std::function<Status(One&)>;

  void add(std::string name, Url url, std::vector<crypto::PublicKey> node_keys);
  bool empty() const { return nodes_.empty(); }
  std::size_t size() const { return nodes_.size(); }

  // Does `work` with one node; what another may do better (is_lie, unreachable, behind, busy, ...), and whatever a node claims without
  // a proof, is done again with the next, from the start. Other errors end it: they are this machine's. If all fail: a lie before a
  // lag before a claim before silence. A claim never says how the command ends: it is `unproved`, with the node's words quoted, if it had any, unless
  // its own code says no more than that this node has no answer (busy, behind, ...).
  Status with_one(const Work& work, const Patience& patience);
  // The node that answered last is asked last from now on, for a while.
  void pass_over(const std::string& why);
  const std::vector<std::string>& notes() const { return notes_; }  // one line a node passed over

 private:
  using Clock = std::chrono::steady_clock;
  struct Node {
    HttpConnection connection;
    std::string name;
    Clock::time_point avoid_until{};
  };
  std::vector<std::size_t> order() const;
  void note(std::size_t index, const Error& error, const One* claims);  // `claims`: it is a claim of that one
  std::vector<Node> nodes_;
  std::size_t first_ = 0;  // answered last: asked first
  std::vector<std::string> notes_;
};

}  // namespace dos::client
