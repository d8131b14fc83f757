#include "api/exchange.hpp"
#include "api/json_parts.hpp"

namespace dos::api {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

void row(std::string& out, std::string_view name, std::string_view value) {
  out += "<tr><th scope=\"row\">" + std::string(name) + "</th><td>" + escape(value) + "</td></tr>\n";
}

constexpr const char* kStyle =
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #8885;overflow-wrap:anywhere;vertical-align:top}th[scope=row]{width:13rem;font-weight:600}"
    "code{font-family:ui-monospace,monospace}.note{border-left:.25rem solid #888;padding-left:.8rem}"
    ".ok::before{content:\"\\2713  \"}.bad::before{content:\"\\26A0  \"}";

}  // namespace

std::string status_page(const NodeStatus& s, const std::vector<RecentBlock>& blocks) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>" +
      escape(s.network) + " at block " + std::to_string(s.height.value) + "</title><style>" + kStyle +
      "</style></head><body><main>\n<h1>" + escape(s.network) + ", node " + escape(s.validator) + "</h1>\n";
  out += s.ready ? "<p class=\"ok\" role=\"status\">Ready: final at block " + std::to_string(s.height.value) + ".</p>\n"
                 : "<p class=\"bad\" role=\"alert\">Not ready: " + escape(s.why_not) + "</p>\n";
  out += "<p class=\"note\">All on this page is what this node says about itself. To have an answer proved, ask with "
         "<code>dos</code>, which checks signatures and proofs.</p>\n<h2>Node</h2><table>\n";
  row(out, "Chain", hex(s.chain.view()));
  row(out, "Height", std::to_string(s.height.value));
  row(out, "Time of that block", time_text(s.time));
  row(out, "Durable without the journal", "block " + std::to_string(s.durable_height));
  row(out, "Transactions since start", std::to_string(s.transactions));
  row(out, "Waiting in the pool", std::to_string(s.pool_count) + " (" + std::to_string(s.pool_bytes) + " bytes)");
  row(out, "State", std::to_string(s.live) + " live objects, " + std::to_string(s.records) + " records");
  row(out, "Uploads not yet claimed", std::to_string(s.unclaimed_bytes) + " bytes");
  row(out, "Quorum", std::to_string(s.quorum_need) + " of " + std::to_string(s.quorum_of));
  row(out, "Peers", std::to_string(s.peers));
  row(out, "Version", s.version + ", format " + s.format + ", suite " + s.suite);
  row(out, "Running since", time_text(TimeMs{s.started_ms}) + ", start number " + std::to_string(s.boots));
  out += "</table>\n<h2>Last blocks</h2><table><thead><tr><th scope=\"col\">Block</th><th scope=\"col\">Time</th>"
         "<th scope=\"col\">Transactions</th><th scope=\"col\">Id</th></tr></thead><tbody>\n";
  for (const auto& b : blocks) {
    const auto h = std::to_string(b.height.value);
    out += "<tr><td><a href=\"/v1/blocks/" + h + "\">" + h + "</a></td><td>" + time_text(b.time) + "</td><td>" +
           std::to_string(b.transactions) + "</td><td><code>" + hex(b.id.view()).substr(0, 16) + "</code></td></tr>\n";
  }
  out += "</tbody></table>\n<h2>Calls</h2><table><thead><tr><th scope=\"col\">Route</th><th scope=\"col\">What</th>"
         "<th scope=\"col\">Proof</th></tr></thead><tbody>\n";
  for (const auto& r : routes())
    out += std::string("<tr><td><code>") + r.method + " " + escape(r.pattern) + "</code></td><td>" + escape(r.sentence) +
           "</td><td>" + name_of(r.proof) + "</td></tr>\n";
  out += "</tbody></table>\n</main></body></html>\n";
  return out;
}

void get_page(Exchange& x) {
  Response r;
  r.type = "text/html; charset=utf-8";
  r.body = status_page(x.backend->status(), x.backend->recent_blocks());
  x.reply(std::move(r));
}

}  // namespace dos::api
