// The route table as OpenAPI 3.1; abi/openapi.json is this text, and a test compares.
#include "api/exchange.hpp"
#include "api/json_parts.hpp"
#include "api/parameters.hpp"

namespace dos::api {
namespace {

Json parameters_of(std::string_view pattern, std::string_view method) {
  Json list = Json::array();
  for (const auto& p : parameters()) {
    if (!takes(p, method, pattern)) continue;
    const bool text = *p.pattern != 0;
    Json schema{{"type", text ? "string" : "integer"}};
    if (text) schema["pattern"] = p.pattern;
    else schema["minimum"] = p.least, schema["maximum"] = p.most;
    if (*p.preset != 0) schema["default"] = text ? Json(p.preset) : Json(std::stoull(p.preset));
    Json row{{"name", p.name}, {"in", p.in}, {"required", p.required}};
    if (*p.description != 0) row["description"] = p.description;
    row["schema"] = std::move(schema);
    list.push_back(std::move(row));
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
      op["requestBody"] = {{"required", true},
                           {"content", {{chunk ? "application/octet-stream" : ledger::kWireType, Json::object()}}},
                           {"x-max-bytes", body_limit(method, pattern)}};
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
