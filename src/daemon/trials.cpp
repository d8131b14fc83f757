#include "daemon/trials.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/problem.hpp"

namespace dos::daemon {
namespace {

const std::string kDone = R"({"ok":true})";

std::string no(const std::string& why) {  // says back what was asked, which may be no UTF-8
  return nlohmann::json{{"ok", false}, {"error", why}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::optional<std::string> Trials::command(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string verb;
  words >> verb;
  std::vector<std::string> names;
  for (std::string name; words >> name;) names.push_back(name);
  const bool known = verb == "cut" || verb == "heal" || verb == "pause" || verb == "resume" || verb == "tamper";
  if (!known) return std::nullopt;
  const auto genesis = ledger::decode_genesis(node_.genesis());
  if (!genesis || genesis->kind != ledger::NetworkKind::local) return no("trials are for local networks");
  if (verb == "cut") {
    if (names.empty()) return no("cut NAME...: the validators to be cut off from");
    if (auto cut = cut_from(names); !cut) return no(cut.error().detail);
  } else if (verb == "pause") {
    node_.pause(true);
  } else if (verb == "tamper") {
    tamper_ = true;
  } else {
    node_.pause(false);
    if (verb == "heal") {
      tamper_ = false;
      if (auto healed = cut_from({}); !healed) return no(healed.error().detail);
    }
  }
  return kDone;
}

// Further names join those that are cut already; none: all links may come back.
Status Trials::cut_from(const std::vector<std::string>& names) {
  std::lock_guard hold(mutex_);
  auto all = names.empty() ? names : cut_;
  for (const auto& name : names)
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  DOS_TRY(node_.cut(all));
  cut_ = std::move(all);
  return {};
}

std::vector<std::string> Trials::cut() const {
  std::lock_guard hold(mutex_);
  return cut_;
}

void Trials::serve(const api::Request& request, api::Reply reply) {
  if (node_.paused()) return reply(api::problem(Error{Errc::not_ready, "the node is paused"}, request.target));
  if (!tamper_) return api::handle(request, node_, std::move(reply));
  api::handle(request, node_, [reply = std::move(reply)](api::Response r) {
    // The last byte but a few: in the middle of hashes, siblings, content; never in the length that a decoder reads first.
    const bool proves = r.status < 300 && (r.type == ledger::kWireType || r.type == "application/octet-stream");
    if (proves && !r.body.empty()) r.body[r.body.size() - 1 - std::min<std::size_t>(r.body.size() - 1, 9)] ^= 1;
    reply(std::move(r));
  });
}

}  // namespace dos::daemon
