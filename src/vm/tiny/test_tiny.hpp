// For tests: a second runtime, so that nothing above it can rest on what is WebAssembly's alone. Its programs are bytes for a machine with a
// short stack of byte strings; code is "TINY", its table of calls, and for each call its number and instructions (Program writes it).
#pragma once
#include <algorithm>
#include <map>

#include "abi/host_table.hpp"
#include "codec/bcs.hpp"
#include "crypto/hash.hpp"
#include "vm/runtimes.hpp"

namespace dos::vm::tiny {

inline constexpr std::uint8_t kMagic[] = {'T', 'I', 'N', 'Y'};
inline constexpr std::size_t kMaxStack = 16, kMaxText = 64 * 1024;
inline constexpr std::uint64_t kStepGas = 10;

enum Op : std::uint8_t { kLiteral = 1, kArgs, kGet, kPut, kDel, kJoin, kRet, kFail, kCall, kBack };

struct CallBody {
  std::uint16_t number = 0;
  Bytes code;
  DOS_FIELDS(number, code);
};
struct Content {
  Bytes table;
  std::vector<CallBody> calls;
  DOS_FIELDS(table, calls);
};

class Program {  // writes the instructions of one call
 public:
  Program& literal(BytesView text) { return op(kLiteral), codec::write(out_, to_bytes(text)), *this; }
  Program& op(Op o) { return codec::write(out_, std::uint8_t(o)), *this; }
  Program& call(std::uint16_t module, std::uint16_t number) {
    op(kCall);
    codec::write(out_, module);
    codec::write(out_, number);
    return *this;
  }
  Program& forever() { return op(kArgs).op(kBack); }  // back to the first instruction
  Bytes code() const { return out_.out; }

 private:
  codec::Encoder out_;
};

inline Bytes code_of(const std::vector<CallBody>& calls, BytesView table = {}) {
  Bytes out(std::begin(kMagic), std::end(kMagic));
  append(out, codec::encode(Content{to_bytes(table), calls}));
  return out;
}

class Machine {
 public:
  Machine(Host& host, GasMeter& gas) : host_(host), gas_(gas) {}

  Status run(const Bytes& code) {
    for (codec::Decoder in(code); in.remaining() != 0;) {
      DOS_TRY(gas_.use(kStepGas));
      std::uint8_t o = 0;
      codec::read(in, o);
      if (o == kBack) {
        in = codec::Decoder(code);
        stack_.clear();
        continue;
      }
      DOS_TRY(step(Op(o), in));
      if (!in.ok()) return fail(Errc::trap, "an instruction is cut");
    }
    return {};
  }

 private:
  Status step(Op o, codec::Decoder& in) {
    Bytes first, second;
    if (o == kPut || o == kJoin) DOS_TRY(pop(second));
    if (o >= kGet) DOS_TRY(pop(first));
    switch (o) {
      case kLiteral: codec::read(in, first); return push(std::move(first));
      case kArgs: DOS_TRY(host_call("args", 0)); return push(to_bytes(host_.args()));
      case kJoin: append(first, second); return push(std::move(first));
      case kPut: DOS_TRY(host_call("put", first.size() + second.size())); return host_.put(first, second, gas_);
      case kDel: DOS_TRY(host_call("del", first.size())); return host_.del(first, gas_);
      case kRet:
        DOS_TRY(host_call("ret", first.size()));
        if (first.size() > kMaxReturnBytes) return fail(Errc::limit, "bytes that a call returns");
        return host_.ret(first), Status{};
      case kFail:
        first.resize(std::min<std::size_t>(first.size(), kMaxFailureBytes));
        DOS_TRY(host_call("fail", first.size()));
        return std::unexpected(host_.fail(std::uint32_t(Errc::reverted), first));
      case kGet: {
        DOS_TRY(host_call("get", first.size()));
        DOS_ASSIGN(auto object, host_.get(first));
        return push(object ? std::move(*object) : Bytes{});
      }
      case kCall: {
        std::uint16_t module = 0, number = 0;
        codec::read(in, module);
        codec::read(in, number);
        if (!in.ok()) return fail(Errc::trap, "an instruction is cut");
        DOS_TRY(host_call("call", first.size()));
        DOS_ASSIGN(auto result, host_.call(module, number, first, gas_));
        return push(std::move(result));
      }
      default: return fail(Errc::trap, "an unknown instruction");
    }
  }
  Status pop(Bytes& out) {
    if (stack_.empty()) return fail(Errc::trap, "the stack is empty");
    out = std::move(stack_.back());
    stack_.pop_back();
    return {};
  }
  Status push(Bytes text) {
    DOS_TRY(gas_.use(abi::kGasPerByte * text.size()));
    if (stack_.size() == kMaxStack || text.size() > kMaxText) return fail(Errc::trap, "the stack is full");
    stack_.push_back(std::move(text));
    return {};
  }
  Status host_call(std::string_view name, std::size_t bytes) {
    static constexpr std::pair<std::string_view, std::uint64_t> kPrices[] = {
#define DOS_ROW(number, name, since, gas, signature) {#name, gas},
        DOS_HOST_FUNCTIONS(DOS_ROW)
#undef DOS_ROW
    };
    const auto row = std::ranges::find(kPrices, name, &std::pair<std::string_view, std::uint64_t>::first);
    return gas_.use(row->second + abi::kGasPerByte * bytes);
  }
  Host& host_;
  GasMeter& gas_;
  std::vector<Bytes> stack_;
};

class TinyCode final : public Code {
 public:
  TinyCode(const Hash& hash, Content content) : hash_(hash), table_(std::move(content.table)) {
    for (auto& c : content.calls) calls_[c.number] = std::move(c.code);
  }
  Hash hash() const override { return hash_; }
  Result<Bytes> table(std::uint64_t) const override { return table_; }
  CallOutcome call(std::uint32_t number, std::uint64_t gas, Host& host) const override {
    const auto it = calls_.find(number);
    if (it == calls_.end()) return {0, fail(Errc::no_such_call)};
    GasMeter meter{gas};
    auto status = Machine(host, meter).run(it->second);
    return {gas - meter.left, std::move(status)};
  }

 private:
  Hash hash_;
  Bytes table_;
  std::map<std::uint32_t, Bytes> calls_;
};

struct TinyRuntime final : Runtime {
  Result<std::shared_ptr<const Code>> compile(BytesView code, const CodeLimits& limits) override {
    if (code.size() > limits.max_code_bytes) return fail(Errc::limit, "bytes of a module");
    DOS_ASSIGN(auto content, codec::decode<Content>(code.subspan(std::size(kMagic)), "a tiny module"));
    return std::make_shared<const TinyCode>(crypto::plain_hash(code), std::move(content));
  }
};

inline constexpr RuntimeRow kRow{99, "tiny", [](BytesView code) { return starts_with(code, kMagic); },
                                 [](CodeCache*) -> Result<std::unique_ptr<Runtime>> { return std::make_unique<TinyRuntime>(); }};

}  // namespace dos::vm::tiny
