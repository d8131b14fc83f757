// Every route through the handler on a real node: what it answers, and what it refuses.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/handler.hpp"
#include "ledger/blob_manifest.hpp"
#include "node/test_network.hpp"

namespace dos::node {
namespace {

using namespace testnet;
using Json = nlohmann::json;

class Routes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    net = new Network;
    auto opened = net->open();
    if (!opened) throw std::runtime_error(opened.error().detail);
    node = opened->release();
  }
  static void TearDownTestSuite() {
    delete node;
    delete net;
  }
  static api::Response ask(const std::string& method, const std::string& target, Bytes body = {}, std::vector<api::Header> headers = {}) {
    std::promise<api::Response> answer;
    api::handle({method, target, std::move(headers), std::move(body)}, *node, [&](api::Response r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }
  static api::Response get(const std::string& target, bool bcs = false) {
    return ask("GET", target, {}, bcs ? std::vector<api::Header>{{"Accept", ledger::kWireType}} : std::vector<api::Header>{});
  }
  static api::Response post(const std::string& target, Bytes body, bool bcs = true) {
    std::vector<api::Header> h{{"Content-Type", ledger::kWireType}};
    if (bcs) h.push_back({"accept", ledger::kWireType});
    return ask("POST", target, std::move(body), h);
  }
  static std::string header(const api::Response& r, const std::string& name) {
    for (const auto& h : r.headers)
      if (h.name == name) return h.value;
    return {};
  }
  static std::uint64_t spent() {
    const auto text = node->metrics();
    const std::string series = "\ndos_ask_work ";
    return std::stoull(text.substr(text.find(series) + series.size()));
  }
  template <class F>
  static std::uint64_t price_of(F ask) {
    const auto before = spent();
    EXPECT_EQ(ask().status, 200);
    return spent() - before;
  }
  static inline Network* net = nullptr;
  static inline Node* node = nullptr;
};

TEST_F(Routes, every_get_without_arguments_answers_and_is_hardened) {
  for (const auto& route : api::routes()) {
    const std::string pattern = route.pattern;
    if (std::string(route.method) != "GET" || pattern.find('{') != std::string::npos || pattern == "/v1/tip") continue;
    const auto r = get(pattern);
    EXPECT_EQ(r.status, 200) << pattern << ": " << r.body;
    EXPECT_EQ(header(r, "X-Content-Type-Options"), "nosniff") << pattern;
    EXPECT_NE(header(r, "Content-Security-Policy").find("default-src 'none'"), std::string::npos) << pattern;
    if (r.type == "application/json") { EXPECT_TRUE(Json::accept(r.body)) << pattern; }
    const auto head = ask("HEAD", pattern);
    EXPECT_TRUE(head.body.empty());
    if (pattern != "/metrics" && pattern != "/") { EXPECT_EQ(head.length, r.body.size()) << pattern; }
    EXPECT_EQ(header(ask("OPTIONS", pattern), "Allow"), "GET, HEAD, OPTIONS") << pattern;
  }
  EXPECT_LT(get("/").body.size(), 20'000u);
}

TEST_F(Routes, people_get_json_and_programs_the_proved_bytes) {
  const auto account = get("/v1/accounts/alice?proof=1");
  ASSERT_EQ(account.status, 200) << account.body;
  const auto j = Json::parse(account.body);
  EXPECT_TRUE(j["credits"].is_string());
  EXPECT_TRUE(j["proof"].is_string());
  EXPECT_FALSE(header(account, "Dos-At").empty());
  const auto bytes = get("/v1/accounts/alice", true);
  EXPECT_EQ(bytes.type, ledger::kWireType);
  const auto answer = codec::decode<ledger::StateAnswer>(as_bytes(bytes.body));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(proof::verify(answer->proof, answer->anchor.parts.state_root));
  EXPECT_EQ(Json::parse(get("/v1/identities/alice").body)["account"]["permissions"][0]["name"], "owner");
  const auto home = Json::parse(get("/v1/files/home?list=1").body);
  EXPECT_EQ(home["items"].size(), 3u);
  EXPECT_EQ(home["complete"], true);
  EXPECT_EQ(get("/v1/files/home/alice").status, 200);
  EXPECT_EQ(Json::parse(get("/v1/messages/bob").body)["complete"], true);
  EXPECT_EQ(Json::parse(get("/v1/modules").body)["items"].size(), 4u);
  EXPECT_EQ(Json::parse(get("/v1/modules?limit=2").body)["complete"], false);
  EXPECT_EQ(get("/v1/objects/" + hex(ledger::params_key())).status, 200);
  EXPECT_EQ(get("/v1/tip?nonce=" + std::string(64, 'a')).status, 200);
  EXPECT_EQ(get("/v1/errors/DOS-E0401").status, 200);
  const auto genesis = get("/v1/genesis");
  EXPECT_EQ(ledger::genesis_hash(*ledger::decode_genesis(as_bytes(genesis.body))), net->chain);
}

TEST_F(Routes, a_transaction_goes_in_and_is_found_again) {
  const auto tx = net->pay(11);
  const auto r = post("/v1/transactions?wait=final", codec::encode(ledger::SubmitRequest{{codec::encode(tx)}}));
  EXPECT_EQ(r.status, 201) << r.body;
  const auto id = hex(ledger::txid(tx.tx).view());
  const auto found = get("/v1/transactions/" + id);
  EXPECT_EQ(found.status, 200);
  const auto j = Json::parse(found.body);
  EXPECT_EQ(j["items"][0]["state"], "final");
  EXPECT_EQ(j["items"][0]["receipt"]["status"], "ok");
  const auto height = j["items"][0]["height"].get<std::string>();
  const auto block = get("/v1/blocks/" + height, true);
  const auto b = codec::decode<ledger::BlockAnswer>(as_bytes(block.body));
  ASSERT_TRUE(b);
  EXPECT_EQ(ledger::receipts_root(b->receipts), b->anchor.parts.receipts_root);
  EXPECT_EQ(ledger::payload_hash(b->payload), b->anchor.header.payload.payload_hash);
  EXPECT_EQ(get("/v1/accounts/bob?at=1").status, 200);
  EXPECT_NE(get("/metrics").body.find("dos_transactions_total"), std::string::npos);
  const auto later = post("/v1/transactions", codec::encode(ledger::SubmitRequest{{codec::encode(net->pay(12))}}));
  EXPECT_EQ(later.status, 202);
  EXPECT_NE(header(later, "Location").find("/v1/transactions/"), std::string::npos);
  const auto dry = post("/v1/dry-run", codec::encode(net->pay(13)), false);
  EXPECT_EQ(dry.status, 200) << dry.body;
}

// It is made value by value, and costs several times what was read for it.
TEST_F(Routes, what_people_read_is_paid_for_beside_what_was_read_for_it) {
  const auto answer = codec::decode<ledger::StateAnswer>(as_bytes(get("/v1/modules", true).body));
  ASSERT_TRUE(answer);
  const auto records = answer->proof.records.size();
  const auto bytes = price_of([] { return get("/v1/modules", true); });
  const auto json = price_of([] { return get("/v1/modules"); });
  const auto proved = price_of([] { return get("/v1/modules?proof=1"); });
  EXPECT_GE(json - bytes, records * api::kJsonReadsPerRecord * api::kWorkPerRead);
  std::uint64_t shown = 0;
  for (const auto& r : answer->proof.records) shown += r.data ? r.data->size() : 0;
  EXPECT_GE(proved - json, api::kJsonBytesPerByte * shown / api::kBytesPerWork);

  const Bytes content(5000, 9);
  const auto manifest = ledger::manifest_of(content);
  const auto root = hex(ledger::blob_root(manifest)->view());
  ASSERT_EQ(post("/v1/blobs", codec::encode(manifest)).status, 200);
  ASSERT_EQ(ask("PUT", "/v1/blobs/" + root + "/0", content).status, 204);
  EXPECT_GT(price_of([&] { return get("/v1/blobs/" + root); }), price_of([&] { return get("/v1/blobs/" + root, true); }));
}

TEST_F(Routes, lists_and_paths_end_at_their_limits) {
  const auto limit = error_row(Errc::limit).http_status;
  EXPECT_EQ(get("/v1/modules?limit=" + std::to_string(kMaxRangeItems)).status, 200);
  EXPECT_EQ(get("/v1/modules?limit=" + std::to_string(kMaxRangeItems + 1)).status, limit);
  const auto state = [](auto item) {
    ledger::StateQuery query;
    query.items.push_back(std::move(item));
    return post("/v1/state", codec::encode(query)).status;
  };
  EXPECT_EQ(state(ledger::RangeItem{ledger::purse_key("a"), {}, kMaxRangeItems, false}), 200);
  EXPECT_EQ(state(ledger::RangeItem{ledger::purse_key("a"), {}, kMaxRangeItems + 1, false}), limit);
  ledger::PathItem path;
  path.limit = kMaxRangeItems;
  path.components.assign(kMaxPathDepth, "a");
  EXPECT_EQ(state(path), 200);
  path.components.push_back("a");
  EXPECT_EQ(state(path), limit);
  path.components = {std::string(kMaxNameBytes, 'a')};
  EXPECT_EQ(state(path), 200);
  ++path.limit;
  EXPECT_EQ(state(path), limit);
  path.limit = 1;
  path.components[0] += 'a';
  EXPECT_EQ(state(path), error_row(Errc::bad_name).http_status);
  EXPECT_EQ(state(ledger::KeyItem{Bytes(kMaxKeyBytes, 1), false}), 200);
  EXPECT_EQ(state(ledger::KeyItem{Bytes(kMaxKeyBytes + 1, 1), false}), limit);
}

// No list within the limits of a proof costs more than may be asked at once.
TEST_F(Routes, the_greatest_answer_for_people_is_within_what_may_be_spent_at_once) {
  const auto most = api::work_of({api::kJsonReadsPerRecord * kMaxProofRecords, 2 * api::kJsonBytesPerByte * kMaxProofBytes, 0});
  EXPECT_LT(most, api::kSourceWork.burst);
  EXPECT_LT(most, api::kStrangersWork.burst);
}

TEST_F(Routes, blobs_go_in_and_out) {
  const Bytes content(5000, 7);
  const auto manifest = ledger::manifest_of(content);
  const auto root = hex(ledger::blob_root(manifest)->view());
  EXPECT_EQ(post("/v1/blobs", codec::encode(manifest)).status, 200);
  EXPECT_EQ(ask("PUT", "/v1/blobs/" + root + "/0", Bytes(5000, 8)).status, error_row(Errc::content_mismatch).http_status);
  EXPECT_EQ(error_row(Errc::content_mismatch).http_status, 422) << "who sent the wrong bytes is at fault, not the node";
  EXPECT_EQ(ask("PUT", "/v1/blobs/" + root + "/0", Bytes(4999, 7)).status, 422);
  EXPECT_EQ(ask("PUT", "/v1/blobs/" + root + "/1", content).status, 400);
  EXPECT_EQ(ask("PUT", "/v1/blobs/" + root + "/0", content).status, 204);
  const auto chunk = get("/v1/blobs/" + root + "/0");
  EXPECT_EQ(chunk.body.size(), 5000u);
  EXPECT_EQ(header(chunk, "Content-Disposition"), "attachment");
  EXPECT_EQ(get("/v1/blobs/" + root).status, 200);
  EXPECT_EQ(post("/v1/stored", codec::encode(ledger::StoredRequest{{{*ledger::blob_root(manifest), 5000}}})).status, 200);
}

TEST_F(Routes, bad_input_is_refused_with_a_problem_document) {
  const struct {
    const char* method;
    std::string target;
    int status;
  } cases[] = {
      {"GET", "/nothing", 404},
      {"DELETE", "/v1/state", 405},
      {"TRACE", "/v1/state", 405},
      {"OPTIONS", "/nothing", 404},
      {"GET", "*", 400},
      {"GET", "/v1/files/%zz", 400},
      {"GET", "/" + std::string(9000, 'a'), 414},
      {"GET", "/v1/objects/zz", 400},
      {"GET", "/v1/objects/00", 400},
      {"GET", "/v1/objects/000170707070", 404},
      {"GET", "/v1/accounts/nobody", 404},
      {"GET", "/v1/accounts/NoName", 400},
      {"GET", "/v1/files/none/such", 404},
      {"GET", "/v1/files/home?list=1&limit=0", 413},
      {"GET", "/v1/messages/bob?cursor=zz", 400},
      {"GET", "/v1/blocks/x", 400},
      {"GET", "/v1/blocks/999999", 404},
      {"GET", "/v1/transactions/12", 400},
      {"GET", "/v1/transactions/" + std::string(64, '0'), 404},
      {"GET", "/v1/tip?nonce=1", 400},
      {"GET", "/v1/tip", 400},
      {"GET", "/v1/errors/nonsense", 404},
      {"GET", "/v1/accounts/alice?at=99999999", 503},
      {"GET", "/v1/blobs/" + std::string(64, '0'), 404},
      {"GET", "/v1/blobs/" + std::string(64, '0') + "/0", 404},
      {"POST", "/v1/transactions", 415},
      {"POST", "/v1/state", 415},
  };
  for (const auto& c : cases) {
    const auto r = ask(c.method, c.target);
    EXPECT_EQ(r.status, c.status) << c.method << " " << c.target.substr(0, 80) << ": " << r.body;
    EXPECT_EQ(r.type, "application/problem+json") << c.target.substr(0, 80);
    EXPECT_TRUE(Json::accept(r.body));
  }
  for (const char* target : {"/v1/state", "/v1/transactions", "/v1/blobs", "/v1/stored", "/v1/dry-run"}) {
    EXPECT_EQ(post(target, {1, 2, 3}).status, 400) << target;
    EXPECT_EQ(post(target, Bytes(api::body_limit("POST", target) + 1)).status, 413) << target;
  }
}

}  // namespace
}  // namespace dos::node
