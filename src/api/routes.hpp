// The route table, a row a route: method, pattern, handler, proof kind, price (cost.hpp), body, what it gives, parameters in path, query and
// headers, one sentence. Dispatch, limits of bodies, OpenAPI, the index page, metrics and the tests follow from it: a new route is its
// row here and its handler, `void NAME(Exchange&)`, in a *_routes.cpp. A row without a handler does not link.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "api/cost.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "ledger/wire.hpp"

namespace dos::api {

enum class ProofKind : std::uint8_t {
  state,  // presence or absence of records at a certified state root
  range,  // complete ranges
  history,  // the same at a past height
  receipt,  // a transaction's receipt in a certified block
  block,  // a whole certified block
  content,  // verifies by hash alone
  derived,  // the client computes it over proved answers
  claim,  // about this node only, says so, and nothing else consumes it
};

struct Body {
  std::size_t most = 0;  // bytes; 0: none is taken
  bool question = false;  // the request only asks: what such bodies may hold in memory, no write takes from them
  const char* media = "";
};
inline constexpr Body kNoBody;
inline constexpr Body kChunkBody{kChunkBytes, false, "application/octet-stream"};
constexpr Body asks(std::size_t most) { return {most, true, ledger::kWireType}; }
constexpr Body writes(std::size_t most) { return {most, false, ledger::kWireType}; }
inline constexpr std::size_t kMaxManifestBytes = 4 * 1024 * 1024;  // of 131,000 chunks: blobs up to 32 GiB (docs/spec/wire.md)

enum class Gives : std::uint8_t {
  page,  // text/html
  text,  // text/plain
  json,
  wire,  // ledger::kWireType
  both,  // JSON, or that where the client accepts it
  octets,  // application/octet-stream
  outcomes,  // as `both`: 201 final, 202 not final yet, 200 several
  nothing,  // 204
};

struct Parameter {
  const char* name;  // in a path: what stands in the pattern's braces
  const char* in;  // path, query, header
  bool required;
  const char* pattern;  // of a string, ECMA-262 regular expression; empty: `least` and `most` bound a whole number
  std::uint64_t least, most;
  const char* preset;  // what counts when it is absent; empty: nothing does
  const char* description;  // empty: the route says it
};
inline constexpr const char* kHashPattern = "^[0-9a-fA-F]{64}$";
inline constexpr const char* kFlagPattern = "^(0|1|false|true)?$";  // named without a value: 1
inline constexpr const char* kFinalPattern = "^final$";
inline constexpr const char* kAfterPattern = "^[^/]{0,255}$";

// Whether the value is one that the parameter may have; what a handler reads by itself (keys, names, heights, hashes) it judges itself.
Status fits(const Parameter& parameter, std::string_view value);

// clang-format off
namespace parameter {
inline constexpr Parameter kCode{"code", "path", true, "^(DOS-)?[Ee]?[0-9]{1,5}$", 0, 0, "", ""};
inline constexpr Parameter kKey{"key", "path", true, "^([0-9a-fA-F]{2}){3,322}$", 0, 0, "", ""};
inline constexpr Parameter kPath{"path", "path", true, "^[^/]{1,255}(/[^/]{1,255}){0,63}$", 0, 0, "", "components with `/` between; each percent-encoded"};
inline constexpr Parameter kName{"name", "path", true, "^[a-z]([a-z0-9.-]{0,30}[a-z0-9])?$", 0, 0, "", ""};
inline constexpr Parameter kPurse{"name", "path", true, "^([a-z]([a-z0-9.-]{0,30}[a-z0-9])?|(fees|faucet|sponsor)\\.\\.)$", 0, 0, "", ""};
inline constexpr Parameter kHeight{"height", "path", true, "^(final|[0-9]{1,20})$", 0, 0, "", ""};
inline constexpr Parameter kId{"id", "path", true, kHashPattern, 0, 0, "", ""};
inline constexpr Parameter kRoot{"root", "path", true, kHashPattern, 0, 0, "", ""};
inline constexpr Parameter kChunk{"chunk", "path", true, "", 0, 4'194'303, "", "from 0; of 256 KiB each"};
inline constexpr Parameter kAt{"at", "query", false, "^(final|latest|[0-9]{1,20})$", 0, 0, "final", "a past height; `final` is the newest"};
inline constexpr Parameter kProof{"proof", "query", false, kFlagPattern, 0, 0, "0", "1: adds `proof`, the base64 of the proved answer"};
inline constexpr Parameter kMinHeight{"Dos-Min-Height", "header", false, "^[0-9]{1,20}$", 0, 0, "", "waits a little for a node that is behind this height"};
inline constexpr Parameter kLimit{"limit", "query", false, "", 1, 1000, "100", "items of a page"};
inline constexpr Parameter kCursor{"cursor", "query", false, "^([0-9a-fA-F]{2}){0,322}$", 0, 0, "", "what `next` of the page before said"};
inline constexpr Parameter kList{"list", "query", false, kFlagPattern, 0, 0, "0", "1: the entries of a directory"};
inline constexpr Parameter kVersions{"versions", "query", false, kFlagPattern, 0, 0, "0", "1: the revisions of a file"};
inline constexpr Parameter kAfter{"after", "query", false, kAfterPattern, 0, 0, "", "names after this one"};
inline constexpr Parameter kNonce{"nonce", "query", true, kHashPattern, 0, 0, "", "32 bytes in hex, drawn by the asker"};
inline constexpr Parameter kWait{"wait", "query", false, kFinalPattern, 0, 0, "", "`final`: answer once every transaction is final or refused"};
inline constexpr Parameter kTimeout{"timeout_ms", "query", false, "", 0, 120'000, "30000", "how long to wait at most"};
}  // namespace parameter

#define DOS_READ kAt, kProof, kMinHeight  // of every proved read
#define DOS_ROUTES(X)                                                                                                                                         \
  X(GET, "/", get_page, claim, status, kNoBody, page, (), "Status page of this node")                                                                         \
  X(GET, "/healthz", get_health, claim, text, kNoBody, text, (), "The process runs")                                                                          \
  X(GET, "/livez", get_health, claim, text, kNoBody, text, (), "The process runs")                                                                            \
  X(GET, "/readyz", get_ready, claim, status, kNoBody, text, (), "The node is in step and can write")                                                         \
  X(GET, "/metrics", get_metrics, claim, status, kNoBody, text, (), "Prometheus metrics")                                                                     \
  X(GET, "/v1", get_index, claim, text, kNoBody, json, (), "The routes")                                                                                      \
  X(GET, "/v1/openapi.json", get_openapi, claim, status, kNoBody, json, (), "This table as OpenAPI 3.1")                                                      \
  X(GET, "/v1/errors/{code}", get_error, claim, text, kNoBody, json, (kCode), "What an error code means")                                                     \
  X(GET, "/v1/status", get_status, claim, status, kNoBody, json, (), "Height, peers, version of this node")                                                   \
  X(GET, "/v1/genesis", get_genesis, content, status, kNoBody, wire, (), "The genesis: its hash is the chain id")                                             \
  X(GET, "/v1/anchor", get_anchor, block, proof, kNoBody, both, (), "The newest final header with its certificate")                                           \
  X(GET, "/v1/tip", get_tip, block, round, kNoBody, both, (kNonce), "The same with signed acknowledgements that it is the newest")                            \
  X(POST, "/v1/state", post_state, state, proof, asks(256 * 1024), wire, (), "Any keys, ranges and paths, proved, now or at a past height")                   \
  X(GET, "/v1/objects/{key}", get_object, state, proof, kNoBody, both, (kKey, DOS_READ), "One object by its key in hex")                                      \
  X(GET, "/v1/files/{path}", get_file, state, proof, kNoBody, both, (kPath, DOS_READ, kLimit, kList, kVersions, kAfter),                                      \
    "A file or directory: stat; ?list, ?versions")                                                                                                            \
  X(GET, "/v1/identities/{name}", get_identity, state, proof, kNoBody, both, (kName, DOS_READ), "An account: keys and permissions")                           \
  X(GET, "/v1/accounts/{name}", get_account, state, proof, kNoBody, both, (kPurse, DOS_READ), "An account's purse")                                           \
  X(GET, "/v1/messages/{name}", get_messages, range, proof, kNoBody, both, (kName, DOS_READ, kLimit, kCursor), "The sealed messages of an inbox")             \
  X(GET, "/v1/params", get_params, state, proof, kNoBody, both, (DOS_READ), "The parameters in force")                                                        \
  X(GET, "/v1/modules", get_modules, range, proof, kNoBody, both, (DOS_READ, kLimit, kCursor), "The system modules with their call tables")                   \
  X(GET, "/v1/blocks/{height}", get_block, block, block, kNoBody, both, (kHeight), "A block with its receipts; `final` for the newest")                       \
  X(POST, "/v1/transactions", post_transactions, receipt, submit, writes(8 * 1024 * 1024), outcomes, (kWait, kTimeout),                                       \
    "Submits signed transactions; ?wait=final")                                                                                                               \
  X(GET, "/v1/transactions/{id}", get_transaction, receipt, receipt, kNoBody, both, (kId), "A transaction's receipt")                                         \
  X(POST, "/v1/dry-run", post_dry_run, claim, run, asks(kMaxTransactionBytes), both, (), "What a transaction would do now")                                   \
  X(POST, "/v1/blobs", post_blob, claim, manifest, writes(kMaxManifestBytes), both, (), "Starts or resumes an upload")                                        \
  X(PUT, "/v1/blobs/{root}/{chunk}", put_chunk, content, chunk, kChunkBody, nothing, (kRoot, kChunk), "One chunk of an upload")                               \
  X(GET, "/v1/blobs/{root}", get_blob, content, manifest, kNoBody, both, (kRoot), "A blob's chunk hashes")                                                    \
  X(GET, "/v1/blobs/{root}/{chunk}", get_chunk, content, chunk, kNoBody, octets, (kRoot, kChunk), "One chunk")                                                \
  X(POST, "/v1/stored", post_stored, content, promise, asks(256 * 1024), both, (), "Signed promises that blobs are held durably")
// clang-format on

struct Exchange;
using Handler = void (*)(Exchange&);

struct Route {
  const char* method;
  const char* pattern;  // "{x}" one part; "{path}" the rest
  Handler handler;
  ProofKind proof;
  Price price;  // taken before the handler runs
  Body body;
  Gives gives;
  std::span<const Parameter* const> parameters;  // in the order in which OpenAPI shows them
  const char* sentence;
};

template <const Parameter&... P>
inline constexpr std::array<const Parameter*, sizeof...(P)> kParameters = {&P...};
// A row as a Route; the names of its parameters are looked up where it is expanded.
#define DOS_ROUTE_TAKES(...) kParameters<__VA_ARGS__>
#define DOS_ROUTE(method, pattern, handler, proof, price, body, gives, takes, sentence) \
  {#method, pattern, handler, ProofKind::proof, Price::price, body, Gives::gives, DOS_ROUTE_TAKES takes, sentence},

}  // namespace dos::api
