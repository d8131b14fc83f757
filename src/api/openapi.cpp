// The route table as OpenAPI 3.1; abi/openapi.json is this text, and a test compares.
#include "api/exchange.hpp"
#include "api/json_parts.hpp"

namespace dos::api {
namespace {

Json parameters_of(const Route& route) {
  Json list = Json::array();
  for (const auto* p : route.parameters) {
    const bool text = *p->pattern != 0;
    Json schema{{"type", text ? "string" : "integer"}};
    if (text) schema["pattern"] = p->pattern;
    else schema["minimum"] = p->least, schema["maximum"] = p->most;
    if (*p->preset != 0) schema["default"] = text ? Json(p->preset) : Json(std::stoull(p->preset));
    Json row{{"name", p->name}, {"in", p->in}, {"required", p->required}};
    if (*p->description != 0) row["description"] = p->description;
    row["schema"] = std::move(schema);
    list.push_back(std::move(row));
  }
  return list;
}

Json content_of(Gives gives) {
  Json content = Json::object();
  const auto add = [&](const char* media) { content[media] = Json::object(); };
  switch (gives) {
    case Gives::page: add("text/html"); break;
    case Gives::text: add("text/plain"); break;
    case Gives::octets: add("application/octet-stream"); break;
    case Gives::json: add("application/json"); break;
    case Gives::wire: add(ledger::kWireType); break;
    case Gives::both:
    case Gives::outcomes:
      add("application/json");
      add(ledger::kWireType);
      break;
    case Gives::nothing: break;
  }
  return content;
}

Json responses_of(const Route& route) {
  Json responses = Json::object();
  const auto content = content_of(route.gives);
  if (route.gives == Gives::nothing) responses["204"] = {{"description", "Kept"}};
  else responses["200"] = {{"description", "The answer"}, {"content", content}};
  if (route.gives == Gives::outcomes) {
    responses["201"] = {{"description", "Final"}, {"content", content}};
    responses["202"] = {{"description", "Accepted, not final yet"}, {"content", content}};
  }
  responses["default"] = {{"description", "A problem document (RFC 9457)"},
                          {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return responses;
}

}  // namespace

std::string openapi_document(std::span<const Route> table) {
  Json paths = Json::object();
  for (const auto& r : table) {
    Json op{{"summary", r.sentence}, {"x-proof", name_of(r.proof)}};
    if (auto p = parameters_of(r); !p.empty()) op["parameters"] = p;
    if (r.body.most > 0)
      op["requestBody"] = {{"required", true}, {"content", {{r.body.media, Json::object()}}}, {"x-max-bytes", r.body.most}};
    op["responses"] = responses_of(r);
    std::string lower(r.method);
    for (auto& c : lower) c = char(c + 32);
    paths[r.pattern][lower] = op;
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
