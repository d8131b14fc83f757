// balance, pay, faucet.
#include "client/calls/credits.hpp"
#include "cli/carry_out.hpp"
#include "cli/run.hpp"

namespace dos::cli {
namespace {

// What the ledger would refuse, and take its price for, is refused here first.
Status some_credits(std::uint64_t amount) { return amount != 0 ? Status() : fail(Errc::usage, "the amount must be more than nothing"); }

Status balance(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const auto name = run.args.empty() ? run.as() : run.arg(0);
  DOS_ASSIGN(const auto purse, client::purse_of(*session, name));
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
  DOS_ASSIGN(auto draft, client::pay(*session, *me, to, Credits{amount}));
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
  DOS_ASSIGN(auto draft, client::faucet(*session, run.as(), Credits{amount}));
  DOS_ASSIGN(const auto* me, run.me());
  // A new account cannot pay for its first call: on a local network the host asks for it. Its purse decides, not a refusal: what was
  // refused once could still become final beside a second one.
  DOS_ASSIGN(const auto purse, client::purse_of(*session, me->account()));
  std::optional<client::Identity> host;
  if (purse.micro < kEnoughForACall && me->account() != kHost) {
    auto loaded = client::load_dev_identity(run.places, session->network().record.name, kHost);
    if (!loaded && loaded.error().code != Errc::no_key) return std::unexpected(loaded.error());
    if (loaded && loaded->chain() == session->chain()) host = std::move(*loaded);
  }
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
