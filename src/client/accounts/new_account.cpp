#include "client/accounts/new_account.hpp"

#include "client/entropy.hpp"
#include "client/files/folder_keys.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"
#include "modules/id/calls.hpp"

namespace dos::client {
namespace {

Draft new_account(const Identity& who) {
  Draft draft;
  draft.told = "makes the account " + who.account();
  draft.bare = true;
  draft.absent(ledger::account_key(who.account()));
  draft.deposit(ledger::purse_key(who.account()));
  auto account = account_of(who);
  account.development = false;  // that mark in the ledger is for those of a local genesis; here it says how the key is kept
  draft.call(ledger::kIdModule, id::kNew, id::New{who.account(), std::move(account)});
  return draft;
}

Result<Draft> new_home(Session& session, const Identity& who) {
  SystemEntropy entropy;
  DosPath home;
  home.components = {"home"};
  DOS_ASSIGN(const auto place, look(session, home, kFolderFacts));
  DOS_TRY(must_be_folder(place));
  const auto dir = fs::new_id(who.account(), Hash{});
  DOS_ASSIGN(const auto key, encryption_key(account_of(who)));
  DOS_ASSIGN(auto ring, first_ring(dir, nullptr, {{who.account(), key}}, entropy));
  Draft draft;
  draft.told = "makes the home of " + who.account();
  draft.bare = true;
  draft.absent(fs::entry_key(place.folder().id, who.account()));
  draft.absent(fs::directory_key(dir));
  draft.absent(fs::ring_key(dir, 1));
  draft.read(ledger::account_key(who.account()));
  draft.call(ledger::kFsModule, fs::kHome, fs::Home{who.account(), std::move(ring.record)});
  return draft;
}

// Two transactions, since the second needs the first's keys in force.
class MakeAccount final : public PlanOf<AccountMade> {
 public:
  MakeAccount(Session& session, const Identity& who, bool there) : session_(session), who_(who), there_(there) {}
  Result<Step> next() override {
    if (done_) return Step{};
    if (!there_) return one_step(new_account(who_));
    DOS_ASSIGN(auto draft, new_home(session_, who_));
    return one_step(std::move(draft));
  }
  Status proved(std::vector<Done> done) override {
    if (there_) out_.home = std::move(done.at(0));
    else out_.account = std::move(done.at(0));
    done_ = there_;
    there_ = true;
    return {};
  }
  AccountMade outcome() override { return std::move(out_); }

 private:
  Session& session_;
  const Identity& who_;
  bool there_, done_ = false;
  AccountMade out_;
};

}  // namespace

Planned<AccountMade> make_account(Session& session, const Identity& who, bool there) {
  return std::make_unique<MakeAccount>(session, who, there);
}

Result<Draft> rotate_keys(Session& session, const Identity& me, const Identity& next) {
  DOS_ASSIGN(const auto facts, accounts(session, {me.account()}));
  DOS_ASSIGN(auto account, rotated_account(facts[0].account, me, next));
  Draft draft;
  draft.told = "gives " + me.account() + " new keys";
  draft.permission = "owner";
  draft.exact(ledger::account_key(me.account()), facts[0].version);
  draft.call(ledger::kIdModule, id::kRotate, id::Rotate{me.account(), std::move(account)});
  return draft;
}

}  // namespace dos::client
