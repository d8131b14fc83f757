// A replica on the node's event loop: the one thread that drives it, its links and its time.
#pragma once
#include <thread>

#include "links/peer_transport.hpp"
#include "os/event_loop.hpp"
#include "replica/replica.hpp"

namespace dos::node {

class ReplicaLoop final : private LinkEvents {
 public:
  using Task = std::move_only_function<void(replica::Replica&)>;
  // Further work of the owner on the loop: done after each event; answers when it is next due.
  using Chores = std::function<std::optional<std::uint64_t>(replica::Replica&)>;

  static Result<std::unique_ptr<ReplicaLoop>> open(replica::ReplicaConfig config, links::PeerConfig links, chain::ChainDisks disks,
                                                   const crypto::SigningKey& vote_key, const crypto::SigningKey& node_key,
                                                   chain::Edges edges, replica::ReplicaEvents& events, Chores chores);
  ~ReplicaLoop() override;

  void start();                        // the thread begins
  void post(Task task);                // from any thread; in order for the posts of one thread
  void stop();                         // the thread ends; what is posted afterwards never runs
  void on_thread(std::move_only_function<void(links::PeerTransport*)> work);  // null: it has no links. Not a task: nothing follows from it
  std::uint16_t port() const { return transport_ ? transport_->port() : 0; }
  replica::Replica& replica() { return *replica_; }  // before start(), after stop(), and for what any thread may use

 private:
  // The replica's transport: the real one, with this object between it and the replica; or none.
  struct Links final : Transport {
    explicit Links(ReplicaLoop& owner) : owner(owner) {}
    void start(LinkEvents& events) override;
    void keep_linked(std::vector<PeerAddress> to) override;
    void send(LinkId link, Bytes bytes) override;
    std::uint64_t queued_bytes(LinkId link) const override;
    void close(LinkId link) override;
    ReplicaLoop& owner;
  };
  ReplicaLoop() : links_(*this) {}
  void link_up(LinkId link, const Hash& peer) override;
  void link_bytes(LinkId link, BytesView bytes) override;
  void link_down(LinkId link) override;
  void after();

  std::unique_ptr<os::EventLoop> loop_;
  std::unique_ptr<links::PeerTransport> transport_;
  Links links_;
  LinkEvents* inner_ = nullptr;
  std::unique_ptr<replica::Replica> replica_;
  Chores chores_;
  std::thread thread_;
};

}  // namespace dos::node
