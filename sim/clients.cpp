#include "sim/clients.hpp"

#include "modules/credit/calls.hpp"
#include "modules/msg/calls.hpp"
#include "replica/transaction_desk.hpp"

namespace dos::sim {
namespace {
constexpr std::uint64_t kLifeMs = 60'000;
constexpr std::size_t kMostWaiting = 64;
}  // namespace

Clients::Clients(World& world, ReplicaSetting& setting, Bank& bank, Random random)
    : world_(world), setting_(setting), bank_(bank), random_(random), entropy_(random.fork("entropy")) {
  for (std::uint32_t c = 0; c < world_.plan.clients; ++c) {
    keys_.push_back(key_of(account_name(c), vote_key_type(world_.plan.suite)));
    bank_.open_account(account_name(c), kFirstMicro);
  }
}

void Clients::start() {
  for (std::uint32_t c = 0; c < keys_.size(); ++c) think(c);
}

SimTime Clients::think_time() { return random_.between(world_.plan.think_ms / 4, 2 * world_.plan.think_ms) * kMs; }

void Clients::think(std::uint32_t client) {
  world_.schedule.after(think_time(), [this, client] {
    if (!making_) return;
    if (waiting_.size() < kMostWaiting)
      for (std::uint64_t burst = random_.below(20) == 0 ? 15 : 1; burst > 0; --burst) make(client);  // above kCompactAbove at times
    think(client);
  });
}

ledger::Transaction Clients::draft(std::uint32_t client, Payment& payment) {
  const auto from = account_name(client);
  const auto to = account_name(std::uint32_t(random_.below(keys_.size())));
  ledger::Transaction t;
  t.chain = setting_.chain;
  t.sender = {ledger::AccountSender{from, "active"}};
  t.valid_until = TimeMs{kEpochMs + world_.now() / kMs + kLifeMs};
  payment.from = from;
  if (to != from && random_.below(3) != 0) {
    payment.to = to;
    payment.micro = random_.between(1, kMicroPerCredit);
    if (random_.below(20) == 0) payment.micro = 2 * kFirstMicro;  // more than it may have: a receipt that says no
    t.limits = {Gas{2'000'000}, 8'000, Credits{0}};
    t.calls.push_back(
        {ledger::kCreditModule, credit::kPay, {ledger::Literal{codec::encode(credit::Pay{from, to, Credits{payment.micro}})}}});
    t.access = {{ledger::Debit{ledger::purse_key(from), Credits{payment.micro}}},
                {ledger::Deposit{ledger::purse_key(to)}},
                {ledger::Read{ledger::account_key(to), std::nullopt}}};
  } else {
    msg::Send s{to, {}, 1, 64, Bytes(random_.between(100, 3'000), std::uint8_t(random_()))};
    entropy_.fill(s.id);
    t.limits = {Gas{4'000'000}, 16'000, Credits{50'000}};
    t.calls.push_back({ledger::kMsgModule, msg::kSend, {ledger::Literal{codec::encode(s)}}});
    t.access = {{ledger::Append{msg::inbox_prefix(to)}}, {ledger::Read{ledger::account_key(to), std::nullopt}}};
  }
  return t;
}

void Clients::make(std::uint32_t client) {
  Payment payment;
  auto t = draft(client, payment);
  const auto txid = ledger::txid(t);
  if (waiting_.contains(txid) || bank_.place(txid) != nullptr) return;  // twice the same within a millisecond
  const auto& key = keys_[client];
  ledger::SigWitness witness{"", crypto::key_id(key.public_key()),
                             *crypto::sign(key, crypto::domain::kSignTx, setting_.chain, ledger::TxToSign{txid}, entropy_)};
  Waiting w{{std::move(t), {{std::move(witness)}}}, {}, {}, world_.now()};
  w.valid_until = w.tx.tx.valid_until;
  w.encoded = codec::encode(w.tx);
  bank_.made(txid, std::move(payment));
  waiting_.emplace(txid, std::move(w));
  ++made_;
  hand_in(txid);
}

void Clients::hand_in(const Hash& txid) {
  const auto it = waiting_.find(txid);
  if (it == waiting_.end()) return;
  auto& w = it->second;
  if (kEpochMs + world_.now() / kMs > w.valid_until.value + 5'000) {
    ++expired_;
    waiting_.erase(it);
    return;
  }
  auto at = random_.below(world_.machines.size());
  while (!world_.plan.ask_liars && !world_.honest(Machine(at))) at = random_.below(world_.machines.size());
  auto& machine = *world_.machines[at];
  ++w.tries;
  machine.call([this, txid, &machine] {
    const auto now = waiting_.find(txid);
    if (now != waiting_.end()) submit(machine, txid, now->second);
  });
  world_.schedule.after(random_.between(500, 1'500) * kMs, [this, txid] { hand_in(txid); });
}

bool Clients::submit(SimMachine& machine, const Hash& txid, const Waiting& w) {
  auto& replica = static_cast<ReplicaProcess*>(machine.process())->replica();
  auto entry = replica::Admission(replica.chain(), machine.clock).admit(w.encoded, w.tx, txid);
  if (!entry) return false;
  std::vector<replica::PoolEntry> entries;
  entries.push_back(std::move(*entry));
  return replica.submit(std::move(entries)).front().has_value();
}

void Clients::final_block(const chain::MadeBlock& made) {
  bank_.block(made.anchor.header.height, made.receipts);
  for (const auto& r : made.receipts) {
    const auto it = waiting_.find(r.txid);
    if (it == waiting_.end()) continue;
    latencies_.push_back(world_.now() - it->second.made_at);
    waiting_.erase(it);
  }
}

}  // namespace dos::sim
