// A small assembler for tests: modules whose calls are fixed sequences of host calls, without a compiler.
// Byte values: WebAssembly Core 1.0, chapter 5.
#pragma once
#include <map>

#include "vm/wasm/imports.hpp"

namespace dos::vm::assembly {

class Body {  // instructions of one call
 public:
  Body& i32(std::uint32_t v) { return op(0x41), leb_signed(std::int32_t(v)), *this; }
  Body& i64(std::uint64_t v) { return op(0x42), leb_signed(std::int64_t(v)), *this; }
  Body& call(std::uint32_t function) { return op(0x10), leb(function), *this; }
  Body& op(std::uint8_t b) { return bytes.push_back(b), *this; }
  Body& drop() { return op(0x1a); }
  Body& unreachable() { return op(0x00); }
  Body& forever() { return op(0x03), op(0x40), op(0x0c), op(0x00), op(0x0b); }  // loop br 0 end
  Body& raw(std::initializer_list<std::uint8_t> b) { return bytes.insert(bytes.end(), b), *this; }
  void leb(std::uint64_t v) {
    do {
      bytes.push_back(std::uint8_t(v & 0x7f) | (v > 0x7f ? 0x80 : 0));
      v >>= 7;
    } while (v != 0);
  }
  void leb_signed(std::int64_t v) {
    for (bool more = true; more;) {
      const auto b = std::uint8_t(v & 0x7f);
      v >>= 7;
      more = !((v == 0 && !(b & 0x40)) || (v == -1 && (b & 0x40)));
      bytes.push_back(b | (more ? 0x80 : 0));
    }
  }
  Bytes bytes;
};

class Assembler {
 public:
  explicit Assembler(std::span<const wasm::Import> host = wasm::imports()) : host_(host) {}

  std::uint32_t data(BytesView bytes) {  // where they lie in the guest's memory
    const auto at = next_;
    data_.emplace_back(at, to_bytes(bytes));
    next_ += std::uint32_t(bytes.size());
    return at;
  }
  Body& on(std::uint32_t number) { return calls_[number]; }
  // A host call with its arguments in order; (ptr, len) of bytes is written as one argument of type BytesView.
  template <class... A>
  Body& host(Body& b, std::string_view name, const A&... args) {
    (push(b, args), ...);
    for (std::uint32_t i = 0; i < host_.size(); ++i)
      if (name == host_[i].name) return b.call(i);
    return b.unreachable();
  }
  std::uint32_t scratch() const { return 32 * 1024; }  // free memory from here to the end of the page

  Bytes build(std::uint32_t pages = 1, std::uint32_t max_pages = 2, BytesView table = {}) {
    const std::uint8_t empty_table[] = {0};
    const auto table_bytes = table.empty() ? BytesView(empty_table) : table;
    const auto table_at = data(table_bytes);
    Body types, imports, functions, memory, exports, code, data;
    types.leb(host_.size() + 2);
    imports.leb(host_.size());
    for (std::uint32_t i = 0; i < host_.size(); ++i) {
      type(types, host_[i].signature);
      text(imports, "dos");
      text(imports, host_[i].name);
      imports.op(0x00).leb(i);
    }
    type(types, "(i)v");
    type(types, "()I");
    const auto n = std::uint32_t(host_.size());
    functions.leb(2), functions.leb(n), functions.leb(n + 1);
    memory.leb(1), memory.op(0x01), memory.leb(pages), memory.leb(max_pages);
    exports.leb(3);
    text(exports, "memory"), exports.op(0x02).leb(0);
    text(exports, "dos_call"), exports.op(0x00).leb(n);
    text(exports, "dos_table"), exports.op(0x00).leb(n + 1);
    Body dispatch, describe;
    dispatch.leb(0);
    for (const auto& [number, body] : calls_) {  // if (number == local 0) { body; return }
      dispatch.op(0x20).leb(0);
      dispatch.i32(number).op(0x46).op(0x04).op(0x40);
      append(dispatch.bytes, body.bytes);
      dispatch.op(0x0f).op(0x0b);
    }
    dispatch.op(0x0b);
    describe.leb(0);
    describe.i64(std::uint64_t(table_at) << 32 | table_bytes.size()).op(0x0b);
    code.leb(2);
    for (auto* f : {&dispatch, &describe}) code.leb(f->bytes.size()), append(code.bytes, f->bytes);
    data.leb(data_.size());
    for (const auto& [at, bytes] : data_) {
      data.op(0x00).i32(at).op(0x0b).leb(bytes.size());
      append(data.bytes, bytes);
    }
    Bytes out{0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
    section(out, 1, types), section(out, 2, imports), section(out, 3, functions), section(out, 5, memory);
    section(out, 7, exports);
    append(out, extra);
    section(out, 10, code), section(out, 11, data);
    return out;
  }
  Bytes extra;  // a section put in before the code

 private:
  void push(Body& b, std::uint32_t v) { b.i32(v); }
  void push(Body& b, int v) { b.i32(std::uint32_t(v)); }
  void push(Body& b, std::uint64_t v) { b.i64(v); }
  void push(Body& b, const Bytes& v) { b.i32(data(v)).i32(std::uint32_t(v.size())); }
  static void text(Body& b, std::string_view s) { b.leb(s.size()), append(b.bytes, as_bytes(s)); }
  static void type(Body& b, std::string_view signature) {
    const auto close = signature.find(')');
    b.op(0x60).leb(close - 1);
    for (char c : signature.substr(1, close - 1)) b.op(c == 'I' ? 0x7e : 0x7f);
    const char result = signature.back();
    b.leb(result == 'v' ? 0 : 1);
    if (result != 'v') b.op(result == 'I' ? 0x7e : 0x7f);
  }
  static void section(Bytes& out, std::uint8_t id, const Body& body) {
    Body head;
    head.op(id).leb(body.bytes.size());
    append(out, head.bytes);
    append(out, body.bytes);
  }
  std::span<const wasm::Import> host_;
  std::vector<std::pair<std::uint32_t, Bytes>> data_;
  std::uint32_t next_ = 16;
  std::map<std::uint32_t, Body> calls_;
};

}  // namespace dos::vm::assembly
