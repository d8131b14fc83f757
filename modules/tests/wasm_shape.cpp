// Reads just enough of a module to judge it; what instructions are allowed at all is the runtime's to check (vm/wasm).
#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "modules/tests/wasm_shape.hpp"

namespace dos::modules {
namespace {

struct Reader {
  BytesView in;
  std::size_t at = 0;
  bool ok = true;
  bool more() const { return ok && at < in.size(); }
  std::uint8_t byte() { return at < in.size() ? in[at++] : (ok = false, std::uint8_t(0)); }
  std::uint64_t leb() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const auto b = byte();
      if (shift < 64) v |= std::uint64_t(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return v;
    }
    ok = false;
    return 0;
  }
  Reader part(std::uint64_t n) {
    if (n > in.size() - at) ok = false, n = 0;
    Reader r{in.subspan(at, n)};
    at += n;
    return r;
  }
  std::string name() {
    auto r = part(leb());
    return std::string(as_text(r.in));
  }
};

struct Parsed {
  std::vector<std::string> types;
  std::vector<std::uint32_t> functions;  // type of each, imports first
  std::size_t imported = 0;
  std::vector<std::uint32_t> table;      // functions that an indirect call may reach
  std::vector<std::set<std::uint32_t>> direct, indirect;  // of each body: functions; types
  std::vector<std::uint64_t> frame;                       // of each body: bytes that it takes of the stack in memory
};

char letter(std::uint8_t t) { return t == 0x7f ? 'i' : t == 0x7e ? 'I' : '?'; }

std::string signature(Reader& r) {
  std::string s = "(";
  for (auto n = r.leb(); n > 0 && r.ok; --n) s += letter(r.byte());
  s += ")";
  const auto results = r.leb();
  if (results == 0) s += "v";
  for (auto n = results; n > 0 && r.ok; --n) s += letter(r.byte());
  return s;
}

bool body(Reader r, Parsed& p) {
  std::set<std::uint32_t> direct, indirect;
  std::uint64_t frame = 0, constant = 0;
  int prologue = 0;  // clang's: the stack pointer is global 0, and what is subtracted from it is the frame
  for (auto n = r.leb(); n > 0 && r.ok; --n) r.leb(), r.byte();
  while (r.more()) {
    const auto op = r.byte();
    if (op == 0x6b && prologue == 2) frame = std::max(frame, constant);
    prologue = op == 0x23 ? 1 : op == 0x41 && prologue == 1 ? 2 : 0;
    if (op == 0x41) constant = r.leb();
    else if (op == 0x10) direct.insert(std::uint32_t(r.leb()));
    else if (op == 0x11) indirect.insert(std::uint32_t(r.leb())), r.leb();
    else if (op == 0x02 || op == 0x03 || op == 0x04 || op == 0x0c || op == 0x0d || (op >= 0x20 && op <= 0x24) || op == 0x3f || op == 0x40 ||
             op == 0x42)
      r.leb();
    else if (op >= 0x28 && op <= 0x3e) r.leb(), r.leb();
    else if (op == 0x0e) {
      for (auto n = r.leb(); n > 0 && r.ok; --n) r.leb();
      r.leb();
    } else if (op == 0xfc) {  // memory.copy and memory.fill
      const auto which = r.leb();
      if (which != 10 && which != 11) r.ok = false;
      for (auto n = which == 10 ? 2 : 1; n > 0; --n) r.byte();
    } else if (op >= 0xc5 || op == 0x43 || op == 0x44) r.ok = false;  // nothing that a module here has
  }
  p.direct.push_back(std::move(direct));
  p.indirect.push_back(std::move(indirect));
  p.frame.push_back(frame);
  return r.ok;
}

using Calls = std::vector<std::set<std::uint32_t>>;

Calls calls_of(const Parsed& p) {
  Calls calls(p.direct.size());
  for (std::size_t f = 0; f < calls.size(); ++f) {
    for (auto c : p.direct[f])
      if (c >= p.imported) calls[f].insert(std::uint32_t(c - p.imported));
    for (auto type : p.indirect[f])
      for (auto c : p.table)
        if (c >= p.imported && p.functions[c] == type) calls[f].insert(std::uint32_t(c - p.imported));
  }
  return calls;
}

// The longest way down, of a module without cycles.
std::uint64_t deepest(const Parsed& p, const Calls& calls) {
  std::vector<std::optional<std::uint64_t>> below(calls.size());
  std::function<std::uint64_t(std::uint32_t)> of = [&](std::uint32_t f) {
    if (below[f]) return *below[f];
    std::uint64_t most = 0;
    for (auto c : calls[f]) most = std::max(most, of(c));
    return *(below[f] = p.frame[f] + most);
  };
  std::uint64_t most = 0;
  for (std::uint32_t f = 0; f < calls.size(); ++f) most = std::max(most, of(f));
  return most;
}

std::uint32_t cycles(const Calls& calls) {
  const auto count = calls.size();
  std::uint32_t found = 0;
  for (std::uint32_t start = 0; start < count; ++start) {
    std::vector<bool> seen(count);
    std::vector<std::uint32_t> todo(calls[start].begin(), calls[start].end());
    while (!todo.empty()) {
      const auto f = todo.back();
      todo.pop_back();
      if (seen[f]) continue;
      seen[f] = true;
      todo.insert(todo.end(), calls[f].begin(), calls[f].end());
    }
    found += seen[start];
  }
  return found;
}

}  // namespace

