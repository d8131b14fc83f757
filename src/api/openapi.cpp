// The route table as OpenAPI 3.1; abi/openapi.json is this text, and a test compares.
#include "api/exchange.hpp"
#include "api/json_parts.hpp"

namespace dos::api {
namespace {

Json parameters_of(std::string_view pattern, std::string_view method) {
  Json list = Json::array();
  for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string_view::npos; ++at) {
    const auto name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
    list.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  auto query = [&](const char* name, const char* what, const char* type) {
    list.push_back({{"name", name}, {"in", "query"}, {"required", false}, {"description", what}, {"schema", {{"type", type}}}});
  };
  if (method == "GET" &&
      (pattern.starts_with("/v1/objects") || pattern.starts_with("/v1/files") || pattern.starts_with("/v1/identities") ||
       pattern.starts_with("/v1/accounts") || pattern.starts_with("/v1/messages") || pattern == "/v1/params" || pattern == "/v1/modules")) {
    query("at", "a past height; `final` (default) is the newest", "string");
    query("proof", "1: adds `proof`, the base64 of the proved answer", "string");
    list.push_back({{"name", "Dos-Min-Height"},
                    {"in", "header"},
                    {"required", false},
                    {"description", "waits a little for a node that is behind this height"},
                    {"schema", {{"type", "string"}}}});
  }
  if (pattern.starts_with("/v1/messages") || pattern == "/v1/modules") {
    query("limit", "items of a page, at most 1000", "integer");
    query("cursor", "what `next` of the page before said", "string");
  }
  if (pattern.starts_with("/v1/files")) {
    query("list", "1: the entries of a directory", "string");
    query("versions", "1: the revisions of a file", "string");
    query("limit", "items of a page, at most 1000", "integer");
    query("after", "names after this one", "string");
  }
  if (pattern == "/v1/tip") query("nonce", "32 bytes in hex, drawn by the asker", "string");
  if (method == "POST" && pattern == "/v1/transactions") {
    query("wait", "`final`: answer once every transaction is final or refused", "string");
    query("timeout_ms", "how long to wait at most", "integer");
  }
  return list;
}

}  // namespace

std::string openapi_document() {
  Json paths = Json::object();
  for (const auto& r : routes()) {
    const std::string_view pattern = r.pattern, method = r.method;
    Json op{{"summary", r.sentence}, {"x-proof", name_of(r.proof)}};
    if (auto p = parameters_of(pattern, method); !p.empty()) op["parameters"] = p;
    const bool chunk = pattern == "/v1/blobs/{root}/{chunk}";
    if (method == "POST" || method == "PUT")
      op["requestBody"] = {{"required", true}, {"content", {{chunk ? "application/octet-stream" : ledger::kWireType, Json::object()}}}};
    Json content = Json::object();
    if (pattern == "/") content["text/html"] = Json::object();
    else if (pattern == "/healthz" || pattern == "/livez" || pattern == "/readyz" || pattern == "/metrics")
      content["text/plain"] = Json::object();
    else if (chunk) content["application/octet-stream"] = Json::object();
    else if (pattern == "/v1/genesis" || (method == "POST" && pattern == "/v1/state")) content[ledger::kWireType] = Json::object();
    else {
      content["application/json"] = Json::object();
      if (r.proof != ProofKind::claim || method == "POST") content[ledger::kWireType] = Json::object();
    }
    Json responses = Json::object();
    if (method == "PUT") responses["204"] = {{"description", "Kept"}};
    else responses["200"] = {{"description", "The answer"}, {"content", content}};
    if (method == "POST" && pattern == "/v1/transactions") {
      responses["201"] = {{"description", "Final"}, {"content", content}};
      responses["202"] = {{"description", "Accepted, not final yet"}, {"content", content}};
    }
    responses["default"] = {{"description", "A problem document (RFC 9457)"},
                            {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
    op["responses"] = responses;
    std::string lower(method);
    for (auto& c : lower) c = char(c + 32);
    paths[std::string(pattern)][lower] = op;
  }
  Json text{{"type", "string"}};
  Json problem{{"type", "object"},
               {"required", {"type", "title", "status", "code", "detail", "hint", "retry"}},
               {"properties",
                {{"type", text},
                 {"title", text},
                 {"status", {{"type", "integer"}}},
                 {"code", text},
                 {"detail", text},
                 {"hint", text},
                 {"instance", text},
                 {"retry", {{"type", "boolean"}}}}}};
  Json doc{{"openapi", "3.1.0"},
           {"info",
            {{"title", "DOS node"},
             {"version", "1"},
             {"summary", "Reads with proofs, signed transactions, blobs"},
             {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
           {"paths", paths},
           {"components", {{"schemas", {{"Problem", problem}}}}}};
  return doc.dump(2) + "\n";
}

void get_openapi(Exchange& x) {
  static const std::string document = openapi_document();
  x.reply(json_response(document));
}

}  // namespace dos::api
