// status, block, tx.
#include <charconv>

#include "base/text.hpp"
#include "cli/local_net.hpp"
#include "cli/node_claims.hpp"
#include "cli/receipt_view.hpp"
#include "cli/run.hpp"
#include "client/calls/submit.hpp"
#include "client/trust/survey.hpp"

namespace dos::cli {
namespace {

Status status(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  auto found = session->newest();
  if (!found && found.error().code == Errc::unreachable && session->local()) {
    // A node that died says why in its last lines.
    const LocalNet net(run.places, session->network().record.name, [](const std::string&) {});
    for (const auto& n : session->network().record.nodes)
      if (!net.alive(n))
        if (const auto lines = net.last_lines(n.name, 20); lines && !lines->empty())
          found.error().detail += "\nlast lines of " + n.name + ":\n" + *lines;
  }
  if (!found) return std::unexpected(found.error());
  const auto& newest = *found;
  const auto& network = session->network();
  Json nodes = Json::array();
  std::string url;
  const auto survey = client::survey(network, run.at_most(2 * client::kSurveyTime) / 2);
  const auto claims = ask_nodes(network.record.nodes, run.at_most(kClaimTime));
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto& n = network.record.nodes[i];
    const auto& claim = claims[i];
    const auto& seen = survey.nodes[i];
    if (claim.answers && url.empty()) url = n.url;
    nodes.push_back({{"name", n.name},
                     {"url", n.url},
                     {"p2p", n.p2p},
                     {"alive", claim.answers},
                     {"height", proved_height(seen)},
                     {"verified", seen.verified},
                     {"version", claim.version}});
  }
  run.out.line("network " + network.record.name + "   chain " + network.record.chain);
  run.out.line("block " + std::to_string(newest.header.height.value) + "   " + utc_text(newest.header.time) + "   certified by " +
               std::to_string(newest.signers.have) + " of " + std::to_string(newest.signers.of) + " validators   quorum " +
               std::to_string(survey.have) + " of " + std::to_string(survey.of) + ", " + std::to_string(survey.need) + " needed");
  for (const auto& n : nodes)
    run.out.row({"  " + n["name"].get<std::string>(), n["url"].get<std::string>(), n["alive"] == true ? "alive" : "down",
                 n["verified"] == true ? "#" + n["height"].get<std::string>() : "-", n["version"].get<std::string>()});
  run.out.data({{"net", network.record.name},
                {"chain", network.record.chain},
                {"genesis", hex(network.chain.view())},
                {"height", std::to_string(newest.header.height.value)},
                {"time", utc_text(newest.header.time)},
                {"url", url},
                {"nodes", nodes},
                {"quorum", {{"have", survey.have}, {"need", survey.need}, {"of", survey.of}}}});
  run.proved(newest);
  return {};
}

Status block(Run& run) {
  std::optional<Height> height;
  auto text = run.arg(0);
  if (text.starts_with('#')) text.erase(0, 1);
  if (!run.args.empty() && text != "final") {
    std::uint64_t h = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), h);
    if (bad != std::errc() || end != text.data() + text.size()) return fail(Errc::usage, "'" + safe(text) + "' is no block height");
    height = Height(h);
  }
  DOS_ASSIGN(auto* session, run.session());
  if (run.args.empty()) height = session->options().at;
  if (height && height->value == 0) return fail(Errc::not_found, "the first block is 1; what it rests on: dos net genesis -o FILE");
  if (height) DOS_TRY(session->must_be_reached(*height));
  DOS_ASSIGN(const auto answer, session->block(height));
  const auto& h = answer.anchor.header;
  const auto id = ledger::block_id(h);
  Json txs = Json::array();
  run.out.line("block " + std::to_string(h.height.value) + "   " + hex(id.view()));
  run.out.line(utc_text(h.time) + "   " + counted(answer.receipts.size(), "transaction") + "   " + shown_size(answer.payload.size()));
  for (const auto& r : answer.receipts) {
    txs.push_back(receipt_json(r));
    run.out.row({"  " + client::tx_name(r.txid), status_name(r.status), r.detail});
  }
  run.out.data({{"height", std::to_string(h.height.value)},
                {"id", hex(id.view())},
                {"parent", hex(h.parent.view())},
                {"time", utc_text(h.time)},
                {"state_root", hex(answer.anchor.parts.state_root.view())},
                {"bytes", answer.payload.size()},
                {"transactions", txs}});
  run.out.at(h.height);
  return {};
}

Status tx(Run& run) {
  DOS_ASSIGN(const auto id, client::parse_tx_name(run.arg(0)));
  DOS_ASSIGN(auto* session, run.session());
  auto done = client::find_transaction(*session, id);
  ledger::Receipt receipt;
  if (!done) return std::unexpected(done.error());
  receipt = done->receipt;
  auto j = receipt_json(receipt);
  j["height"] = std::to_string(done->block.header.height.value);
  j["time"] = utc_text(done->block.header.time);
  for (const auto& [key, value] : j.items())
    if (key != "writes" && !value.is_null() && value != "") run.out.row({key, shown_value(value)});
  run.out.row({"writes", counted(receipt.writes.size(), "object")});
  if (receipt.status == ledger::TxStatus::skipped)
    run.out.warn("skipped in this block is not the end: another block may have executed it, or may until its time ends");
  run.out.data(std::move(j));
  run.proved(done->block);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> ledger_commands() {
  return {
      {"status", "Ledger", "Shows the newest final block, shown to be current.", {}, {}, {"dos status"}, "", {"ver"}, status},
      {"block", "Ledger", "Shows a block with its receipts, checked against its certificate.", {{"HEIGHT", false}}, {}, {"dos block", "dos block 12"}, "", {}, block},
      {"tx", "Ledger", "Shows a transaction's receipt.", {{"ID"}}, {}, {"dos tx tx:8c1e..."}, "", {}, tx},
  };
}
// clang-format on

}  // namespace dos::cli
