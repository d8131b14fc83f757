#include "api/exchange.hpp"
#include "api/json_views.hpp"

namespace dos::api {
void get_anchor(Exchange& x) {
  auto a = x.backend->anchor();
  if (!a) return x.fail(a.error());
  x.reply(x.bcs ? bcs_response(*a, a->header.height) : json_response(json_of(*a), a->header.height));
}

void get_tip(Exchange& x) {
  auto nonce = parse_hash(x.target.value("nonce").value_or(""), "nonce");
  if (!nonce) return x.fail(nonce.error());
  x.backend->tip(
      *nonce,
      [reply = x.reply, instance = x.instance, bcs = x.bcs](Result<ledger::TipAnswer> a) {
        if (!a) return reply(problem(a.error(), instance));
        reply(bcs ? bcs_response(*a, a->anchor.header.height) : json_response(json_of(*a), a->anchor.header.height));
      },
      x.request->source);
}

void get_block(Exchange& x) {
  std::optional<Height> height;
  if (x.arg(0) != "final") {
    auto v = parse_u64(x.arg(0), "a height");
    if (!v) return x.fail(v.error());
    height = Height{*v};
  }
  auto b = x.backend->block(height, x.request->source);
  if (!b) return x.fail(b.error());
  if (!x.bcs && !x.pay({0, kJsonBytesPerByte * (b->payload.size() + b->receipts.size() * sizeof(ledger::Receipt)), 0})) return;
  x.reply(x.bcs ? bcs_response(*b, b->anchor.header.height) : json_response(json_of(*b), b->anchor.header.height));
}

}  // namespace dos::api
