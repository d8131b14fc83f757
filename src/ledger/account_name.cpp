#include "ledger/state_formats.hpp"

namespace dos::ledger {

bool valid_account_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxAccountName) return false;
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (!letter(name.front())) return false;
  for (char c : name)
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.') return false;
  return name.back() != '-' && name.back() != '.';
}

}  // namespace dos::ledger
