// Any request through the handler: exactly one answer, a known status, JSON that parses, never a crash. The backend has
// nothing and refuses everything, so that what is exercised is parsing and the limits in front of it.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "api/handler.hpp"

namespace {

using namespace dos;

struct EmptyBackend final : api::Backend {
  Bytes none;
  template <class T>
  Result<T> absent() const {
    return fail(Errc::not_found, "nothing");
  }
  api::NodeStatus status() const override { return {}; }
  std::vector<api::RecentBlock> recent_blocks() const override { return {}; }
  const Bytes& genesis() const override { return none; }
  std::string metrics() const override { return {}; }
  void count_request(unsigned, int) override {}
  std::optional<std::uint64_t> charge(const api::Source&, std::uint64_t) const override { return std::nullopt; }
  Result<ledger::Anchor> anchor() const override { return absent<ledger::Anchor>(); }
  void tip(const Hash&, api::Answer<ledger::TipAnswer> done, const api::Source&) override { done(absent<ledger::TipAnswer>()); }
  void state(ledger::StateQuery, api::Answer<ledger::StateAnswer> done, const api::Source&) override {
    done(absent<ledger::StateAnswer>());
  }
  Result<ledger::BlockAnswer> block(std::optional<Height>, const api::Source&) const override { return absent<ledger::BlockAnswer>(); }
  void submit(ledger::SubmitRequest r, bool, std::uint64_t, api::Answer<ledger::SubmitAnswer> done, const api::Source&) override {
    ledger::SubmitAnswer a;
    for (std::size_t i = 0; i < r.transactions.size(); ++i) a.outcomes.push_back({Hash{}, ledger::Refused{3, "nothing"}});
    done(std::move(a));
  }
  void transaction(const Hash&, api::Answer<ledger::SubmitAnswer> done, const api::Source&) const override {
    done(absent<ledger::SubmitAnswer>());
  }
  Result<ledger::Receipt> dry_run(BytesView, const api::Source&) const override { return absent<ledger::Receipt>(); }
  Result<ledger::BlobStatus> begin_blob(ledger::BlobManifest, const api::Source&) override { return absent<ledger::BlobStatus>(); }
  Status put_chunk(const Hash&, std::uint64_t, BytesView) override { return {}; }
  Result<ledger::BlobManifest> blob(const Hash&, const api::Source&) const override { return absent<ledger::BlobManifest>(); }
  Result<Bytes> chunk(const Hash&, std::uint64_t) const override { return absent<Bytes>(); }
  void stored(ledger::StoredRequest, api::Answer<ledger::StoredAnswer> done, const api::Source&) override {
    done(absent<ledger::StoredAnswer>());
  }
};

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
  EmptyBackend backend;
  int answers = 0;
  api::handle(request, backend, [&](api::Response r) {
    ++answers;
    if (r.status < 200 || r.status > 599) std::abort();
    if (r.type.find("json") != std::string::npos && !r.body.empty() && !nlohmann::json::accept(r.body)) std::abort();
  });
  if (answers != 1) std::abort();
  return 0;
}
