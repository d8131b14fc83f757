// Accounts as a block finds them, each decoded once: its transactions ask for the same few again and again.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "ledger/state_formats.hpp"
#include "store/view.hpp"

namespace dos::kernel {

class Accounts {
 public:
  explicit Accounts(const store::StateView& start) : start_(start) {}  // which does not change while this lives
  // As `view` has it, which is `start` or stands on it; null if there is none.
  Result<std::shared_ptr<const ledger::Account>> find(const store::StateView& view, const std::string& name);

 private:
  struct Kept {
    Version version;
    std::shared_ptr<const ledger::Account> account;
  };
  static constexpr std::size_t kKeptBytes = 4 << 20;  // as encoded; then it begins anew
  const store::StateView& start_;
  std::map<std::string, Kept> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace dos::kernel
