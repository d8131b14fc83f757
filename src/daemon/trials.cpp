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

bool Trials::knows(std::string_view line) {
  const auto verb = line.substr(0, line.find(' '));
  return verb == "cut" || verb == "heal" || verb == "pause" || verb == "resume" || verb == "tamper";
}

std::optional<std::string> Trials::command(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string verb;
  words >> verb;
  std::vector<std::string> names;
  for (std::string name; words >> name;) names.push_back(name);
  if (!knows(verb)) return std::nullopt;
  if (verb == "cut") {
    if (names.empty()) return no("cut NAME...: the validators to be cut off from");
    if (auto cut = cut_from(names); !cut) return no(cut.error().detail);
  } else if (verb == "pause") {
    pause(true);
  } else if (verb == "tamper") {
    tamper_ = true;
  } else {
    pause(false);
    if (verb == "heal") {
      tamper_ = false;
      if (auto healed = cut_from({}); !healed) return no(healed.error().detail);
    }
  }
  return kDone;
}

void Trials::pause(bool on) {
  {
    std::lock_guard hold(gate_->mutex);
    if (gate_->shut == on) return;
    gate_->shut = on;
  }
  gate_->opened.notify_all();
  if (!on) return;
  node_.on_thread([gate = gate_](links::PeerTransport*) {
    std::unique_lock hold(gate->mutex);
    gate->opened.wait(hold, [&] { return !gate->shut.load(); });
  });
}

// Further names join those that are cut already; none: all links may come back.
Status Trials::cut_from(const std::vector<std::string>& names) {
  std::lock_guard hold(mutex_);
  auto all = names.empty() ? names : cut_;
  for (const auto& name : names) {
    if (std::ranges::find(validators_, name, &ledger::Validator::name) == validators_.end())
      return fail(Errc::not_found, "there is no validator " + name);
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  }
  std::vector<crypto::PublicKey> linked;
  for (const auto& v : validators_)
    if (std::ranges::find(all, v.name) == all.end()) linked.push_back(v.node_key);
  node_.on_thread([linked = std::move(linked)](links::PeerTransport* links) mutable {
    if (links != nullptr) links->set_accepted(std::move(linked));
  });
  cut_ = std::move(all);
  return {};
}

std::vector<std::string> Trials::cut() const {
  std::lock_guard hold(mutex_);
  return cut_;
}

void Trials::serve(const api::Request& request, api::Reply reply) {
  if (paused()) return reply(api::problem(Error{Errc::not_ready, "the node is paused"}, request.target));
  if (!tamper_) return api::handle(request, node_, std::move(reply));
  api::handle(request, node_, [reply = std::move(reply)](api::Response r) {
    // The last byte but a few: in the middle of hashes, siblings, content; never in the length that a decoder reads first.
    const bool proves = r.status < 300 && (r.type == ledger::kWireType || r.type == "application/octet-stream");
    if (proves && !r.body.empty()) r.body[r.body.size() - 1 - std::min<std::size_t>(r.body.size() - 1, 9)] ^= 1;
    reply(std::move(r));
  });
}

}  // namespace dos::daemon
