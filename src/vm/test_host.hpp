// For tests: a host that answers every operation with something, and keeps what it was asked.
#pragma once
#include <string>
#include <vector>

#include "vm/host.hpp"

namespace dos::vm {

struct TestHost : Host {
  std::vector<std::string> asked;  // operation and its arguments in hexadecimal
  Bytes arguments = to_bytes(as_bytes("arguments")), returned;
  std::optional<Bytes> object = to_bytes(as_bytes("an object")), following = to_bytes(as_bytes("the next key"));
  std::uint64_t price = 0;  // of what operations cost beyond their row

  template <class... A>
  void note(const char* operation, const A&... args) {
    std::string line = operation;
    (add(line, args), ...);
    asked.push_back(std::move(line));
  }

  BytesView args() override { return arguments; }
  void ret(BytesView value) override { note("ret", value), returned = to_bytes(value); }
  Error fail(std::uint32_t code, BytesView detail) override {
    note("fail", std::uint64_t(code), detail);
    return {Errc::reverted, std::string(as_text(detail))};
  }
  Result<std::optional<Bytes>> get(BytesView key) override { return note("get", key), object; }
  Status put(BytesView key, BytesView value, GasMeter& gas) override { return note("put", key, value), gas.use(price); }
  Status del(BytesView key, GasMeter& gas) override { return note("del", key), gas.use(price); }
  Result<Bytes> append(BytesView prefix, BytesView value, GasMeter& gas) override {
    note("append", prefix, value);
    DOS_TRY(gas.use(price));
    return to_bytes(as_bytes("a new key"));
  }
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after, GasMeter& gas) override {
    note("next", prefix, after);
    DOS_TRY(gas.use(price));
    return following;
  }
  Result<bool> authorized(BytesView lock, GasMeter& gas) override {
    note("authorized", lock);
    DOS_TRY(gas.use(price));
    return true;
  }
  Bytes sender() override { return to_bytes(as_bytes("a sender")); }
  std::uint64_t time() override { return 0x100000001; }
  std::uint64_t height() override { return 7; }
  std::uint64_t version() override { return 0x700000000; }
  Result<Hash> hash(BytesView domain, BytesView data) override { return note("hash", domain, data), Hash{{1, 2, 3}}; }
  bool stored(BytesView root, std::uint64_t bytes) override { return note("stored", root, bytes), true; }
  Status debit(BytesView purse, std::uint64_t amount) override { return note("debit", purse, amount), Status{}; }
  Status deposit(BytesView purse, std::uint64_t amount) override { return note("deposit", purse, amount), Status{}; }
  Status rent(std::uint64_t bytes, std::uint64_t until) override { return note("rent", bytes, until), Status{}; }
  Result<Bytes> call(std::uint16_t module, std::uint16_t number, BytesView given, GasMeter& gas) override {
    note("call", std::uint64_t(module), std::uint64_t(number), given);
    DOS_TRY(gas.use(price));
    return to_bytes(as_bytes("a result"));
  }
  std::int32_t caller() override { return -1; }
  Bytes params() override { return to_bytes(as_bytes("parameters")); }
  bool local() override { return true; }

 private:
  static void add(std::string& line, std::uint64_t number) { line += " " + std::to_string(number); }
  static void add(std::string& line, BytesView bytes) { line += " " + std::string(as_text(bytes)); }
};

}  // namespace dos::vm
