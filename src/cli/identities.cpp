// id, key: accounts and the keys that act for them.
#include "cli/call_args.hpp"
#include "cli/carry_out.hpp"
#include "cli/run.hpp"
#include "client/accounts/new_account.hpp"
#include "client/entropy.hpp"
#include "client/keys/agent.hpp"

namespace dos::cli {
namespace {

// The key that an earlier `id new` kept before it was interrupted: with it the same command goes on where that one stopped.
Result<std::optional<client::Identity>> kept_identity(Run& run, client::Session& session, const std::string& name) {
  if (run.has("dev")) {
    auto kept = client::load_dev_identity(run.places, session.network().record.name, name);
    if (!kept && kept.error().code != Errc::no_key) return std::unexpected(kept.error());
    if (!kept || kept->chain() != session.chain()) return std::nullopt;  // of a network that had the name before
    return std::optional<client::Identity>(std::move(*kept));
  }
  DOS_ASSIGN(const bool there, client::has_identity(run.places, session.chain(), name));
  if (!there) return std::nullopt;
  DOS_ASSIGN(const auto passphrase, client::read_passphrase(run.passphrase(), "Passphrase for " + name + ", whose key is kept here: "));
  DOS_ASSIGN(auto kept, client::load_identity(run.places, session.chain(), name, passphrase));
  return std::optional<client::Identity>(std::move(kept));
}

Status id_new(Run& run) {
  const auto name = run.arg(0);
  if (!ledger::valid_account_name(name)) return fail(Errc::bad_name, "an account's name has 1 to 32 of a-z 0-9 '-' '.', first a letter");
  DOS_ASSIGN(auto* session, run.session());
  if (run.has("dev") && !session->local()) return fail(Errc::dev_identity, "development identities are for local networks");
  client::SystemEntropy entropy;
  auto known = client::accounts(*session, {name});
  if (!known && known.error().code != Errc::not_found) return std::unexpected(known.error());
  const auto taken = fail(Errc::conflict, "the name " + name + " is taken");
  if (known) {  // made, and its maker did not see it, nor go on to its home
    client::DosPath home;
    home.components = {"home", name};
    DOS_ASSIGN(const auto place, client::look(*session, home, 0));
    if (!place.missing) return taken;
  }
  DOS_ASSIGN(auto kept, kept_identity(run, *session, name));
  if (known && (!kept || codec::encode(client::account_of(*kept).permissions) != codec::encode((*known)[0].account.permissions)))
    return taken;
  const bool again = kept.has_value();
  if (!kept) { DOS_ASSIGN(kept, client::new_identity(name, session->network().genesis.suite, entropy)); }
  auto& who = *kept;
  // The key file comes first: an account whose key was never kept would be lost.
  if (again) {
    run.out.warn("the key of " + name + " that is kept here is used");
  } else if (run.has("dev")) {
    who.mark_development(session->chain());
    DOS_TRY(client::save_dev_identity(run.places, session->network().record.name, who));
  } else {
    DOS_ASSIGN(const auto passphrase, client::read_new_passphrase(run.passphrase(), name));
    const auto kdf = run.flag("kdf", "argon2id");
    DOS_TRY(client::save_identity(run.places, session->chain(), who, passphrase,
                                  kdf == "pbkdf2" ? client::Kdf::pbkdf2 : client::Kdf::argon2id, client::Existing::refuse, entropy));
  }
  DOS_ASSIGN(const auto made, carry_out(*session, who, *client::make_account(*session, who, known.has_value())));
  const auto& home = made.home;
  run.out.line(name + " is made   home /home/" + name + "   final in block " + std::to_string(home.block.header.height.value));
  std::string phrase;
  if (!run.has("dev")) {
    DOS_ASSIGN(const auto words, client::phrase_of(who));
    phrase = std::string(as_text(words.view()));
    for (const auto& text : {"Write these 24 words down, on paper; they restore the keys (dos id restore " + name + "):", std::string(),
                             "  " + phrase, std::string()})
      run.out.line(text);
    run.out.line("It has no credits yet" + std::string(session->local() ? ": dos faucet --as " + name : ""));
  }
  Json data = {{"name", name},
               {"home", "/home/" + name},
               {"tx", client::tx_name(made.account ? made.account->txid : home.txid)},
               {"development", run.has("dev")}};
  if (!phrase.empty()) data["phrase"] = phrase;
  crypto::wipe({reinterpret_cast<std::uint8_t*>(phrase.data()), phrase.size()});
  run.out.data(std::move(data));
  run.proved(home.block);
  return {};
}

const char* type_name(crypto::KeyType t) {
  switch (t) {
    case crypto::KeyType::ml_dsa_44: return "ML-DSA-44";
    case crypto::KeyType::ml_dsa_65: return "ML-DSA-65";
    case crypto::KeyType::ml_dsa_87: return "ML-DSA-87";
    case crypto::KeyType::ed25519: return "Ed25519";
  }
  return "?";
}

Status id_show(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const auto name = run.args.empty() ? run.as() : run.arg(0);
  DOS_ASSIGN(const auto facts, client::accounts(*session, {name}));
  const auto& account = facts[0].account;
  Json permissions = Json::array(), encryption = Json::array();
  run.out.line(name + (account.development ? "   development identity of this network" : ""));
  for (const auto& p : account.permissions) {
    Json keys = Json::array();
    for (const auto& k : p.keys) {
      const auto id = hex(crypto::key_id(k.key).view());
      keys.push_back({{"id", id}, {"type", type_name(k.key.type)}, {"weight", k.weight}});
      run.out.row({"  " + p.name, type_name(k.key.type), id});
    }
    permissions.push_back({{"name", p.name}, {"threshold", p.threshold}, {"keys", keys}});
  }
  for (const auto& e : account.encryption) {
    const auto id = hex(crypto::key_id(e.key).view());
    encryption.push_back({{"epoch", e.epoch}, {"type", e.key.type == crypto::BoxType::x_wing ? "X-Wing" : "X25519"}, {"id", id}});
    run.out.row({"  sealing " + std::to_string(e.epoch), e.key.type == crypto::BoxType::x_wing ? "X-Wing" : "X25519", id});
  }
  // The record as `dos call id.rotate` takes it.
  DOS_ASSIGN(const auto rotate, find_call("id.rotate"));
  DOS_ASSIGN(const auto fields, parse_fields(rotate.row.args, rotate.records));
  const auto encoded = codec::encode(account);
  codec::Decoder in(encoded);
  DOS_ASSIGN(const auto record, show_value(fields[1].type, in));
  run.out.data({{"name", name},
                {"development", account.development},
                {"permissions", permissions},
                {"encryption", encryption},
                {"version", std::to_string(facts[0].version.value)},
                {"account", record}});
  if (session->last()) run.proved(*session->last(), *session);
  return {};
}

Status id_ls(Run& run) {
  DOS_ASSIGN(const auto network, client::load_network(run.places, run.net_name()));
  DOS_ASSIGN(const auto list, client::list_identities(run.places, network.record.name, network.chain));
  Json items = Json::array();
  for (const auto& k : list) {
    items.push_back({{"name", k.account}, {"development", k.development}, {"index", k.index}});
    run.out.row({k.account, k.development ? "development" : "passphrase", k.account == run.as() ? "<- acts" : ""});
  }
  run.out.data({{"items", items}, {"complete", true}});
  return {};
}

Status id_restore(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const auto name = run.arg(0);
  DOS_ASSIGN(const auto facts, client::accounts(*session, {name}));
  client::PassphraseSource words;
  words.may_prompt = !run.has("no-input");
  if (run.has("phrase-fd")) words.fd = std::atoi(run.flag("phrase-fd").c_str());
  DOS_ASSIGN(const auto phrase, client::read_passphrase(words, "the 24 words of " + name));
  DOS_ASSIGN(const auto who, client::restore_identity(name, as_text(phrase.view()), facts[0].account));
  DOS_ASSIGN(const auto passphrase, client::read_new_passphrase(run.passphrase(), name));
  client::SystemEntropy entropy;
  DOS_TRY(client::save_identity(run.places, session->chain(), who, passphrase, client::Kdf::argon2id,
                                run.has("yes") ? client::Existing::replace : client::Existing::refuse, entropy));
  run.out.line(name + " is restored");
  run.out.data({{"name", name}, {"index", who.index()}});
  if (session->last()) run.proved(*session->last());
  return {};
}

// Who rotates, and the passphrase of the new key file. From a descriptor: a line with the present one, and the new one on a second
// line, without which it stays.
struct Rotating {
  client::Identity me;
  std::optional<crypto::Secret> passphrase;  // none: a development identity
};
Result<Rotating> rotating(Run& run, client::Session& session) {
  const auto& net = session.network();
  const auto source = run.passphrase();
  auto dev = client::load_dev_identity(run.places, net.record.name, run.as());
  if (!dev && dev.error().code != Errc::no_key) return std::unexpected(dev.error());
  if (dev || source.fd < 0) {
    const auto find = [&] { return client::find_identity(run.places, net.record.name, net.chain, net.genesis.kind, run.as(), source); };
    DOS_ASSIGN(auto me, find());
    if (me.development()) return Rotating{std::move(me), {}};
    DOS_ASSIGN(auto passphrase, client::read_new_passphrase(source, run.as()));
    return Rotating{std::move(me), std::move(passphrase)};
  }
  DOS_ASSIGN(auto passphrase, client::read_passphrase(source, {}));
  DOS_ASSIGN(auto me, client::load_identity(run.places, net.chain, run.as(), passphrase));
  auto fresh = client::read_new_passphrase(source, run.as());
  if (fresh) return Rotating{std::move(me), std::move(*fresh)};
  if (fresh.error().code != Errc::wrong_passphrase) return std::unexpected(fresh.error());
  return Rotating{std::move(me), std::move(passphrase)};
}

bool names_key(const ledger::Account& account, const crypto::PublicKey& key) {
  for (const auto& p : account.permissions)
    if (std::ranges::any_of(p.keys, [&](const auto& k) { return k.key == key; })) return true;
  return false;
}

Status key_rotate(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto who, rotating(run, *session));
  const auto* me = &who.me;
  client::SystemEntropy entropy;
  DOS_ASSIGN(auto next, client::next_identity(*me));
  // The new key file is written after the chain took the new key: until then the old one acts. The phrase gives both.
  const auto& passphrase = who.passphrase;
  const bool dev = !passphrase;
  // An earlier one may have become final without its maker's knowing: then only the key file is missing.
  DOS_ASSIGN(const auto before, client::accounts(*session, {me->account()}));
  std::optional<client::Done> done;
  if (!names_key(before[0].account, next.signing().public_key())) {
    DOS_ASSIGN(done, carry_out(*session, *me, [&] { return client::rotate_keys(*session, *me, next); }));
  }
  if (dev) {
    next.mark_development(session->chain());
    DOS_TRY(client::save_dev_identity(run.places, session->network().record.name, next));
  } else {
    DOS_TRY(
        client::save_identity(run.places, session->chain(), next, *passphrase, client::Kdf::argon2id, client::Existing::replace, entropy));
  }
  if (!done) {
    run.out.line("the keys of " + me->account() + " were new already; the key file is now, too");
    run.out.data({{"name", me->account()}, {"index", next.index()}, {"tx", nullptr}, {"cost", nullptr}});
    if (session->last()) run.proved(*session->last());
    return {};
  }
  run.out.line("the keys of " + me->account() + " are new   final in block " + std::to_string(done->block.header.height.value));
  run.out.data({{"name", me->account()}, {"index", next.index()}, {"tx", client::tx_name(done->txid)}, {"cost", run.cost(done->receipt)}});
  run.proved(done->block);
  return {};
}

Status key_agent(Run& run) {
  if (run.has("stop")) {
    DOS_TRY(client::agent_stop(run.places));
    run.out.line("the agent is stopped");
    run.out.data({{"running", false}});
    return {};
  }
  if (run.has("lock")) {
    DOS_TRY(client::agent_lock(run.places, Hash{}, ""));
    run.out.line("the agent holds no key");
    run.out.data({{"running", true}, {"keys", Json::array()}});
    return {};
  }
  if (run.has("unlock")) {
    DOS_ASSIGN(auto* session, run.session());
    DOS_ASSIGN(const auto* me, run.me());
    std::chrono::seconds time = client::kAgentTime;
    if (run.has("for")) {
      DOS_ASSIGN(const auto ms, parse_duration(run.flag("for")));
      time = std::chrono::duration_cast<std::chrono::seconds>(ms);
    }
    DOS_TRY(client::start_agent(run.places));
    DOS_TRY(client::agent_add(run.places, session->chain(), *me, time));
  }
  Json keys = Json::array();
  const bool running = client::agent_running(run.places);
  if (running) {
    DOS_ASSIGN(const auto list, client::agent_list(run.places));
    for (const auto& k : list) {
      keys.push_back({{"name", k.account}, {"chain", hex(k.chain.view())}, {"seconds_left", k.seconds_left}});
      run.out.row({k.account, std::to_string(k.seconds_left) + " s left"});
    }
  }
  if (keys.empty()) run.out.line(running ? "the agent holds no key" : "no agent runs; dos key agent --unlock starts one");
  run.out.data({{"running", running}, {"keys", keys}});
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> identity_commands() {
  return {
      {"id new", "Identity", "Makes an account with its keys and its home.", {{"NAME"}},
       {{"--dev", "", "keys without a passphrase, for this local network only"}, {"--kdf", "KDF", "argon2id (default) or pbkdf2", &kKdfForm}},
       {"dos id new dave", "dos id new dave --passphrase-fd 3 3<pw"}, "id.new 88, fs.home 8E", {}, id_new},
      {"id show", "Identity", "Shows an account's keys and permissions.", {{"NAME", false}}, {}, {"dos id show", "dos id show bob"}, "", {"whoami"}, id_show},
      {"id ls", "Identity", "Lists the identities whose keys are on this machine.", {}, {}, {"dos id ls"}, "", {}, id_ls},
      {"id restore", "Identity", "Restores an account's keys from its 24 words.", {{"NAME"}}, {{"--phrase-fd", "FD", "read the words from this descriptor", &kDescriptorForm}},
       {"dos id restore dave"}, "", {}, id_restore},
      {"key rotate", "Identity", "Gives the account new keys; the name stays.", {}, {}, {"dos key rotate --as bob", "dos key rotate --as dave --passphrase-fd 3 3<pw"}, "id.rotate 89", {}, key_rotate},
      {"key agent", "Identity", "Keeps unlocked keys for a time, like ssh-agent.", {},
       {{"--unlock", "", "take the key of --as"}, {"--for", "TIME", "for this long (15m)", &kDurationForm}, {"--lock", "", "forget all"}, {"--stop", "", "end it"}},
       {"dos key agent --unlock --as dave --for 1h"}, "", {}, key_agent},
  };
}
// clang-format on

}  // namespace dos::cli
