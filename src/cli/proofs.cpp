// proof, verify: one file that shows to anyone what stood at a path.
#include <sys/stat.h>

#include "cli/host_source.hpp"
#include "cli/host_target.hpp"
#include "cli/run.hpp"
#include "client/files/proof_file.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/known_networks.hpp"

namespace dos::cli {
namespace {

Status proof(Run& run) {
  if (!run.has("output")) return fail(Errc::usage, "say where to: dos proof PATH -o FILE");
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto spec, run.spec(run.arg(0)));
  DOS_ASSIGN(auto place, client::look(*session, spec.path, ledger::PathItem::kDirectories | ledger::PathItem::kRevision, spec.height));
  if (spec.revision && (!place.entry || *spec.revision != place.entry->meta.revision))
    return fail(Errc::usage, "a proof shows what stands there; name an older revision by its block, which dos log tells: PATH@#HEIGHT");
  client::ProofFile file{place.path.components, place.raw.anchor, place.raw.proof, {}};
  if (run.has("open")) {
    DOS_TRY(client::must_be_file(place));
    DOS_ASSIGN(const auto at, client::find_file(*session, {spec.path, {}, spec.height}));
    if (at.revision.content.is_public) {
      DOS_ASSIGN(const auto read, client::read_file(*session, nullptr, at, [](BytesView) -> Status { return {}; }));
      file.opened = client::OpenedContent{Hash{}, read.plain};
    } else {
      DOS_ASSIGN(const auto* me, run.me());
      DOS_ASSIGN(const auto secrets, client::secrets_of(*session, *me, at));
      file.opened = client::OpenedContent{secrets.salt, secrets.plain};
    }
  }
  const auto& root = session->network().genesis;
  DOS_ASSIGN(const auto verified, client::verify_proof_file(file, client::root_of(root, session->chain())));
  const auto bytes = client::encode_proof_file(file);
  DOS_ASSIGN(auto target, HostTarget::open(run.flag("output"), run.out));
  DOS_TRY(target.write(bytes));
  DOS_TRY(target.keep());
  if (!target.is_stdout()) run.out.line(run.flag("output") + "   " + shown_size(bytes.size()) + "   proves: " + verified.claims.at(0));
  run.out.data({{"path", spec.path.text()},
                {"file", run.flag("output")},
                {"bytes", bytes.size()},
                {"kind", verified.kind},
                {"height", std::to_string(verified.height.value)}});
  run.proved(place);
  return {};
}

Result<ledger::Genesis> genesis_for(Run& run, const Hash& chain) {
  if (run.has("genesis")) {
    auto given = client::read_genesis(run.flag("genesis"));
    if (!given) return std::unexpected(given.error());
    if (given->chain != chain) return fail(Errc::chain_changed, "the proof is of another chain than this genesis");
    return std::move(given->genesis);
  }
  auto known = client::known_genesis(run.places, chain);
  if (!known && known.error().code == Errc::no_genesis)
    return fail(Errc::no_genesis, "the chain " + hex(chain.view()).substr(0, 16) + " is not known here; give --genesis FILE");
  return known;
}

Status verify(Run& run) {
  struct stat st{};
  if (::stat(run.arg(0).c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return fail(Errc::wrong_type, run.arg(0) + " is a folder");
  auto bytes = run.arg(0) == "-" ? client::read_standard_input(client::kMaxProofFileBytes)
                                 : client::read_regular(run.arg(0), client::kMaxProofFileBytes);
  if (!bytes) {
    if (bytes.error().code == Errc::limit) return fail(Errc::not_a_proof, run.arg(0) + " is larger than any proof");
    return std::unexpected(bytes.error());
  }
  DOS_ASSIGN(const auto file, client::decode_proof_file(*bytes));
  DOS_ASSIGN(const auto genesis, genesis_for(run, file.anchor.header.chain));
  const auto chain = ledger::genesis_hash(genesis);
  DOS_ASSIGN(auto v, client::verify_proof_file(file, client::root_of(genesis, chain)));
  if (run.has("content")) {
    if (!v.content_plain) return fail(Errc::usage, "the proof says nothing about the content: make it with dos proof --open");
    DOS_ASSIGN(const auto source, open_host_source(run.flag("content")));
    DOS_ASSIGN(const auto size, source->size());
    crypto::Hasher hasher;
    Bytes block(1 << 18);
    for (std::uint64_t at = 0; at < size;) {
      const auto n = std::min<std::uint64_t>(block.size(), size - at);
      DOS_TRY(source->read_at(at, std::span(block.data(), n)));
      hasher.update(BytesView(block.data(), n));
      at += n;
    }
    if (hasher.finish() != *v.content_plain) return fail(Errc::content_mismatch, run.flag("content") + " is not what stood there");
    v.claims.push_back(run.flag("content") + " is that content, to the byte");
  }
  run.out.line("valid   chain " + genesis.name + "   block " + std::to_string(v.height.value) + "   certified by " +
               std::to_string(v.signers.have) + " of " + std::to_string(v.signers.of) + " validators");
  for (const auto& c : v.claims) run.out.line("  " + c);
  run.out.data({{"kind", v.kind},
                {"chain", genesis.name},
                {"genesis", hex(chain.view())},
                {"height", std::to_string(v.height.value)},
                {"key", v.key},
                {"valid", true},
                {"signers", {{"have", v.signers.have}, {"of", v.signers.of}}},
                {"claims", v.claims}});
  run.out.at(v.certified);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> proof_commands() {
  return {
      {"proof", "Proofs", "Saves a proof of what stands at a path, or that nothing does.", {{"PATH"}},
       {{"--output,-o", "FILE", "where to"}, {"--open", "", "reveal the content's hash, so that the content can be checked"}},
       {"dos proof plan.txt --open -o plan.proof"}, "", {}, proof},
      {"verify", "Proofs", "Verifies a proof, offline: no network, no node.", {{"FILE"}},
       {{"--genesis", "FILE", "the chain's genesis (else the one known here)"}, {"--content", "FILE", "check that this is the content"}},
       {"dos verify plan.proof --content plan.txt", "dos verify plan.proof --genesis genesis.dos"}, "", {"comp"}, verify},
  };
}
// clang-format on

}  // namespace dos::cli
