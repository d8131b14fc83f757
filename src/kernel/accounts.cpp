#include "kernel/accounts.hpp"

namespace dos::kernel {

Result<std::shared_ptr<const ledger::Account>> Accounts::find(const store::StateView& view, const std::string& name) {
  const Bytes key = ledger::account_key(name);
  DOS_ASSIGN(const auto version, view.version(key));
  if (!version) return nullptr;
  if (const auto it = kept_.find(name); it != kept_.end() && it->second.version == *version) return it->second.account;
  DOS_ASSIGN(const auto record, view.get(key));
  if (!record) return nullptr;
  auto decoded = codec::decode<ledger::Account>(record->data, "an account");
  if (!decoded) return fail(Errc::corrupt, "the state holds no account where one belongs");
  auto account = std::make_shared<const ledger::Account>(std::move(*decoded));
  // What the block wrote is not kept: the calls of one transaction may write an object twice, under one version.
  DOS_ASSIGN(const auto before, start_.version(key));
  if (before != version) return account;
  if ((kept_bytes_ += record->data.size()) > kKeptBytes) {
    kept_.clear();
    kept_bytes_ = record->data.size();
  }
  kept_.insert_or_assign(name, Kept{*version, account});
  return account;
}

}  // namespace dos::kernel
