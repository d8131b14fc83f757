#include "client/trust/nodes.hpp"

#include <algorithm>

#include "client/trust/words.hpp"
#include "ledger/wire.hpp"

namespace dos::client {
namespace {

constexpr std::chrono::seconds kAvoidSilent{5}, kAvoidLiar{60};
constexpr std::size_t kMaxNotes = 16;

// What another node may do better.
bool try_next(Errc code) {
  switch (code) {
    case Errc::unreachable:
    case Errc::timed_out:
    case Errc::not_fresh:
    case Errc::behind:
    case Errc::height_gone:
    case Errc::not_ready:
    case Errc::busy:
    case Errc::no_blob:
    case Errc::not_stored:
    case Errc::pool_full:
    case Errc::disk_full:
    case Errc::disk:
    case Errc::corrupt:
    case Errc::internal:
    case Errc::unsettled:
    case Errc::unproved: return true;
    default: return is_lie(code);
  }
}

// What an honest node may say without a proof: that the request was wrong, or that it will not take it. Of a transaction it may say
// anything. Elsewhere "not found" or "denied" are answers, and answers are proved.
bool may_claim(Errc code, std::string_view target) {
  if (target.starts_with("/v1/transactions") || target.starts_with("/v1/dry-run")) return true;
  switch (code) {
    case Errc::usage:
    case Errc::not_in_release:
    case Errc::malformed:
    case Errc::limit:
    case Errc::bad_name:
    case Errc::wrong_chain:
    case Errc::other_format: return true;
    default: return false;
  }
}

// Bytes that do not decode, or are larger than any answer, are a lie too: an honest node never sends them.
Status proof_at_fault(Status judged) {
  if (judged || (judged.error().code != Errc::malformed && judged.error().code != Errc::limit)) return judged;
  return fail(Errc::proof_invalid, judged.error().detail);
}

Problem claim_of(const HttpAnswer& answer, std::string_view target) {
  auto e = problem_of(answer);
  const bool may = may_claim(e.code, target);
  // That something does not verify is for this client to find; said by a node it is a word like others.
  if (is_lie(e.code) && may) {
    if (e.detail.empty()) return {{Errc::unproved, std::string("says: ") + error_row(e.code).title}, false};
    return {{Errc::unproved, std::move(e.detail)}, true};
  }
  if (!is_lie(e.code) && (may || try_next(e.code))) return e;
  return {{Errc::proof_invalid, std::string("it answered without a proof: ") + error_row(e.code).title}, false};
}

// What a command may end with because of it. A code that says only that this node has no answer says nothing else about the world.
Error ending_of(const std::string& node, const Error& claim, bool its_words) {
  const bool no_answer = error_row(claim.code).exit_code == error_row(Errc::unproved).exit_code && claim.code != Errc::unreachable &&
                         claim.code != Errc::unsettled;
  return {no_answer ? claim.code : Errc::unproved, told_by(node, claim, its_words)};
}

bool silent(Errc code) { return code == Errc::unreachable || code == Errc::timed_out; }

}  // namespace

bool is_lie(Errc code) {
  switch (code) {
    case Errc::proof_invalid:
    case Errc::proof_incomplete:
    case Errc::signature_invalid:
    case Errc::content_mismatch:
    case Errc::chain_changed:
    case Errc::bad_key: return true;
    default: return false;
  }
}

const Url& Nodes::One::url() const { return nodes_.nodes_[index_].connection.url(); }
const std::string& Nodes::One::name() const { return nodes_.nodes_[index_].name; }
bool Nodes::One::sent() const { return asked_ && nodes_.nodes_[index_].connection.sent(); }

Status Nodes::One::ask(std::string_view method, const std::string& target, BytesView body, std::uint64_t body_limit, const Use& use,
                       const std::function<void()>& leaving) {
  auto& connection = nodes_.nodes_[index_].connection;
  claimed_.reset();
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - Clock::now());
  asked_ = left.count() > 0;
  if (!asked_) return fail(Errc::timed_out, "no time was left to ask " + name());
  const auto answer = connection.request(method, target, body, std::min(limit_, left), body_limit, leaving);
  if (!answer)
    return std::unexpected(answer.error().code == Errc::limit ? Error{Errc::proof_invalid, answer.error().detail} : answer.error());
  if (answer->status / 100 != 2 && answer->content_type != ledger::kWireType) {
    auto claim = claim_of(*answer, target);
    if (!is_lie(claim.code)) claimed_ = claim.code, its_words_ = claim.its_words;
    return std::unexpected(Error(std::move(claim)));
  }
  return proof_at_fault(use(*answer, connection.url()));
}

