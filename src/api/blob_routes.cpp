#include "api/exchange.hpp"
#include "api/json_views.hpp"

namespace dos::api {
namespace {

// Content that its own hash names never changes.
Response immutable(Response r, const std::string& tag) {
  return std::move(r.with("ETag", "\"" + tag + "\"").with("Cache-Control", "public, max-age=31536000, immutable"));
}

template <class T>
Result<T> wire_body(const Exchange& x, const char* what) {
  if (x.request->header("content-type") != ledger::kWireType) return fail(Errc::usage, std::string("send ") + ledger::kWireType);
  return codec::decode<T>(x.request->body, what);
}

}  // namespace

void post_blob(Exchange& x) {
  auto manifest = wire_body<ledger::BlobManifest>(x, "a blob manifest");
  if (!manifest) return x.fail(manifest.error());
  auto status = x.backend->begin_blob(std::move(*manifest), x.request->source);
  if (!status) return x.fail(status.error());
  x.reply(x.bcs ? bcs_response(*status, Height{}) : json_response(json_of(*status)));
}

void put_chunk(Exchange& x) {
  auto root = parse_hash(x.arg(0), "a blob root");
  if (!root) return x.fail(root.error());
  auto index = parse_u64(x.arg(1), "a chunk's number");
  if (!index) return x.fail(index.error());
  if (auto done = x.backend->put_chunk(*root, *index, x.request->body); !done) return x.fail(done.error());
  Response r;
  r.status = 204;
  x.reply(std::move(r));
}

void get_blob(Exchange& x) {
  auto root = parse_hash(x.arg(0), "a blob root");
  if (!root) return x.fail(root.error());
  auto manifest = x.backend->blob(*root, x.request->source);
  if (!manifest) return x.fail(manifest.error());
  constexpr std::uint64_t kHexDigits = 2;  // of a byte
  if (!x.bcs && !x.pay({0, kHexDigits * kJsonBytesPerByte * sizeof(Hash) * manifest->chunks.size(), 0})) return;
  x.reply(immutable(x.bcs ? bcs_response(*manifest, Height{}) : json_response(json_of(*manifest)), hex(root->view())));
}

void get_chunk(Exchange& x) {
  auto root = parse_hash(x.arg(0), "a blob root");
  if (!root) return x.fail(root.error());
  auto index = parse_u64(x.arg(1), "a chunk's number");
  if (!index) return x.fail(index.error());
  auto bytes = x.backend->chunk(*root, *index);
  if (!bytes) return x.fail(bytes.error());
  Response r;
  r.type = "application/octet-stream";
  r.body.assign(as_text(*bytes));
  r.with("Content-Disposition", "attachment");
  x.reply(immutable(std::move(r), hex(root->view()) + "-" + std::to_string(*index)));
}

void post_stored(Exchange& x) {
  auto request = wire_body<ledger::StoredRequest>(x, "a request for storage receipts");
  if (!request) return x.fail(request.error());
  if (request->blobs.empty() || request->blobs.size() > kMaxStoredBlobs)
    return x.fail({Errc::limit, "1 to " + std::to_string(kMaxStoredBlobs) + " blobs go under one promise"});
  for (std::size_t i = 1; i < request->blobs.size(); ++i)
    if (!(request->blobs[i - 1].root < request->blobs[i].root))
      return x.fail({Errc::malformed, "blobs stand in order of their roots, each once"});
  if (!x.pay({4 * request->blobs.size(), 0, 0})) return;
  x.backend->stored(
      std::move(*request),
      [reply = x.reply, instance = x.instance, bcs = x.bcs](Result<ledger::StoredAnswer> answer) {
        if (!answer) return reply(problem(answer.error(), instance));
        reply(bcs ? bcs_response(*answer, Height{}) : json_response(json_of(*answer)));
      },
      x.request->source);
}

}  // namespace dos::api
