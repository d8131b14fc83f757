#include "api/problem.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/shown_text.hpp"
#include "base/text.hpp"
#include "codec/bcs.hpp"

namespace dos::api {

// Nothing here is ever shown on another page or run as script: the one page is the status page, without scripts.
void harden(Response& r) {
  const auto has = [&](std::string_view name) { return std::ranges::any_of(r.headers, [&](const Header& h) { return h.name == name; }); };
  if (has("X-Content-Type-Options")) return;
  r.with("X-Content-Type-Options", "nosniff")
      .with("Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
      .with("Referrer-Policy", "no-referrer")
      .with("Cross-Origin-Resource-Policy", "same-origin");
  if (!has("Cache-Control")) r.with("Cache-Control", "no-store");
}

Response problem(const Error& error, std::string_view instance) { return problem(error_row(error.code).http_status, error, instance); }

Response problem(int status, const Error& error, std::string_view instance) {
  const auto& row = error_row(error.code);
  const auto name = error_name(row.code);
  nlohmann::ordered_json j{{"type", "/v1/errors/" + name}, {"title", row.title}, {"status", status},  {"code", name},
                           {"detail", error.detail},       {"hint", row.remedy}, {"retry", row.retry}};
  if (codec::is_utf8(as_bytes(instance)) && !instance.empty()) j["instance"] = instance;
  Response r;
  r.status = status;
  r.type = "application/problem+json";
  r.body = shown_json(j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  if (status == 429 || status == 503 || status == 507) r.with("Retry-After", "1");
  harden(r);
  return r;
}

const ErrorRow* find_error(std::string_view name) {
  if (name.starts_with("DOS-")) name.remove_prefix(4);
  if (name.starts_with("E") || name.starts_with("e")) name.remove_prefix(1);
  if (name.size() > 5) return nullptr;
  const auto number = parse_u64(name, "an error code");
  if (!number) return nullptr;
  unsigned count = 0;
  const auto* rows = error_rows(count);
  for (unsigned i = 0; i < count; ++i)
    if (unsigned(rows[i].code) == *number) return &rows[i];
  return nullptr;
}

}  // namespace dos::api
