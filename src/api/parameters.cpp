#include "api/parameters.hpp"

#include <string>

namespace dos::api {
namespace {

constexpr const char* kHash = "^[0-9a-fA-F]{64}$";
constexpr const char* kHeightOr = "^(final|latest|[0-9]{1,20})$";
constexpr const char* kFlag = "^(0|1|false|true)$";
constexpr const char* kReads = "/v1/objects /v1/files /v1/identities /v1/accounts /v1/messages /v1/params /v1/modules";

// clang-format off
constexpr Parameter kParameters[] = {
  {"code", "path", true, "^(DOS-)?[Ee]?[0-9]{1,5}$", 0, 0, "", "", "/v1/errors/"},
  {"key", "path", true, "^([0-9a-fA-F]{2}){3,322}$", 0, 0, "", "", "/v1/objects/"},
  {"path", "path", true, "^[^/]{1,255}(/[^/]{1,255}){0,63}$", 0, 0, "", "components with `/` between; each percent-encoded", "/v1/files/"},
  {"name", "path", true, "^[a-z]([a-z0-9.-]{0,30}[a-z0-9])?$", 0, 0, "", "", "/v1/identities/ /v1/messages/"},
  {"name", "path", true, "^([a-z]([a-z0-9.-]{0,30}[a-z0-9])?|(fees|faucet|sponsor)\\.\\.)$", 0, 0, "", "", "/v1/accounts/"},
  {"height", "path", true, "^(final|[0-9]{1,20})$", 0, 0, "", "", "/v1/blocks/"},
  {"id", "path", true, kHash, 0, 0, "", "", "/v1/transactions/"},
  {"root", "path", true, kHash, 0, 0, "", "", "/v1/blobs/"},
  {"chunk", "path", true, "", 0, 4'194'303, "", "from 0; of 256 KiB each", "/v1/blobs/"},
  {"at", "query", false, kHeightOr, 0, 0, "final", "a past height; `final` is the newest", kReads},
  {"proof", "query", false, kFlag, 0, 0, "0", "1: adds `proof`, the base64 of the proved answer", kReads},
  {"Dos-Min-Height", "header", false, "^[0-9]{1,20}$", 0, 0, "", "waits a little for a node that is behind this height", kReads},
  {"limit", "query", false, "", 1, 1000, "100", "items of a page", "/v1/messages /v1/modules /v1/files"},
  {"cursor", "query", false, "^([0-9a-fA-F]{2}){0,322}$", 0, 0, "", "what `next` of the page before said", "/v1/messages /v1/modules"},
  {"list", "query", false, kFlag, 0, 0, "0", "1: the entries of a directory", "/v1/files"},
  {"versions", "query", false, kFlag, 0, 0, "0", "1: the revisions of a file", "/v1/files"},
  {"after", "query", false, "^[^/]{0,255}$", 0, 0, "", "names after this one", "/v1/files"},
  {"nonce", "query", true, kHash, 0, 0, "", "32 bytes in hex, drawn by the asker", "/v1/tip"},
  {"wait", "query", false, "^final$", 0, 0, "", "`final`: answer once every transaction is final or refused", "/v1/transactions"},
  {"timeout_ms", "query", false, "", 0, 120'000, "30000", "how long to wait at most", "/v1/transactions"},
};
// clang-format on

}  // namespace

std::span<const Parameter> parameters() { return kParameters; }

bool takes(const Parameter& p, std::string_view method, std::string_view pattern) {
  const std::string_view where = p.in;
  if (where == "path" && pattern.find("{" + std::string(p.name) + "}") == std::string_view::npos) return false;
  if (where != "path" && pattern == "/v1/transactions/{id}") return false;
  if (where != "path" && method != (std::string_view(p.routes) == "/v1/transactions" ? "POST" : "GET")) return false;
  for (std::string_view rest = p.routes; !rest.empty();) {
    const auto end = rest.find(' ');
    if (pattern.starts_with(rest.substr(0, end))) return true;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return false;
}

}  // namespace dos::api
