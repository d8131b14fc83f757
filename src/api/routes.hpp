// The route table: method, pattern, proof kind, price (cost.hpp), one sentence. OpenAPI, the index page, metrics and the tests
// derive from it. A row without a proof kind or a price does not compile; a handler without a row is not reachable.
#pragma once
#include "api/cost.hpp"

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
  X(GET, "/", claim, status, "Status page of this node")                                                             \
  X(GET, "/healthz", claim, text, "The process runs")                                                                \
  X(GET, "/livez", claim, text, "The process runs")                                                                  \
  X(GET, "/readyz", claim, status, "The node is in step and can write")                                              \
  X(GET, "/metrics", claim, status, "Prometheus metrics")                                                            \
  X(GET, "/v1", claim, text, "The routes")                                                                           \
  X(GET, "/v1/openapi.json", claim, status, "This table as OpenAPI 3.1")                                             \
  X(GET, "/v1/errors/{code}", claim, text, "What an error code means")                                               \
  X(GET, "/v1/status", claim, status, "Height, peers, version of this node")                                         \
  X(GET, "/v1/genesis", content, status, "The genesis: its hash is the chain id")                                    \
  X(GET, "/v1/anchor", block, proof, "The newest final header with its certificate")                                 \
  X(GET, "/v1/tip", block, round, "The same with signed acknowledgements that it is the newest")                     \
  X(POST, "/v1/state", state, proof, "Any keys, ranges and paths, proved, now or at a past height")                  \
  X(GET, "/v1/objects/{key}", state, proof, "One object by its key in hex")                                          \
  X(GET, "/v1/files/{path}", state, proof, "A file or directory: stat; ?list, ?versions")                            \
  X(GET, "/v1/identities/{name}", state, proof, "An account: keys and permissions")                                  \
  X(GET, "/v1/accounts/{name}", state, proof, "An account's purse")                                                  \
  X(GET, "/v1/messages/{name}", range, proof, "The sealed messages of an inbox")                                     \
  X(GET, "/v1/params", state, proof, "The parameters in force")                                                      \
  X(GET, "/v1/modules", range, proof, "The system modules with their call tables")                                   \
  X(GET, "/v1/blocks/{height}", block, block, "A block with its receipts; `final` for the newest")                   \
  X(POST, "/v1/transactions", receipt, submit, "Submits signed transactions; ?wait=final")                           \
  X(GET, "/v1/transactions/{id}", receipt, receipt, "A transaction's receipt")                                       \
  X(POST, "/v1/dry-run", claim, run, "What a transaction would do now")                                              \
  X(POST, "/v1/blobs", claim, manifest, "Starts or resumes an upload")                                               \
  X(PUT, "/v1/blobs/{root}/{chunk}", content, chunk, "One chunk of an upload")                                       \
  X(GET, "/v1/blobs/{root}", content, manifest, "A blob's chunk hashes")                                             \
  X(GET, "/v1/blobs/{root}/{chunk}", content, chunk, "One chunk")                                                    \
  X(POST, "/v1/stored", content, promise, "Signed promises that blobs are held durably")
// clang-format on

}  // namespace dos::api
