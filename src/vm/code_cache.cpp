#include "crypto/hash.hpp"
#include "vm/runtime.hpp"

namespace dos::vm {
namespace {

class AuthenticatedCache final : public CodeCache {
 public:
  AuthenticatedCache(CodeCache& inner, const Hash& node_key) : inner_(inner), node_key_(node_key) {}

  Result<std::optional<Bytes>> load(const Hash& key) override {
    DOS_ASSIGN(auto entry, inner_.load(key));
    if (!entry || entry->size() < 32) return std::nullopt;
    const BytesView compiled = BytesView(*entry).subspan(32);
    if (!crypto::equal_secret(BytesView(*entry).first(32), tag(key, compiled).view())) return std::nullopt;
    return Bytes(compiled.begin(), compiled.end());
  }

  Status save(const Hash& key, BytesView compiled) override {
    Bytes entry = to_bytes(tag(key, compiled).view());
    append(entry, compiled);
    return inner_.save(key, entry);
  }

 private:
  // BLAKE3 has no length extension, so a secret of fixed length in front of the data is a MAC (BLAKE3 paper, 7.8).
  Hash tag(const Hash& key, BytesView compiled) const {
    crypto::Hasher h(crypto::domain::kCodeTag);
    h.update(node_key_.view());
    h.update(key.view());
    h.update(compiled);
    return h.finish();
  }

  CodeCache& inner_;
  Hash node_key_;
};

}  // namespace

std::unique_ptr<CodeCache> authenticated(CodeCache& inner, const Hash& node_key) {
  return std::make_unique<AuthenticatedCache>(inner, node_key);
}

}  // namespace dos::vm