void Nodes::add(std::string name, Url url, std::vector<crypto::PublicKey> node_keys) {
  nodes_.push_back({HttpConnection(std::move(url), std::move(node_keys)), std::move(name), {}});
}

std::vector<std::size_t> Nodes::order() const {
  const auto now = Clock::now();
  std::vector<std::size_t> out, avoided;  // those that failed a moment ago stand last
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    const auto i = (first_ + k) % nodes_.size();
    (nodes_[i].avoid_until <= now ? out : avoided).push_back(i);
  }
  out.insert(out.end(), avoided.begin(), avoided.end());
  return out;
}

void Nodes::note(std::size_t index, const Error& error, const One* claims) {
  auto& node = nodes_[index];
  if (silent(error.code)) node.avoid_until = Clock::now() + kAvoidSilent;
  else if (is_lie(error.code)) node.avoid_until = Clock::now() + kAvoidLiar;
  if (nodes_.size() == 1) return;  // the error itself says it
  auto text = claims != nullptr ? told_by(node.name, error, claims->its_words_)
                                : node.name + ": " + (error.detail.empty() ? error_row(error.code).title : error.detail);
  // A block that is on its way to a node is no news.
  if (error.code != Errc::not_fresh && error.code != Errc::behind && notes_.size() < kMaxNotes &&
      std::ranges::find(notes_, text) == notes_.end())
    notes_.push_back(std::move(text));
}

void Nodes::pass_over(const std::string& why) { note(first_, {Errc::timed_out, why}, nullptr); }

Status Nodes::with_one(const Work& work, const Patience& patience) {
  std::optional<Error> lie, lag, claimed, down;
  const auto deadline = Clock::now() + patience.total;
  auto round = order();
  for (const bool hurried : {true, false}) {
    std::vector<std::size_t> slow;
    for (std::size_t k = 0; k < round.size(); ++k) {
      const auto index = round[k];
      const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) break;
      auto limit = std::min(left, hurried && nodes_.size() > 1 ? std::min(patience.first, patience.each) : patience.each);
      if (hurried && k + 1 < round.size())
        limit = std::min(limit, std::max(Milliseconds(1), left / 2));  // one that hangs leaves the others some
      One one(*this, index, limit, deadline);
      const auto judged = work(one);
      if (judged) {
        first_ = index;
        return {};
      }
      const auto& error = judged.error();
      const bool claim = one.claimed_ == error.code;
      if (!claim && !try_next(error.code)) return judged;
      note(index, error, claim ? &one : nullptr);
      if (claim) {
        if (!claimed) claimed = ending_of(nodes_[index].name, error, one.its_words_);
        continue;
      }
      if (error.code == Errc::timed_out && limit < std::min(left, patience.each)) slow.push_back(index);
      auto& slot = is_lie(error.code) ? lie : silent(error.code) ? down : lag;
      // Of those that said nothing, one that may yet answer counts more than one that is not there.
      if (slot && !(slot->code == Errc::unreachable && error.code == Errc::timed_out)) continue;
      slot = error;
      if (is_lie(error.code))
        slot->detail = nodes_[index].name + ": " + (error.detail.empty() ? error_row(error.code).title : error.detail);
    }
    round = std::move(slow);
  }
  if (lie) return std::unexpected(*lie);
  if (lag) return std::unexpected(*lag);
  if (claimed) return std::unexpected(*claimed);
  if (down) return std::unexpected(*down);
  return fail(Errc::timed_out, "no node answered within " + std::to_string(patience.total.count()) + " ms");
}

}  // namespace dos::client
