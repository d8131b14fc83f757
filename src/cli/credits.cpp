// balance, pay, faucet.
#include "cli/carry_out.hpp"
#include "cli/run.hpp"
#include "modules/credit/calls.hpp"

namespace dos::cli {
namespace {

struct Purse {
  std::uint64_t micro = 0;
  Height height;
};

Result<Purse> purse_of(client::Session& session, const std::string& name) {
  if (!ledger::valid_account_name(name)) return fail(Errc::not_found, "no account can be named '" + safe(name) + "'");
  ledger::StateQuery query;
  query.items.push_back(ledger::KeyItem{ledger::purse_key(name), true});
  query.items.push_back(ledger::KeyItem{ledger::account_key(name), false});
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  DOS_ASSIGN(const auto* account, answer.view.find(ledger::account_key(name)));
  if (account == nullptr) return fail(Errc::not_found, "there is no account " + name);
  DOS_ASSIGN(const auto* record, answer.view.find(ledger::purse_key(name)));
  Purse purse{0, answer.view.height()};
  if (record != nullptr) {
    if (!record->data) return fail(Errc::proof_incomplete, "the purse came without its data");
    DOS_ASSIGN(const auto held, codec::decode<ledger::Purse>(*record->data, "a purse"));
    purse.micro = held.balance.value;
  }
  return purse;
}

// What the ledger would refuse, and take its price for, is refused here first.
Status some_credits(std::uint64_t amount) { return amount != 0 ? Status() : fail(Errc::usage, "the amount must be more than nothing"); }

Status balance(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const auto name = run.args.empty() ? run.as() : run.arg(0);
  DOS_ASSIGN(const auto purse, purse_of(*session, name));
  run.out.line(name + "   " + shown_credits(purse.micro) + " credits");
  run.out.data({{"name", name}, {"credits", shown_credits(purse.micro)}, {"reserved", "0"}});
  run.proved(purse.height);
  return {};
}

Status pay(Run& run) {
  DOS_ASSIGN(const auto amount, parse_credits(run.arg(1)));
  DOS_TRY(some_credits(amount));
  DOS_ASSIGN(auto* session, run.session());
  const auto to = run.arg(0);
  DOS_ASSIGN(const auto* me, run.me());
  if (to == me->account()) return fail(Errc::usage, to + " cannot pay itself");
  DOS_ASSIGN(const auto facts, client::accounts(*session, {to}));
  DOS_ASSIGN(const auto purse, purse_of(*session, me->account()));
  if (amount > purse.micro)
    return fail(Errc::funds, me->account() + " has " + shown_credits(purse.micro) + " credits, not " + shown_credits(amount));
  client::Draft draft;
  draft.debit(ledger::purse_key(me->account()), Credits{amount});
  draft.deposit(ledger::purse_key(to));
  draft.read(ledger::account_key(to), facts[0].version);
  draft.call(ledger::kCreditModule, credit::kPay, credit::Pay{me->account(), to, Credits{amount}});
  DOS_ASSIGN(const auto done, carry_out(*session, *me, std::move(draft)));
  run.out.line("paid " + shown_credits(amount) + " credits to " + to + "   final in block " +
               std::to_string(done.block.header.height.value));
  run.out.data({{"from", me->account()},
                {"to", to},
                {"credits", shown_credits(amount)},
                {"tx", client::tx_name(done.txid)},
                {"cost", run.cost(done.receipt)}});
  run.proved(done.block);
  return {};
}

constexpr const char* kHost = "me";  // of every local network's genesis
constexpr std::uint64_t kEnoughForACall = 2 * kMicroPerCredit;

Status faucet(Run& run) {
  DOS_ASSIGN(const auto amount, parse_credits(run.args.empty() ? "1000" : run.arg(0)));
  DOS_TRY(some_credits(amount));
  DOS_ASSIGN(auto* session, run.session());
  if (const auto most = session->params().faucet_per_block; amount > most)
    return fail(Errc::limit, "the faucet gives at most " + shown_credits(most) + " credits at once");
  DOS_ASSIGN(const auto* me, run.me());
  // A new account cannot pay for its first call: on a local network the host asks for it. Its purse decides, not a refusal: what was
  // refused once could still become final beside a second one.
  DOS_ASSIGN(const auto purse, purse_of(*session, me->account()));
  std::optional<client::Identity> host;
  if (purse.micro < kEnoughForACall && me->account() != kHost) {
    auto loaded = client::load_dev_identity(run.places, session->network().record.name, kHost);
    if (!loaded && loaded.error().code != Errc::no_key) return std::unexpected(loaded.error());
    if (loaded && loaded->chain() == session->chain()) host = std::move(*loaded);
  }
  client::Draft draft;
  draft.latest(credit::faucet_key());
  draft.debit(ledger::purse_key(ledger::kFaucetPurse), Credits{amount});
  draft.deposit(ledger::purse_key(me->account()));
  draft.read(ledger::account_key(me->account()));
  draft.call(ledger::kCreditModule, credit::kFaucet, credit::Faucet{me->account(), Credits{amount}});
  DOS_ASSIGN(const auto done, carry_out(*session, host ? *host : *me, std::move(draft)));
  run.out.line(shown_credits(amount) + " credits for " + me->account() + "   final in block " +
               std::to_string(done.block.header.height.value));
  run.out.data(
      {{"to", me->account()}, {"credits", shown_credits(amount)}, {"tx", client::tx_name(done.txid)}, {"cost", run.cost(done.receipt)}});
  run.proved(done.block);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> credit_commands() {
  return {
      {"balance", "Credits", "Shows how many credits an account has.", {{"NAME", false}}, {}, {"dos balance", "dos balance bob"}, "", {}, balance},
      {"pay", "Credits", "Pays credits to an account.", {{"WHO"}, {"CREDITS"}}, {}, {"dos pay bob 12.5"}, "credit.pay C0", {}, pay},
      {"faucet", "Credits", "Takes credits from the local network's faucet: at most 1,000, once a block.", {{"CREDITS", false}}, {}, {"dos faucet"},
       "credit.faucet C1", {}, faucet},
  };
}
// clang-format on

}  // namespace dos::cli
