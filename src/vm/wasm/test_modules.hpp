// Modules of any functions, for tests of what a module may have. Tests only.
#pragma once
#include "vm/assembler.hpp"

namespace dos::vm::wasm::test {

using assembly::Body;

struct Function {
  Bytes code;                  // without its last `end`
  std::uint32_t locals = 0;    // i64
};
struct Section {
  std::uint8_t id;
  Bytes bytes;
};

inline Bytes section(std::uint8_t id, const Bytes& bytes) {
  Body b;
  b.op(id).leb(bytes.size());
  append(b.bytes, bytes);
  return b.bytes;
}

// Exports memory and dos_call(i32), its first function; all functions are of type (i32) -> (). A section given here takes the place of
// the one of its number, or is put in.
inline Bytes module_of(const std::vector<Function>& functions, std::vector<Section> given = {}) {
  std::map<std::uint8_t, Bytes> sections;
  sections[1] = Bytes{2, 0x60, 1, 0x7f, 0, 0x60, 0, 0};
  Body numbers, code;
  numbers.leb(functions.size()), code.leb(functions.size());
  for (const auto& f : functions) {
    numbers.leb(0);
    Body body;
    body.leb(f.locals > 0 ? 1 : 0);
    if (f.locals > 0) body.leb(f.locals), body.op(0x7e);
    append(body.bytes, f.code);
    body.op(0x0b);
    code.leb(body.bytes.size());
    append(code.bytes, body.bytes);
  }
  sections[3] = numbers.bytes;
  sections[5] = Bytes{1, 1, 1, 2};
  Body exports;
  exports.leb(2);
  for (const auto& [name, kind] : {std::pair<std::string_view, int>{"memory", 2}, {"dos_call", 0}}) {
    exports.leb(name.size());
    append(exports.bytes, as_bytes(name));
    exports.op(std::uint8_t(kind)).leb(0);
  }
  sections[7] = exports.bytes;
  sections[10] = code.bytes;
  for (auto& s : given) sections[s.id] = std::move(s.bytes);
  Bytes out{0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  for (const auto& [id, bytes] : sections) append(out, section(id, bytes));
  return out;
}

inline Bytes repeated(std::size_t times, const Bytes& what) {
  Bytes out;
  for (std::size_t i = 0; i < times; ++i) append(out, what);
  return out;
}
// `depth` loops or blocks within one another, around `inside`.
inline Bytes nested(std::size_t depth, std::uint8_t opcode, const Bytes& inside = {}) {
  Bytes out = repeated(depth, {opcode, 0x40});
  append(out, inside);
  append(out, repeated(depth, {0x0b}));
  return out;
}

}  // namespace dos::vm::wasm::test
