#include "vm/runtimes.hpp"

#include "vm/wasm/runtime.hpp"

namespace dos::vm {
namespace {

constexpr RuntimeRow kRows[] = {
    {1, "wasm", wasm::recognizes, [](CodeCache* cache) { return wasm::make_runtime(cache); }},
};

}  // namespace

std::span<const RuntimeRow> runtime_rows() { return kRows; }

Result<std::unique_ptr<Runtimes>> Runtimes::make(CodeCache* cache, std::span<const RuntimeRow> rows) {
  auto all = std::make_unique<Runtimes>();
  for (const auto& row : rows) {
    for (const auto& entry : all->entries_)
      if (entry.row.number == row.number)
        return fail(Errc::internal, "two runtimes have the number " + std::to_string(row.number) + ": " + entry.row.name + ", " + row.name);
    DOS_ASSIGN(auto runtime, row.make(cache));
    all->entries_.push_back({row, std::move(runtime)});
  }
  return all;
}

Result<std::shared_ptr<const Code>> Runtimes::compile(BytesView code, const CodeLimits& limits) {
  Runtime* its = nullptr;
  for (const auto& entry : entries_) {
    if (!entry.row.recognizes(code)) continue;
    if (its != nullptr) return fail(Errc::malformed, "two runtimes know this code: what it does would hang on their order");
    its = entry.runtime.get();
  }
  if (its != nullptr) return its->compile(code, limits);
  return fail(Errc::malformed, "no runtime knows code that begins with " + hex(code.first(std::min<std::size_t>(code.size(), 8))));
}

}  // namespace dos::vm
