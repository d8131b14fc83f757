// A plain replay of blocks: what every state held, to compare the store with.
#pragma once
#include <random>

#include "store/view.hpp"

namespace dos::store::test {

class Model {
 public:
  explicit Model(std::uint64_t seed, int keys = 14) : random(seed), keys_(keys) {}
  std::mt19937_64 random;
  std::map<Bytes, Record> state;
  std::vector<std::map<Bytes, Record>> past;  // by height
  std::vector<Delta> blocks;

  Bytes name(std::uint64_t i) const {
    Bytes k{0, 3};
    if (i % 3 == 0) k.push_back('p');  // some keys are prefixes of others
    append(k, as_bytes("k" + std::to_string(i)));
    return k;
  }
  Bytes any_name() { return name(random() % std::uint64_t(keys_)); }

  const Delta& next_block(std::size_t changes) {
    const Height h{blocks.size()};
    Delta d;
    for (std::size_t i = 0; i < changes; ++i) {
      const Bytes k = any_name();
      if (random() % 10 < 4) {
        if (state.contains(k)) d[k] = std::nullopt;
        else d.erase(k);
        continue;
      }
      Record r;
      r.version = Version(h, std::uint32_t(i));
      r.lock = Bytes{2, std::uint8_t(random() % 4)};
      r.meta = Bytes(random() % 20, std::uint8_t(i));
      r.data = Bytes(random() % 8 == 0 ? 0 : random() % 300, std::uint8_t(random()));
      d[k] = r;
    }
    for (const auto& [k, r] : d) {
      if (r) state[k] = *r;
      else state.erase(k);
    }
    past.push_back(state);
    blocks.push_back(std::move(d));
    return blocks.back();
  }

 private:
  int keys_;
};

}  // namespace dos::store::test
