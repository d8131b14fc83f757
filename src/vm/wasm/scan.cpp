#include "vm/wasm/scan.hpp"

#include "vm/wasm/reader.hpp"

namespace dos::vm::wasm {
namespace {

enum SectionId : std::uint8_t {
  kTypes = 1,
  kImports,
  kFunctions,
  kTables,
  kMemories,
  kGlobals,
  kExports,
  kStart,
  kElements,
  kCode,
  kData,
  kLast
};
constexpr std::uint8_t kI32 = 0x7f, kI64 = 0x7e, kFuncref = 0x70, kEmptyBlock = 0x40, kEnd = 0x0b;

Status refuse(const char* what) { return fail(Errc::malformed, std::string("a module may not have ") + what); }

Status at_most(std::uint64_t n, std::uint32_t most, const char* what) {
  return n <= most ? Status{} : fail(Errc::limit, std::string(what) + ": at most " + std::to_string(most));
}

Status value_type(std::uint8_t t) {
  if (t == kI32 || t == kI64) return {};
  return refuse("values other than i32 and i64: floating point and vectors are not deterministic enough");
}

Status types(Reader r) {
  auto n = r.u32();
  DOS_TRY(at_most(n, kMaxTypes, "types of a module"));
  for (; n > 0 && r.ok; --n) {
    if (r.byte() != 0x60) return refuse("types other than functions");
    for (const char* side : {"parameters of a function", "results of a function"}) {
      auto m = r.u32();
      DOS_TRY(at_most(m, kMaxTypeValues, side));
      for (; m > 0 && r.ok; --m) DOS_TRY(value_type(r.byte()));
    }
  }
  return {};
}

Status within(Reader& r, const char* what, std::uint32_t most) {
  const auto flags = r.byte();
  if (flags > 1) return refuse("shared or 64-bit memories");
  if (r.u32() > most) return fail(Errc::limit, std::string(what) + " of a module: at most " + std::to_string(most));
  if (flags == 1) r.u32();
  return {};
}

// An initial value or an offset is evaluated before the first instruction that costs gas: one constant, and nothing else.
Status constant(Reader& r) {
  switch (r.byte()) {
    case 0x41: r.leb(5); break;
    case 0x42: r.leb(10); break;
    default: return refuse("an initial value or an offset other than one i32.const or i64.const");
  }
  if (r.byte() != kEnd) return refuse("an initial value or an offset of more than one constant");
  return {};
}

Status globals(Reader& r) {
  DOS_TRY(value_type(r.byte()));
  r.byte();  // whether it may change
  return constant(r);
}

Status elements(Reader& r, const CodeLimits& limits) {
  if (r.u32() != 0) return refuse("element segments other than functions put into its table at the start");
  DOS_TRY(constant(r));
  auto n = r.u32();
  DOS_TRY(at_most(n, limits.max_table_elements, "functions in an element segment"));
  for (; n > 0 && r.ok; --n) r.u32();
  return {};
}

Status data(Reader& r) {
  const auto kind = r.u32();  // 1: put into memory by an instruction
  if (kind > 2) return refuse("data segments of an unknown kind");
  if (kind == 2 && r.u32() != 0) return refuse("several memories");
  if (kind != 1) DOS_TRY(constant(r));
  r.part(r.u32());
  return {};
}

// Functions, one after the other, and what they add up to.
class Functions {
 public:
  Status body(Reader r) {
    open_ = 1;  // the function itself
    blocks_ = branches_ = 0;
    std::uint64_t locals = 0;
    for (auto n = r.u32(); n > 0 && r.ok; --n) {
      locals += r.u32();
      DOS_TRY(at_most(locals, kMaxLocals, "locals of a function"));
      DOS_TRY(value_type(r.byte()));
    }
    while (r.ok && !r.done()) {
      DOS_TRY(at_most(++instructions_, kMaxInstructions, "instructions of a module"));
      DOS_TRY(instruction(r, r.byte()));
      DOS_TRY(at_most(jumps_, kMaxJumps, "blocks, branches and calls of a module"));
    }
    return r.ok ? Status{} : fail(Errc::malformed, "a module's code is cut off");
  }

 private:
  Status instruction(Reader& r, std::uint8_t op);
  Status block(Reader& r) {
    ++jumps_;
    DOS_TRY(at_most(++blocks_, kMaxBlocks, "blocks of a function"));
    DOS_TRY(at_most(open_++, kMaxNesting, "nested blocks of a function"));
    const auto type = r.byte();
    if (type == kEmptyBlock || type == kI32 || type == kI64) return {};
    if ((type & 0xc0) == 0x40) return value_type(type);
    if (type & 0x80) r.leb(4);  // the number of a type
    return {};
  }
  Status branches(std::uint64_t n) {
    jumps_ += n;
    branches_ += n;
    return at_most(branches_, kMaxBranches, "branches of a function");
  }

