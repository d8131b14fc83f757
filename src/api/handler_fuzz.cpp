// Any request through the handler: exactly one answer, a known status, JSON that parses, never a crash. The backend has
// nothing and refuses everything, so that what is exercised is parsing and the limits in front of it.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "api/test_backend.hpp"

namespace {

using namespace dos;

// What was read of a target, written out again, reads the same.
void target_again(std::string_view text) {
  const auto target = api::parse_target(text);
  if (!target) return;
  const auto escaped = [](std::string_view part) {
    std::string out;
    for (const char c : part) out += "%" + hex(as_bytes(std::string_view(&c, 1)));
    return out;
  };
  std::string again;
  for (const auto& part : target->path) again += "/" + escaped(part);
  if (again.empty()) again = "/";
  for (std::size_t i = 0; i < target->query.size(); ++i)
    again += (i == 0 ? "?" : "&") + escaped(target->query[i].name) + "=" + escaped(target->query[i].value);
  const auto same = api::parse_target(again);
  if (!same || same->path != target->path || same->query.size() != target->query.size()) std::abort();
  for (std::size_t i = 0; i < same->query.size(); ++i)
    if (same->query[i].name != target->query[i].name || same->query[i].value != target->query[i].value) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr const char* kMethods[] = {"GET", "POST", "PUT", "HEAD", "DELETE", "", "get"};
  api::Request request;
  request.method = kMethods[data[0] % std::size(kMethods)];
  const bool wire = data[1] % 2 == 1;
  BytesView rest(data + 2, size - 2);
  std::size_t line = 0;
  while (line < rest.size() && rest[line] != '\n') ++line;
  request.target = std::string(as_text(rest.first(line)));
  target_again(request.target);
  if (line < rest.size()) request.body = to_bytes(rest.subspan(line + 1));
  if (wire) request.headers = {{"Content-Type", ledger::kWireType}, {"Accept", ledger::kWireType}};
  api::EmptyBackend backend;
  int answers = 0;
  api::handle(request, backend, [&](api::Response r) {
    ++answers;
    if (r.status < 200 || r.status > 599) std::abort();
    if (r.type.find("json") != std::string::npos && !r.body.empty() && !nlohmann::json::accept(r.body)) std::abort();
  });
  if (answers != 1) std::abort();
  return 0;
}
