// The kinds of code that there are: a row a runtime. A module's record does not say which it is for, so a runtime knows its code by the first bytes.
#pragma once
#include <span>
#include <vector>

#include "vm/runtime.hpp"

namespace dos::vm {

struct RuntimeRow {
  std::uint16_t number;  // never reused
  const char* name;
  bool (*recognizes)(BytesView code);
  Result<std::unique_ptr<Runtime>> (*make)(CodeCache* cache);  // `cache` may be null
};

std::span<const RuntimeRow> runtime_rows();

// One runtime of each row. Outlives the code that it has compiled.
class Runtimes {
 public:
  static Result<std::unique_ptr<Runtimes>> make(CodeCache* cache, std::span<const RuntimeRow> rows = runtime_rows());

  // By the row that recognizes it; Errc::malformed if none does, or two do.
  Result<std::shared_ptr<const Code>> compile(BytesView code, const CodeLimits& limits);

 private:
  struct Entry {
    RuntimeRow row;
    std::unique_ptr<Runtime> runtime;
  };
  std::vector<Entry> entries_;
};

}  // namespace dos::vm