  std::uint64_t open_ = 0, blocks_ = 0, branches_ = 0, instructions_ = 0, jumps_ = 0;
};

Status Functions::instruction(Reader& r, std::uint8_t op) {
  static constexpr const char* kFloat = "floating-point instructions";
  switch (op) {
    case 0x02:
    case 0x03:
    case 0x04: return block(r);                       // block loop if
    case kEnd:
      if (open_ > 0) --open_;
      return {};
    case 0x0c:
    case 0x0d: r.u32(); return branches(1);           // br br_if
    case 0x10:
      ++jumps_;
      r.u32();
      return {};          // call
    case 0x0e: {                                      // br_table
      const auto n = r.u32();
      DOS_TRY(branches(std::uint64_t(n) + 1));
      for (std::uint32_t i = 0; i <= n && r.ok; ++i) r.u32();
      return {};
    }
    case 0x11:                                        // call_indirect
      ++jumps_;
      r.u32();
      r.u32();
      return {};
    case 0x1c:                                                                  // select with a type
      for (auto n = r.u32(); n > 0 && r.ok; --n) DOS_TRY(value_type(r.byte()));
      return {};
    case 0x3f:
    case 0x40: r.byte(); return {};                                  // memory.size memory.grow
    case 0x41: r.leb(5); return {};
    case 0x42: r.leb(10); return {};
    case 0x2a:
    case 0x2b:
    case 0x38:
    case 0x39:
    case 0x43:
    case 0x44: return refuse(kFloat);
    case 0xfc: {
      const auto sub = r.u32();
      switch (sub) {
        case 8:
          r.u32();
          r.byte();
          return {};                                   // memory.init
        case 9: r.u32(); return {};                                             // data.drop
        case 10:
          r.byte();
          r.byte();
          return {};                                 // memory.copy
        case 11: r.byte(); return {};                                           // memory.fill
        default: return sub <= 7 ? refuse(kFloat) : refuse("instructions on tables");
      }
    }
    default: break;
  }
  if (op <= 0x01 || op == 0x05 || op == 0x0f || op == 0x1a || op == 0x1b) return {};
  if (op >= 0x20 && op <= 0x24) return r.u32(), Status{};                       // locals and globals
  if (op >= 0x28 && op <= 0x3e) return r.u32(), r.u32(), Status{};              // loads and stores
  if (op >= 0x45 && op <= 0x5a) return {};                                      // integer comparisons
  if (op >= 0x67 && op <= 0x8a) return {};                                      // integer arithmetic
  if (op == 0xa7 || op == 0xac || op == 0xad) return {};                        // wrap, extend
  if (op >= 0xc0 && op <= 0xc4) return {};                                      // sign extension
  if (op >= 0x5b && op <= 0xbf) return refuse(kFloat);
  return refuse("instructions beyond WebAssembly 1.0, sign extension and bulk memory");
}

template <class Each>
Status each(Reader& r, const char* what, Each&& one) {
  auto n = r.u32();
  DOS_TRY(at_most(n, kMaxEntries, what));
  for (; n > 0 && r.ok; --n) DOS_TRY(one(r));
  return {};
}

Status section(std::uint8_t id, Reader r, const CodeLimits& limits, Functions& functions) {
  switch (id) {
    case kTypes: return types(r);
    case kImports: return at_most(r.u32(), kMaxEntries, "imports of a module");
    case kFunctions: return at_most(r.u32(), kMaxFunctions, "functions of a module");
    case kTables:
      if (const auto n = r.u32(); n > 1) return refuse("more than one table");
      else if (n == 0) return {};
      if (r.byte() != kFuncref) return refuse("tables of anything but functions");
      return within(r, "table elements", limits.max_table_elements);
    case kMemories:
      if (const auto n = r.u32(); n > 1) return refuse("more than one memory");
      else if (n == 0) return {};
      return within(r, "memory pages", limits.max_memory_pages);
    case kGlobals: return each(r, "globals of a module", globals);
    case kExports: return at_most(r.u32(), kMaxEntries, "exports of a module");
    case kStart: return refuse("a start function");
    case kElements: return each(r, "element segments of a module", [&](Reader& one) { return elements(one, limits); });
    case kCode: {
      auto n = r.u32();
      DOS_TRY(at_most(n, kMaxFunctions, "functions of a module"));
      for (; n > 0 && r.ok; --n) {
        const auto size = r.u32();
        DOS_TRY(at_most(size, kMaxFunctionBytes, "bytes of a function"));
        DOS_TRY(functions.body(r.part(size)));
      }
      return r.ok ? Status{} : fail(Errc::malformed, "a module's code section is cut off");
    }
    case kData: return each(r, "data segments of a module", data);
    default: return {};
  }
}

}  // namespace

Status scan(BytesView code, const CodeLimits& limits) {
  if (code.size() > limits.max_code_bytes) return fail(Errc::limit, "bytes of a module: at most " + std::to_string(limits.max_code_bytes));
  static constexpr std::uint8_t kMagic[] = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  if (!starts_with(code, kMagic)) return fail(Errc::malformed, "not a WebAssembly module");
  Reader r(code.subspan(sizeof kMagic));
  Functions functions;
  while (r.ok && !r.done()) {
    const auto id = r.byte();
    if (id > kLast) return refuse("sections beyond WebAssembly 2.0");
    const auto size = r.u32();
    DOS_TRY(section(id, r.part(size), limits, functions));
  }
  return r.ok ? Status{} : fail(Errc::malformed, "a module is cut off");
}

}  // namespace dos::vm::wasm
