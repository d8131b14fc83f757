#include "node/replica_loop.hpp"

namespace dos::node {

Result<std::unique_ptr<ReplicaLoop>> ReplicaLoop::open(replica::ReplicaConfig config, links::PeerConfig links, chain::ChainDisks disks,
                                                       const crypto::SigningKey& vote_key, const crypto::SigningKey& node_key,
                                                       chain::Edges edges, replica::ReplicaEvents& events, Chores chores) {
  std::unique_ptr<ReplicaLoop> l(new ReplicaLoop);
  DOS_ASSIGN(l->loop_, os::EventLoop::make());
  if (!links.accepted.empty()) {
    const std::string host = links.host;
    DOS_ASSIGN(l->transport_, links::PeerTransport::open(*l->loop_, std::move(links), edges.entropy, edges.log));
    if (l->transport_->port() != 0 && config.listen.empty())
      config.listen = (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(l->transport_->port());
  }
  l->chores_ = std::move(chores);
  DOS_ASSIGN(l->replica_, replica::Replica::open(std::move(config), disks, vote_key, node_key, {edges, l->links_}, events));
  return l;
}

ReplicaLoop::~ReplicaLoop() {
  stop();
  replica_.reset();
  transport_.reset();
}

void ReplicaLoop::start() {
  loop_->on_deadline([this] {
    replica_->wake();
    after();
  });
  post([](replica::Replica& replica) { replica.start(); });
  thread_ = std::thread([this] { loop_->run(); });
}

void ReplicaLoop::post(Task task) {
  loop_->post([this, task = std::move(task)]() mutable {
    task(*replica_);
    after();
  });
}

void ReplicaLoop::stop() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

void ReplicaLoop::on_thread(std::move_only_function<void(links::PeerTransport*)> work) {
  loop_->post([this, work = std::move(work)]() mutable { work(transport_.get()); });
}

void ReplicaLoop::after() {
  auto due = replica_->wakeup_ns();
  if (const auto own = chores_(*replica_); own && (!due || *own < *due)) due = own;
  loop_->set_deadline(due);
}

void ReplicaLoop::link_up(LinkId link, const Hash& peer) {
  inner_->link_up(link, peer);
  after();
}
void ReplicaLoop::link_bytes(LinkId link, BytesView bytes) {
  inner_->link_bytes(link, bytes);
  after();
}
void ReplicaLoop::link_down(LinkId link) {
  inner_->link_down(link);
  after();
}

void ReplicaLoop::Links::start(LinkEvents& events) {
  owner.inner_ = &events;
  if (owner.transport_) owner.transport_->start(owner);
}
void ReplicaLoop::Links::keep_linked(std::vector<PeerAddress> to) {
  if (owner.transport_) owner.transport_->keep_linked(std::move(to));
}
void ReplicaLoop::Links::send(LinkId link, Bytes bytes) {
  if (owner.transport_) owner.transport_->send(link, std::move(bytes));
}
std::uint64_t ReplicaLoop::Links::queued_bytes(LinkId link) const { return owner.transport_ ? owner.transport_->queued_bytes(link) : 0; }
void ReplicaLoop::Links::close(LinkId link) {
  if (owner.transport_) owner.transport_->close(link);
}

}  // namespace dos::node