WasmShape wasm_shape(BytesView wasm) {
  WasmShape shape;
  Parsed p;
  Reader r{wasm};
  if (!starts_with(wasm, as_bytes(std::string_view("\0asm\1\0\0\0", 8)))) return shape;
  r.at = 8;
  while (r.more()) {
    const auto id = r.byte();
    auto s = r.part(r.leb());
    auto each = [&](const std::function<void()>& item) {
      for (auto n = s.leb(); n > 0 && s.ok; --n) item();
    };
    switch (id) {
      case 1: each([&] { s.byte(), p.types.push_back(signature(s)); }); break;
      case 2:
        each([&] {
          WasmImport i;
          i.module = s.name(), i.name = s.name();
          if (s.byte() != 0) s.ok = false;
          const auto type = std::uint32_t(s.leb());
          i.signature = type < p.types.size() ? p.types[type] : "";
          p.functions.push_back(type);
          shape.imports.push_back(i);
        });
        p.imported = p.functions.size();
        break;
      case 3: each([&] { p.functions.push_back(std::uint32_t(s.leb())); }); break;
      case 5:
        each([&] {
          shape.memory_has_maximum = s.byte() == 1;
          s.leb();
          if (shape.memory_has_maximum) shape.memory_maximum = std::uint32_t(s.leb());
        });
        break;
      case 7: each([&] { shape.exports.insert(s.name()), s.byte(), s.leb(); }); break;
      case 8: shape.has_start = true; break;
      case 9:
        each([&] {
          if (s.leb() != 0) s.ok = false;                                   // active, table 0
          while (s.ok && s.byte() != 0x0b) {}
          for (auto n = s.leb(); n > 0 && s.ok; --n) p.table.push_back(std::uint32_t(s.leb()));
        });
        break;
      case 10:
        each([&] {
          const auto code = s.part(s.leb());
          s.ok = body(code, p) && s.ok;
        });
        break;
      default: break;
    }
    if (!s.ok) return shape;
  }
  shape.readable = r.ok && p.imported + p.direct.size() == p.functions.size();
  if (!shape.readable) return shape;
  const auto calls = calls_of(p);
  shape.recursive = cycles(calls);
  if (shape.recursive == 0) shape.stack = deepest(p, calls);
  return shape;
}

}  // namespace dos::modules
