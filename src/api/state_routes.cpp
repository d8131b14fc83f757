#include "api/exchange.hpp"
#include "api/json_parts.hpp"
#include "api/object_views.hpp"
#include "base/text.hpp"

namespace dos::api {
namespace {

// ?at=HEIGHT|final and Dos-Min-Height, for every read.
Result<ledger::StateQuery> base_query(const Exchange& x) {
  ledger::StateQuery q;
  if (const auto at = x.target.value("at"); at && *at != "final" && *at != "latest") {
    DOS_ASSIGN(const auto height, parse_u64(*at, "at"));
    q.at = Height{height};
  }
  if (const auto least = x.request->header("dos-min-height"); !least.empty()) {
    DOS_ASSIGN(const auto height, parse_u64(least, "Dos-Min-Height"));
    q.min_height = Height{height};
  }
  return q;
}

Result<std::uint32_t> limit_of(const Exchange& x) {
  const auto text = x.target.value("limit");
  if (!text) return 100u;
  DOS_ASSIGN(const auto n, parse_u64(*text, "limit"));
  return std::uint32_t(n);  // within its row's bounds
}

using Shape = std::function<Result<Json>(const proof::View&)>;

// What it takes to show the answer to people, beyond what was read for it: to verify it, and each value of it.
Cost cost_of_json(const proof::StateProof& proof, bool with_proof) {
  constexpr std::uint64_t kRecordBytes = 256;  // of a proof, around what stands in the record
  std::uint64_t shown = 0;
  for (const auto& r : proof.records) shown += r.leaf.key.size() + r.leaf.lock.size() + r.leaf.meta.size() + (r.data ? r.data->size() : 0);
  const auto proved = shown + kRecordBytes * proof.records.size() + sizeof(Hash) * (proof.mmr_path.size() + proof.bits_path.size());
  return {kJsonReadsPerRecord * proof.records.size(), kJsonBytesPerByte * (shown + (with_proof ? proved : 0)), 0};
}

// Runs the query; BCS callers get the answer as it is, people get `shape` of its proved records.
void read_and_show(Exchange& x, ledger::StateQuery query, Shape shape) {
  const bool with_proof = x.target.flag("proof");
  x.backend->state(
      std::move(query),
      [reply = x.reply, instance = x.instance, bcs = x.bcs, pay = x.purse(), with_proof,
       shape = std::move(shape)](Result<ledger::StateAnswer> a) {
        if (!a) return reply(problem(a.error(), instance));
        const Height at = a->proof.height;
        if (bcs) return reply(bcs_response(*a, at));
        if (!pay(cost_of_json(a->proof, with_proof))) return;
        auto seen = proof::verify(a->proof, a->anchor.parts.state_root);
        if (!seen) return reply(problem(seen.error(), instance));
        auto j = shape(*seen);
        if (!j) return reply(problem(j.error(), instance));
        (*j)["at"] = {{"height", u64(at.value)}, {"proved_by", u64(a->anchor.header.height.value)}};
        if (with_proof) (*j)["proof"] = base64(codec::encode(*a));
        auto r = json_response(dump(*j), at);
        if (const auto v = j->find("version"); v != j->end() && v->is_string() && !with_proof)
          r.with("ETag", "\"" + v->get<std::string>() + "\"");
        reply(std::move(r));
      },
      x.request->source);
}

void one_key(Exchange& x, Bytes key, std::string what) {
  auto q = base_query(x);
  if (!q) return x.fail(q.error());
  q->items.push_back(ledger::KeyItem{key, true});
  read_and_show(x, std::move(*q), [key = std::move(key), what = std::move(what)](const proof::View& v) -> Result<Json> {
    DOS_ASSIGN(const auto* record, v.find(key));
    if (record == nullptr) return fail(Errc::not_found, "there is no " + what + " at this height (proved)");
    return view_object(record->leaf, record->data);
  });
}

void one_range(Exchange& x, Bytes prefix, bool with_data) {
  auto q = base_query(x);
  if (!q) return x.fail(q.error());
  auto limit = limit_of(x);
  if (!limit) return x.fail(limit.error());
  Bytes after;
  if (const auto cursor = x.target.value("cursor"); cursor && (!unhex(*cursor, after) || after.size() > kMaxKeyBytes))
    return x.fail({Errc::usage, "cursor is what `next` of the page before said"});
  q->items.push_back(ledger::RangeItem{prefix, after, *limit, with_data});
  read_and_show(x, std::move(*q), [prefix, after, limit = *limit](const proof::View& v) -> Result<Json> {
    DOS_ASSIGN(const auto range, v.range(prefix, after, limit));
    return view_range(range);
  });
}

}  // namespace

void post_state(Exchange& x) {
  if (x.request->header("content-type") != ledger::kWireType)
    return x.reply(problem(415, Error{Errc::usage, std::string("send ") + ledger::kWireType}, x.instance));
  auto query = codec::decode<ledger::StateQuery>(x.request->body, "a state query");
  if (!query) return x.fail(query.error());
  if (query->items.empty() || query->items.size() > kMaxStateItems)
    return x.fail({Errc::limit, "a state query has 1 to " + std::to_string(kMaxStateItems) + " items"});
  x.backend->state(
      std::move(*query),
      [reply = x.reply, instance = x.instance](Result<ledger::StateAnswer> a) {
        if (!a) return reply(problem(a.error(), instance));
        reply(bcs_response(*a, a->proof.height));
      },
      x.request->source);
}

void get_object(Exchange& x) {
  Bytes key;
  if (!unhex(x.arg(0), key) || !ledger::well_formed_key(key))
    return x.fail({Errc::usage, "a key is 3 to " + std::to_string(kMaxKeyBytes) + " bytes in hex"});
  one_key(x, std::move(key), "object with that key");
}

void get_identity(Exchange& x) {
  if (!ledger::valid_account_name(x.arg(0))) return x.fail({Errc::usage, "that is no account name"});
  one_key(x, ledger::account_key(x.arg(0)), "account " + x.args[0]);
}

void get_account(Exchange& x) {
  const auto name = x.arg(0);
  if (!ledger::valid_account_name(name) && name != ledger::kFeePurse && name != ledger::kFaucetPurse && name != ledger::kSponsorPurse)
    return x.fail({Errc::usage, "that is no account name"});
  one_key(x, ledger::purse_key(name), "purse of " + x.args[0]);
}

void get_params(Exchange& x) { one_key(x, ledger::params_key(), "parameter set"); }

void get_modules(Exchange& x) {
  Bytes prefix = ledger::module_key(ledger::kSystemModule);
  prefix.push_back('m');
  one_range(x, std::move(prefix), true);
}

void get_messages(Exchange& x) {
  if (!ledger::valid_account_name(x.arg(0))) return x.fail({Errc::usage, "that is no account name"});
  one_range(x, inbox_prefix(x.arg(0)), true);
}

void get_file(Exchange& x) {
  auto q = base_query(x);
  if (!q) return x.fail(q.error());
  auto limit = limit_of(x);
  if (!limit) return x.fail(limit.error());
  ledger::PathItem item;
  item.components = x.args;
  item.limit = *limit;
  item.after = x.target.value("after").value_or("");
  const bool list = x.target.flag("list"), versions = x.target.flag("versions");
  item.want = ledger::PathItem::kDirectories | ledger::PathItem::kRevision;
  if (list) item.want |= ledger::PathItem::kList;
  if (versions) item.want |= ledger::PathItem::kRevisions;
  q->items.push_back(item);
  read_and_show(x, std::move(*q), [item, list, versions](const proof::View& v) { return view_path(v, item, list, versions); });
}

}  // namespace dos::api
