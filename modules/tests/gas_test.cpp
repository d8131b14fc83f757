// What calls cost, to the unit: each row of each table once, and one refusal a module, in the order of gas.txt beside this file; and
// the state root after all of them, with a hash over their receipts. Both are consensus: a change there is a change of format and
// says so in CHANGES.md. DOS_BLESS=1 (./dev bless) writes it anew.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "modules/credit/calls.hpp"
#include "modules/id/calls.hpp"
#include "modules/msg/calls.hpp"
#include "modules/tests/fs_driver.hpp"
#include "store/store.hpp"
#include "syscalls/syscalls.hpp"

namespace dos::modules {
namespace {

struct GasBill : Files {
  GasBill() {  // nothing is rounded up to what a call costs at least
    ledger::Params params;
    params.min_call_gas = 0;
    m = Machine(ledger::NetworkKind::local, params);
    m.declared = Gas{250'000};  // a fourth of it is paid in any case
  }
  std::ostringstream bill;
  std::set<std::string> rows;
  codec::Encoder receipts;

  void line(const std::string& call, const ledger::Receipt& r, const std::string& beside = {}) {
    bill << call << (beside.empty() ? "" : " " + beside) << " status " << int(r.status) << " gas " << r.gas.value << " bytes " << r.bytes
         << " fee " << r.fee.value << " rent " << r.rent.value << "\n";
    EXPECT_TRUE(!beside.empty() || done(r)) << call << ": " << r.detail;
    rows.insert(call);
    codec::write(receipts, r);
  }
  Hash state_root() const {
    fakes::SimDisk disk;
    fakes::NullLog log;
    const auto store = *store::Store::open(disk, log);
    store::StageRef top;
    for (std::size_t height = 0; height < m.deltas.size(); ++height) top = *store->stage(top, Height{height}, m.deltas[height]);
    return store->root(top);
  }
  ledger::Receipt pay(const std::string& who, const std::string& to, std::uint64_t credits) {
    const Credits amount{credits * kMicroPerCredit};
    return m.call(who,
                  {{ledger::Debit{ledger::purse_key(who), amount}},
                   {ledger::Deposit{ledger::purse_key(to)}},
                   Machine::reads(ledger::account_key(to))},
                  ledger::kCreditModule, credit::kPay, credit::Pay{who, to, amount});
  }
  ledger::Receipt faucet(const std::string& who) {
    const Credits amount{5 * kMicroPerCredit};
    return m.call(who,
                  {Machine::latest(credit::faucet_key()),
                   {ledger::Debit{ledger::purse_key(ledger::kFaucetPurse), amount}},
                   {ledger::Deposit{ledger::purse_key(who)}},
                   Machine::reads(ledger::account_key(who))},
                  ledger::kCreditModule, credit::kFaucet, credit::Faucet{who, amount});
  }
  ledger::Receipt make_account(const std::string& name) {
    return m.call("alice", {Machine::absent(ledger::account_key(name))}, ledger::kIdModule, id::kNew, id::New{name, m.account(name)});
  }
  ledger::Receipt rotate(const std::string& who, const std::string& name) {
    return m.call(who, {m.exact(ledger::account_key(name))}, ledger::kIdModule, id::kRotate, id::Rotate{name, m.account(name + "-new")});
  }
  ledger::Receipt make_home(const std::string& name) {
    const auto id = home(name), homes = fs::new_id("home.", {});
    m.also = {name};
    auto r = m.call("alice",
                    {Machine::latest(fs::entry_key(homes, name)), Machine::latest(fs::directory_key(id)),
                     Machine::latest(fs::ring_key(id, 1)), Machine::reads(ledger::account_key(name))},
                    ledger::kFsModule, fs::kHome, fs::Home{name, ring_for({name.c_str()})});
    m.also.clear();
    return r;
  }
  ledger::Receipt send(const std::string& who, const std::string& to) {
    return m.call(who, {{ledger::Append{msg::inbox_prefix(to)}}, Machine::reads(ledger::account_key(to))}, ledger::kMsgModule, msg::kSend,
                  msg::Send{to, {1, 2, 3}, 1, 64, Bytes(1300, 9)});
  }
  ledger::Receipt take(const std::string& who, const Bytes& key) {
    return m.call(who, {m.exact(key)}, ledger::kMsgModule, msg::kTake, msg::Take{key});
  }
  void settle() {
    const auto path = std::string(DOS_TEST_SOURCE) + "/modules/tests/gas.txt";
    if (std::getenv("DOS_BLESS") != nullptr) {
      std::ofstream(path, std::ios::binary) << bill.str();
      return;
    }
    std::ifstream in(path, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), bill.str());
  }
};

TEST_F(GasBill, of_each_call_is_the_one_written_down) {
  line("credit.pay", pay("alice", "bob", 3));
  line("credit.pay", pay("alice", "nobody", 3), "to nobody");
  line("credit.faucet", faucet("bob"));
  line("id.new", make_account("dave"));
  line("id.new", make_account("dave"), "taken");
  line("fs.home", make_home("dave"));

  const auto h = home("alice");
  line("fs.mkdir", mkdir("alice", h, "papers"));
  line("fs.mkdir", mkdir("bob", h, "mine"), "of another");
  const auto papers = entry(h, "papers").id;
  line("fs.create", create("alice", papers, "plan", sealed(4096)));
  line("fs.write", write("alice", papers, "plan", 1, open_text("for all")));
  m.stored = {std::get<ledger::BlobRef>(blob(1 << 20).where)};
  line("fs.create", create("alice", papers, "film", blob(1 << 20)), "stored");
  m.stored.clear();
  line("fs.chmod", chmod("alice", {h, "papers", "bob", fs::kRead, {}}));
  line("fs.ring", ring("alice", papers, 2, ring_for({"alice", "bob"}, 1)));
  line("fs.fold", fold("alice", papers, 2));
  line("fs.rename", rename("alice", {papers, "plan", h, "scheme", {}}));
  const auto version = m.at(fs::entry_key(h, "scheme"))->version;
  line("fs.delete", remove("alice", h, "scheme"));
  line("fs.undelete", undelete("alice", h, "scheme", version));
  line("fs.rmdir", rmdir("alice", h, "papers"), "not empty");
  folder("alice", h, "empty");
  line("fs.rmdir", rmdir("alice", h, "empty"));

  const auto sent = send("alice", "bob");
  line("msg.send", sent);
  const auto key = *codec::decode<Bytes>(sent.returns.at(0));
  line("msg.take", take("carol", key), "of another");
  line("msg.take", take("bob", key));

  line("id.rotate", rotate("carol", "carol"));

  for (const auto& t : syscalls::tables())
    for (const auto& row : t.rows) EXPECT_TRUE(rows.contains(t.name + "." + row.name)) << "has no line: " << t.name << "." << row.name;
  bill << "state root " << hex(state_root().view()) << "\nreceipts " << hex(crypto::plain_hash(receipts.out).view()) << "\n";
  settle();
}

}  // namespace
}  // namespace dos::modules
