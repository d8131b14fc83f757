#include "cli/writes_view.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "client/calls/hand_in.hpp"
#include "client/trust/words.hpp"

namespace dos::cli {
namespace {

constexpr std::size_t kMaxNamed = 4;  // final transactions that a line names

}  // namespace

std::string final_text(const std::vector<Hash>& final) {
  std::string names;
  for (std::size_t i = 0; i < final.size() && i < kMaxNamed; ++i) names += (i == 0 ? "" : ", ") + client::tx_name(final[i]);
  if (final.size() > kMaxNamed) names += " and " + std::to_string(final.size() - kMaxNamed) + " more";
  return names + (final.size() == 1 ? " is" : " are") + " final";
}

Json writes_json(const client::Writes& writes) {
  if (writes.empty()) return nullptr;
  Json j = Json::object();
  if (!writes.open.empty()) {
    j["tx"] = client::tx_name(writes.open[0].txid);
    j["valid_until"] = utc_text(std::ranges::max(writes.open, {}, &client::Unsettled::valid_until).valid_until);
  }
  j["transactions"] = Json::array();
  for (const auto& one : writes.open) {
    Json refused = Json::array();
    for (const auto& r : one.refused)
      refused.push_back({{"node", r.node}, {"code", error_name(error_row(r.says.code).code)}, {"says", client::in_quotes(r.says)}});
    j["transactions"].push_back({{"tx", client::tx_name(one.txid)}, {"valid_until", utc_text(one.valid_until)}, {"refused_by", refused}});
  }
  j["final"] = Json::array();
  for (const auto& txid : writes.final) j["final"].push_back(client::tx_name(txid));
  return j;
}

client::LastWords last_words(const client::Writes& writes, Form form, bool screen) {
  const std::string line = screen ? "\r\x1b[K" : "";
  if (writes.open.empty())
    return {{}, line + "warning: " + paragraph("interrupted, and not undone: " + final_text(writes.final)) + "\n", {}};
  const Error error{Errc::unsettled, client::open_text(writes.open, writes.final.size(), "this command was interrupted")};
  return {form == Form::json ? error_envelope(error, writes_json(writes)) + "\n" : std::string(), line + error_text(error),
          error_row(error.code).exit_code};
}

}  // namespace dos::cli
