// The page at /: what this node says about itself, for people. One document of under 20 kB without script, readable at any width,
// in light and dark, and with a screen reader.
#include <cstdio>

#include "api/exchange.hpp"
#include "api/json_parts.hpp"
#include "base/shown_text.hpp"

namespace dos::api {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (char c : shown_text(text)) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else out += c;
  }
  return out;
}

std::string grouped(std::uint64_t n) {  // 1234567 -> "1 234 567", with narrow no-break spaces
  const auto digits = std::to_string(n);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += "\u202f";
    out += digits[i];
  }
  return out;
}

std::string size_text(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  unsigned unit = 0;
  std::uint64_t tenths = bytes;
  while (tenths >= (unit == 0 ? 1024u : 10'240u) && unit < 6) tenths = unit++ == 0 ? tenths * 10 / 1024 : tenths / 1024;
  if (unit == 0) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + kUnits[unit];
}

// "2026-11-21 06:58:42 UTC"; the element has the exact time.
std::string time_element(TimeMs time) {
  const auto exact = time_text(time);
  if (exact.size() < 20) return escape(exact);
  return "<time datetime=\"" + exact + "\">" + exact.substr(0, 10) + " " + exact.substr(11, 8) + "\u202fUTC</time>";
}

void figure(std::string& out, std::string_view name, const std::string& value) {
  out += "<div><dt>" + std::string(name) + "</dt><dd>" + value + "</dd></div>\n";
}

// `value` is HTML.
void row(std::string& out, std::string_view name, const std::string& value) {
  out += "<tr><th scope=\"row\">" + std::string(name) + "</th><td>" + value + "</td></tr>\n";
}

constexpr const char* kStyle =
    ":root{color-scheme:light dark;--line:#8884;--soft:#8881;--good:#1a7f37;--bad:#b42318}"
    "@media(prefers-color-scheme:dark){:root{--good:#4ac26b;--bad:#ff8a7a}}"
    "*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}"
    "h1{font-size:1.6rem;line-height:1.2;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}"
    ".state{border:1px solid;border-radius:99px;padding:.15rem .8rem;font-weight:600;margin:0}"
    ".ok{color:var(--good)}.ok::before{content:\"\\2713  \"}.bad{color:var(--bad);border-radius:.5rem}.bad::before{content:\"\\26A0  \"}"
    ".note{margin:1rem 0;padding:.6rem .9rem;background:var(--soft);border-left:.25rem solid #888;border-radius:0 .4rem .4rem 0}"
    "dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.6rem;margin:1.2rem 0}"
    "dl div{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .8rem}dt{font-size:.85rem;opacity:.75}"
    "dd{margin:0;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}"
    ".wide{overflow-x:auto}.wide code{white-space:nowrap}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}"
    "thead th{font-size:.85rem;opacity:.75;font-weight:600}th[scope=row]{font-weight:400;opacity:.75;width:14rem}"
    "td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.n{text-align:right;padding-right:1.5rem}"
    "code{font:.9em ui-monospace,monospace}summary{cursor:pointer;font-weight:600;font-size:1.1rem;margin:2rem 0 .5rem}"
    "@media(max-width:34rem){th[scope=row]{width:auto}}";

void head(std::string& out, const NodeStatus& s) {
  const auto network = escape(s.network), height = grouped(s.height.value);
  out +=
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><link rel=\"icon\" href=\"data:,\"><title>" +
      network + " at block " + height + "</title><style>" + kStyle + "</style></head><body>\n<header><h1>" + network + " \u00b7 " +
      escape(s.validator) + "</h1>";
  out += s.ready ? "<p class=\"state ok\" role=\"status\">Ready</p>"
                 : "<p class=\"state bad\" role=\"alert\">Not ready: " + escape(s.why_not) + "</p>";
  out +=
      "</header>\n<main>\n<p class=\"note\">All on this page is what this node says about itself. <code>dos status</code> asks for the "
      "same "
      "with signatures and proofs, and checks them.</p>\n<dl>\n";
  figure(out, "Final block", height);
  figure(out, "Quorum", std::to_string(s.quorum_need) + " of " + std::to_string(s.quorum_of));
  figure(out, "Peers", std::to_string(s.peers));
  figure(out, "Transactions", grouped(s.transactions));
  figure(out, "In the pool", grouped(s.pool_count));
  figure(out, "Live objects", grouped(s.live));
  out += "</dl>\n";
}

void blocks_table(std::string& out, const std::vector<RecentBlock>& blocks) {
  out +=
      "<h2>Last blocks</h2><div class=\"wide\"><table><thead><tr><th scope=\"col\">Block</th><th scope=\"col\">Time</th>"
      "<th scope=\"col\" class=\"n\">Transactions</th><th scope=\"col\">Id</th></tr></thead><tbody>\n";
  for (const auto& b : blocks) {
    const auto h = std::to_string(b.height.value);
    out += "<tr><td><a href=\"/v1/blocks/" + h + "\">" + grouped(b.height.value) + "</a></td><td>" + time_element(b.time) +
           "</td><td class=\"n\">" + grouped(b.transactions) + "</td><td><code>" + hex(b.id.view()).substr(0, 16) + "</code></td></tr>\n";
  }
  out += "</tbody></table></div>\n";
}

void node_table(std::string& out, const NodeStatus& s) {
  out += "<h2>Node</h2><table>\n";
  row(out, "Chain", "<code>" + hex(s.chain.view()) + "</code>");
  row(out, "Time of the final block", time_element(s.time));
  row(out, "Checkpoint", "block " + grouped(s.durable_height) + ": durable without the journal");
  row(out, "Records", grouped(s.records));
  row(out, "Pool", size_text(s.pool_bytes));
  row(out, "Uploads not yet claimed", size_text(s.unclaimed_bytes));
  row(out, "Running since", time_element(TimeMs{s.started_ms}) + ", start number " + grouped(s.boots));
  row(out, "Version", escape(s.version) + ", format " + escape(s.format) + ", suite " + escape(s.suite));
  out += "</table>\n";
}

void routes_table(std::string& out) {
  out +=
      "<details><summary>Calls of the API</summary><p>As a document: <a href=\"/v1/openapi.json\">/v1/openapi.json</a></p><div "
      "class=\"wide\"><table>"
      "<thead><tr><th scope=\"col\">Route</th><th scope=\"col\">What</th><th scope=\"col\">Proof</th></tr></thead><tbody>\n";
  for (const auto& r : routes())
    out += std::string("<tr><td><code>") + r.method + " " + escape(r.pattern) + "</code></td><td>" + escape(r.sentence) + "</td><td>" +
           name_of(r.proof) + "</td></tr>\n";
  out += "</tbody></table></div></details>\n";
}

}  // namespace

std::string status_page(const NodeStatus& s, const std::vector<RecentBlock>& blocks) {
  std::string out;
  head(out, s);
  blocks_table(out, blocks);
  node_table(out, s);
  routes_table(out);
  out += "</main></body></html>\n";
  return out;
}

void get_page(Exchange& x) {
  Response r;
  r.type = "text/html; charset=utf-8";
  r.body = status_page(x.backend->status(), x.backend->recent_blocks());
  x.reply(std::move(r));
}

}  // namespace dos::api
