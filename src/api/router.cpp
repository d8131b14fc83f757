#include "api/handler.hpp"

namespace dos::api {
namespace {

constexpr Route kRoutes[] = {
#define DOS_ROW(method, pattern, kind, price, sentence) {#method, pattern, ProofKind::kind, Price::price, sentence},
    DOS_ROUTES(DOS_ROW)
#undef DOS_ROW
};

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

Match match_route(std::string_view method, const std::vector<std::string>& path) {
  Match m;
  for (unsigned i = 0; i < std::size(kRoutes); ++i) {
    std::vector<std::string> args;
    if (!fits(kRoutes[i].pattern, path, args)) continue;
    if (method == kRoutes[i].method || (method == "HEAD" && std::string_view(kRoutes[i].method) == "GET")) {
      m.route = i;
      m.args = std::move(args);
      return m;
    }
    if (m.allow.find(kRoutes[i].method) == std::string::npos) {
      if (!m.allow.empty()) m.allow += ", ";
      m.allow += kRoutes[i].method;
    }
  }
  return m;
}

std::size_t body_limit(std::string_view method, std::string_view target) {
  if (method != "POST" && method != "PUT") return 0;
  const auto path = target.substr(0, target.find('?'));
  if (method == "PUT") return kChunkBytes;
  if (path == "/v1/transactions") return 8 * 1024 * 1024;
  if (path == "/v1/blobs") return 4 * 1024 * 1024;  // a manifest of 131,000 chunks: blobs up to 32 GiB (docs/spec/wire.md)
  if (path == "/v1/dry-run") return kMaxTransactionBytes;
  return 256 * 1024;
}

bool is_question(std::string_view method, std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  return method == "POST" && path != "/v1/transactions" && path != "/v1/blobs";
}

}  // namespace dos::api
