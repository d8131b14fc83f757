// The module `credit` (modules/credit/credit.md): moves credits between purses. Balances change when the kernel settles the block.
#include "modules/credit/calls.hpp"
#include "sdk/cpp/module.hpp"

namespace dos::credit {

namespace {

using namespace guest;

void check_receiver(const std::string& to, Credits amount) {
  require(ledger::valid_account_name(to), Errc::bad_name, {"no account can be named ", to});
  require(amount.value > 0, Errc::usage, "the amount must be more than nothing");
  require(present(ledger::account_key(to)), Errc::not_found, {"there is no account ", to});
}

void pay(const Pay& a) {
  check_receiver(a.to, a.amount);
  require(a.from != a.to, Errc::usage, {a.from, " cannot pay itself"});
  require(ledger::valid_account_name(a.from) && authorized(account_lock(a.from)), Errc::denied,
          {"only ", a.from, " may pay from its purse"});
  debit(ledger::purse_key(a.from), a.amount);
  deposit(ledger::purse_key(a.to), a.amount);
}

void faucet(const Faucet& a) {
  require(on_local_network(), Errc::denied, "only local networks have a faucet");
  check_receiver(a.to, a.amount);
  const auto most = params().faucet_per_block;
  require(a.amount.value <= most, Errc::limit, {"the faucet gives at most ", most / kMicroPerCredit, " credits"});
  const auto key = faucet_key();
  const auto height = block_height();
  if (const auto gave = get(key); gave && decode_or_refuse<std::uint64_t>(gave->data, "the faucet's mark") == height)
    refuse(Errc::already_today, {"the faucet gave at height ", height, " already"});
  put(key, {.lock = program_lock(ledger::kCreditModule), .paid_until = kPermanent, .data = codec::encode(height)});
  debit(ledger::purse_key(ledger::kFaucetPurse), a.amount);
  deposit(ledger::purse_key(a.to), a.amount);
}

}  // namespace

}  // namespace dos::credit

#define DOS_MODULE credit
DOS_DISPATCH(DOS_CREDIT_CALLS)
