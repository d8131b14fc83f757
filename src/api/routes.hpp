// The route table: method, pattern, proof kind, who may call, one sentence. OpenAPI, the index page, metrics and the tests
// derive from it. A row without a proof kind does not compile; a handler without a row is not reachable.
#pragma once
#include <cstdint>

namespace dos::api {

enum class ProofKind : std::uint8_t {
  state,    // presence or absence of records at a certified state root
  range,    // complete ranges
  history,  // the same at a past height
  receipt,  // a transaction's receipt in a certified block
  block,    // a whole certified block
  content,  // verifies by hash alone
  derived,  // the client computes it over proved answers
  claim,    // about this node only, says so, and nothing else consumes it
};

// clang-format off
#define DOS_ROUTES(X)                                                                                                \
  X(GET, "/", claim, "Status page of this node")                                                                     \
  X(GET, "/healthz", claim, "The process runs")                                                                      \
  X(GET, "/livez", claim, "The process runs")                                                                        \
  X(GET, "/readyz", claim, "The node is in step and can write")                                                      \
  X(GET, "/metrics", claim, "Prometheus metrics")                                                                    \
  X(GET, "/v1", claim, "The routes")                                                                                 \
  X(GET, "/v1/openapi.json", claim, "This table as OpenAPI 3.1")                                                     \
  X(GET, "/v1/errors/{code}", claim, "What an error code means")                                                     \
  X(GET, "/v1/status", claim, "Height, peers, version of this node")                                                 \
  X(GET, "/v1/genesis", content, "The genesis: its hash is the chain id")                                            \
  X(GET, "/v1/anchor", block, "The newest final header with its certificate")                                        \
  X(GET, "/v1/tip", block, "The same with signed acknowledgements that it is the newest")                            \
  X(POST, "/v1/state", state, "Any keys, ranges and paths, proved, now or at a past height")                         \
  X(GET, "/v1/objects/{key}", state, "One object by its key in hex")                                                 \
  X(GET, "/v1/files/{path}", state, "A file or directory: stat; ?list, ?versions")                                   \
  X(GET, "/v1/identities/{name}", state, "An account: keys and permissions")                                         \
  X(GET, "/v1/accounts/{name}", state, "An account's purse")                                                         \
  X(GET, "/v1/messages/{name}", range, "The sealed messages of an inbox")                                            \
  X(GET, "/v1/params", state, "The parameters in force")                                                             \
  X(GET, "/v1/modules", range, "The system modules with their call tables")                                          \
  X(GET, "/v1/blocks/{height}", block, "A block with its receipts; `final` for the newest")                          \
  X(POST, "/v1/transactions", receipt, "Submits signed transactions; ?wait=final")                                   \
  X(GET, "/v1/transactions/{id}", receipt, "A transaction's receipt")                                                \
  X(POST, "/v1/dry-run", claim, "What a transaction would do now")                                                   \
  X(POST, "/v1/blobs", claim, "Starts or resumes an upload")                                                         \
  X(PUT, "/v1/blobs/{root}/{chunk}", content, "One chunk of an upload")                                              \
  X(GET, "/v1/blobs/{root}", content, "A blob's chunk hashes")                                                       \
  X(GET, "/v1/blobs/{root}/{chunk}", content, "One chunk")                                                           \
  X(POST, "/v1/stored", content, "Signed promises that blobs are held durably")
// clang-format on

}  // namespace dos::api
