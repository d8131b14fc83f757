#include "vm/wasm/scan.hpp"

namespace dos::vm::wasm {
namespace {

enum SectionId : std::uint8_t { kTypes = 1, kTables = 4, kMemories = 5, kGlobals = 6, kStart = 8, kCode = 10, kLast = 12 };
constexpr std::uint32_t kMaxLocals = 4096;
constexpr std::uint8_t kI32 = 0x7f, kI64 = 0x7e, kFuncref = 0x70;

class Reader {
 public:
  explicit Reader(BytesView in) : in_(in) {}
  bool ok = true;
  bool done() const { return at_ == in_.size(); }
  std::uint8_t byte() {
    if (at_ == in_.size()) return ok = false, 0;
    return in_[at_++];
  }
  void leb(int most_bytes) {  // skips an integer of either sign
    for (int i = 0; i < most_bytes; ++i)
      if ((byte() & 0x80) == 0) return;
    ok = false;
  }
  std::uint32_t u32() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto b = byte();
      v |= std::uint64_t(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return v > UINT32_MAX ? (ok = false, 0) : std::uint32_t(v);
    }
    return ok = false, 0;
  }
  Reader part(std::size_t n) {
    if (n > in_.size() - at_) {
      ok = false;
      n = in_.size() - at_;
    }
    Reader r(in_.subspan(at_, n));
    at_ += n;
    return r;
  }

 private:
  BytesView in_;
  std::size_t at_ = 0;
};

Status refuse(const char* what) { return fail(Errc::malformed, std::string("a module may not have ") + what); }

Status value_type(std::uint8_t t) {
  if (t == kI32 || t == kI64) return {};
  return refuse("values other than i32 and i64: floating point and vectors are not deterministic enough");
}

Status types(Reader r) {
  for (auto n = r.u32(); n > 0 && r.ok; --n) {
    if (r.byte() != 0x60) return refuse("types other than functions");
    for (int side = 0; side < 2; ++side)
      for (auto m = r.u32(); m > 0 && r.ok; --m) DOS_TRY(value_type(r.byte()));
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

Status integer_opcode(Reader& r, std::uint8_t op);

Status body(Reader r) {
  std::uint64_t locals = 0;
  for (auto n = r.u32(); n > 0 && r.ok; --n) {
    locals += r.u32();
    DOS_TRY(value_type(r.byte()));
  }
  if (locals > kMaxLocals) return fail(Errc::limit, "locals of a function: at most " + std::to_string(kMaxLocals));
  while (r.ok && !r.done()) DOS_TRY(integer_opcode(r, r.byte()));
  return r.ok ? Status{} : fail(Errc::malformed, "a module's code is cut off");
}

Status integer_opcode(Reader& r, std::uint8_t op) {
  static constexpr const char* kFloat = "floating-point instructions";
  switch (op) {
    case 0x02:
    case 0x03:
    case 0x04: r.leb(5); return {};                       // block loop if: block type
    case 0x0c:
    case 0x0d:
    case 0x10: r.u32(); return {};                        // br br_if call
    case 0x0e:                                                                  // br_table
      for (auto n = r.u32(); n > 0 && r.ok; --n) r.u32();
      r.u32();
      return {};
    case 0x11:
      r.u32();
      r.u32();
      return {};                                     // call_indirect
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
  if (op <= 0x01 || op == 0x05 || op == 0x0b || op == 0x0f || op == 0x1a || op == 0x1b) return {};
  if (op >= 0x20 && op <= 0x24) return r.u32(), Status{};                       // locals and globals
  if (op >= 0x28 && op <= 0x3e) return r.u32(), r.u32(), Status{};              // loads and stores
  if (op >= 0x45 && op <= 0x5a) return {};                                      // integer comparisons
  if (op >= 0x67 && op <= 0x8a) return {};                                      // integer arithmetic
  if (op == 0xa7 || op == 0xac || op == 0xad) return {};                        // wrap, extend
  if (op >= 0xc0 && op <= 0xc4) return {};                                      // sign extension
  if (op >= 0x5b && op <= 0xbf) return refuse(kFloat);
  return refuse("instructions beyond WebAssembly 1.0, sign extension and bulk memory");
}

Status section(std::uint8_t id, Reader r, const CodeLimits& limits) {
  switch (id) {
    case kTypes: return types(r);
    case kTables:
      if (const auto n = r.u32(); n > 1) return refuse("more than one table");
      else if (n == 0) return {};
      if (r.byte() != kFuncref) return refuse("tables of anything but functions");
      return within(r, "table elements", limits.max_table_elements);
    case kMemories:
      if (const auto n = r.u32(); n > 1) return refuse("more than one memory");
      else if (n == 0) return {};
      return within(r, "memory pages", limits.max_memory_pages);
    case kGlobals: {  // initialisers are constant expressions: judged like a function's code, one byte at a time
      for (auto n = r.u32(); n > 0 && r.ok; --n) {
        DOS_TRY(value_type(r.byte()));
        r.byte();
        for (auto op = r.byte(); op != 0x0b && r.ok; op = r.byte()) DOS_TRY(integer_opcode(r, op));
      }
      return {};
    }
    case kStart: return refuse("a start function");
    case kCode:
      for (auto n = r.u32(); n > 0 && r.ok; --n) {
        const auto size = r.u32();
        DOS_TRY(body(r.part(size)));
      }
      return r.ok ? Status{} : fail(Errc::malformed, "a module's code section is cut off");
    default: return {};
  }
}

}  // namespace

Status scan(BytesView code, const CodeLimits& limits) {
  if (code.size() > limits.max_code_bytes) return fail(Errc::limit, "bytes of a module: at most " + std::to_string(limits.max_code_bytes));
  static constexpr std::uint8_t kMagic[] = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  if (!starts_with(code, kMagic)) return fail(Errc::malformed, "not a WebAssembly module");
  Reader r(code.subspan(sizeof kMagic));
  while (r.ok && !r.done()) {
    const auto id = r.byte();
    if (id > kLast) return refuse("sections beyond WebAssembly 2.0");
    const auto size = r.u32();
    DOS_TRY(section(id, r.part(size), limits));
  }
  return r.ok ? Status{} : fail(Errc::malformed, "a module is cut off");
}

}  // namespace dos::vm::wasm
