#include <algorithm>

#include "api/exchange.hpp"

namespace dos::api {
namespace {

using namespace parameter;
constexpr Route kRoutes[] = {DOS_ROUTES(DOS_ROUTE)};

bool fits(std::string_view pattern, const std::vector<std::string>& path, std::vector<std::string>& args) {
  args.clear();
  pattern.remove_prefix(1);
  std::size_t at = 0;
  while (!pattern.empty()) {
    const auto slash = pattern.find('/');
    const auto part = pattern.substr(0, slash);
    if (part == "{path}") {
      args.insert(args.end(), path.begin() + std::ptrdiff_t(at), path.end());
      return true;
    }
    if (at >= path.size()) return false;
    if (part.front() == '{') args.push_back(path[at]);
    else if (part != path[at]) return false;
    ++at;
    if (slash == std::string_view::npos) break;
    pattern.remove_prefix(slash + 1);
  }
  return at == path.size();
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

const char* name_of(ProofKind kind) {
  switch (kind) {
    case ProofKind::state: return "state";
    case ProofKind::range: return "range";
    case ProofKind::history: return "history";
    case ProofKind::receipt: return "receipt";
    case ProofKind::block: return "block";
    case ProofKind::content: return "content";
    case ProofKind::derived: return "derived";
    case ProofKind::claim: return "claim";
  }
  return "";
}

Match match_route(std::string_view method, const std::vector<std::string>& path, std::span<const Route> table) {
  Match m;
  for (unsigned i = 0; i < table.size(); ++i) {
    std::vector<std::string> args;
    if (!fits(table[i].pattern, path, args)) continue;
    if (method == table[i].method || (method == "HEAD" && std::string_view(table[i].method) == "GET")) {
      m.route = i;
      m.args = std::move(args);
      return m;
    }
    if (m.allow.find(table[i].method) == std::string::npos) {
      if (!m.allow.empty()) m.allow += ", ";
      m.allow += table[i].method;
    }
  }
  return m;
}

// As the path is written: escapes are not looked into before there is somebody to answer.
Body body_of(std::string_view method, std::string_view target, std::span<const Route> table) {
  if (method != "POST" && method != "PUT") return kNoBody;
  std::vector<std::string> path;
  for (std::string_view rest = target.substr(0, target.find('?')); !rest.empty();) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    path.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (const auto match = match_route(method, path, table); match.route) return table[*match.route].body;
  return method == "PUT" ? kChunkBody : asks(256 * 1024);
}

}  // namespace dos::api
