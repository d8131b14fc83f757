#include "vm/wasm/runtime.hpp"

#include <cstring>

#include "abi/host_table.hpp"
#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "vm/wasm/engine.hpp"
#include "vm/wasm/scan.hpp"
#include "vm/wasm/signature.hpp"

namespace dos::vm::wasm {
namespace {

constexpr const char* kHostModule = "dos";
constexpr const char* kMemoryExport = "memory";
constexpr const char* kCallExport = "dos_call";
constexpr const char* kTableExport = "dos_table";
constexpr std::uint8_t kMagic[] = {0x00, 'a', 's', 'm'};

struct CallState {  // of one instance; the store's data
  Host* host = nullptr;
  wasmtime_memory_t memory{};
  std::optional<Error> error;  // what ended the call, where the host did
};

class GuestMemory final : public Memory {
 public:
  GuestMemory(wasmtime_context_t* store, const wasmtime_memory_t& memory, GasMeter& gas) : store_(store), memory_(memory), gas_(gas) {}
  Result<BytesView> read(std::uint32_t ptr, std::uint32_t len) override {
    DOS_TRY(gas_.use(abi::kGasPerByte * std::uint64_t(len)));
    DOS_ASSIGN(auto* p, at(ptr, len));
    return BytesView(p, len);
  }
  Status write(std::uint32_t ptr, BytesView data) override {
    DOS_TRY(gas_.use(abi::kGasPerByte * data.size()));
    DOS_ASSIGN(auto* p, at(ptr, data.size()));
    if (!data.empty()) std::memcpy(p, data.data(), data.size());
    return {};
  }

 private:
  Result<std::uint8_t*> at(std::uint32_t ptr, std::uint64_t len) {
    if (ptr + len > wasmtime_memory_data_size(store_, &memory_)) return fail(Errc::trap, "a host call was given a range outside memory");
    return wasmtime_memory_data(store_, &memory_) + ptr;
  }
  wasmtime_context_t* store_;
  const wasmtime_memory_t& memory_;
  GasMeter& gas_;
};

struct LinkedImport {
  const Import* row;
  Signature signature;
};

wasm_trap_t* end_call(CallState& state, Error error) {
  state.error = std::move(error);
  return wasmtime_trap_new("", 0);
}

wasm_trap_t* call_host(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values, std::size_t) {
  const auto& import = *static_cast<const LinkedImport*>(env);
  auto* store = wasmtime_caller_context(caller);
  auto& state = *static_cast<CallState*>(wasmtime_context_get_data(store));
  if (!state.host) return end_call(state, {Errc::trap, "host functions do nothing while a module describes itself"});
  GasMeter gas;
  ErrorPtr(wasmtime_context_get_fuel(store, &gas.left));
  std::uint64_t params[Signature::kMaxParams];
  for (std::size_t i = 0; i < import.signature.count; ++i)
    params[i] = import.signature.params[i] == WASM_I64 ? std::uint64_t(values[i].i64) : std::uint32_t(values[i].i32);
  GuestMemory memory(store, state.memory, gas);
  GuestCall call{memory, *state.host, {params, import.signature.count}, gas};
  Result<std::uint64_t> result = 0;
  if (auto paid = gas.use(import.row->gas); !paid) result = std::unexpected(std::move(paid).error());
  else result = import.row->body(call);
  ErrorPtr(wasmtime_context_set_fuel(store, gas.left));
  if (!result) return end_call(state, std::move(result).error());
  if (import.signature.has_result) {
    if (import.signature.result == WASM_I64) values[0].i64 = std::int64_t(*result);
    else values[0].i32 = std::int32_t(std::uint32_t(*result));
  }
  return nullptr;
}

// Texts of our own: receipts carry them, so they must not change with the engine.
Error error_of(const wasm_trap_t* trap) {
  wasmtime_trap_code_t code = 0;
  if (!wasmtime_trap_code(trap, &code)) return {Errc::trap, "the program stopped"};
  switch (code) {
    case WASMTIME_TRAP_CODE_OUT_OF_FUEL: return {Errc::out_of_gas, ""};
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW: return {Errc::trap, "call stack exhausted"};
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS: return {Errc::trap, "access outside memory"};
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS:
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL:
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE: return {Errc::trap, "call through a wrong function pointer"};
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW: return {Errc::trap, "integer overflow"};
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO: return {Errc::trap, "division by zero"};
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED: return {Errc::trap, "unreachable"};
    default: return {Errc::trap, "the program stopped"};
  }
}

class WasmCode final : public Code {
 public:
  WasmCode(wasm_engine_t& engine, const Hash& hash, const CodeLimits& limits, ModulePtr module, InstancePrePtr instance)
      : engine_(engine), hash_(hash), limits_(limits), module_(std::move(module)), instance_(std::move(instance)) {}
  Hash hash() const override { return hash_; }

  CallOutcome call(std::uint32_t number, std::uint64_t gas, Host& host) const override {
    wasmtime_val_raw_t value{};
    value.i32 = std::int32_t(number);
    return run(kCallExport, &value, gas, &host, nullptr);
  }

  Result<Bytes> table(std::uint64_t gas) const override {
    wasmtime_val_raw_t value{};
    Bytes out;
    const auto outcome = run(kTableExport, &value, gas, nullptr, &out);
    if (!outcome.status) return std::unexpected(outcome.status.error());
    return out;
  }

 private:
  // Runs `name`. With `out`, its i64 result (ptr << 32 | len) names the bytes to copy there.
  CallOutcome run(std::string_view name, wasmtime_val_raw_t* value, std::uint64_t gas, Host* host, Bytes* out) const {
    CallState state{.host = host};
    StorePtr store(wasmtime_store_new(&engine_, &state, nullptr));
    wasmtime_store_limiter(store.get(), std::int64_t(limits_.max_memory_pages) * 64 * 1024, limits_.max_table_elements, 1, 1, 1);
    auto* ctx = wasmtime_store_context(store.get());
    if (ErrorPtr error(wasmtime_context_set_fuel(ctx, gas)); error) return broken(error.get());
    wasmtime_instance_t instance;
    wasm_trap_t* trap = nullptr;
    if (ErrorPtr error(wasmtime_instance_pre_instantiate(instance_.get(), ctx, &instance, &trap)); error) return broken(error.get());
    if (TrapPtr owned(trap); owned) return {0, fail_with(error_of(owned.get()))};  // a data segment outside memory
    wasmtime_extern_t memory, function;
    DOS_CHECK(wasmtime_instance_export_get(ctx, &instance, kMemoryExport, std::strlen(kMemoryExport), &memory));
    DOS_CHECK(memory.kind == WASMTIME_EXTERN_MEMORY);
    state.memory = memory.of.memory;
    if (!wasmtime_instance_export_get(ctx, &instance, name.data(), name.size(), &function) || function.kind != WASMTIME_EXTERN_FUNC)
      return {0, fail(Errc::malformed, "a module has no export " + std::string(name))};
    if (out) {
      auto* type = wasmtime_func_type(ctx, &function.of.func);
      Signature signature;
      const bool fits = from_wasm(type, signature) && signature == parse_signature("()I");
      wasm_functype_delete(type);
      if (!fits) return {0, fail(Errc::malformed, "an export of a module has the wrong type: " + std::string(name))};
    }
    ErrorPtr error(wasmtime_func_call_unchecked(ctx, &function.of.func, value, 1, &trap));
    TrapPtr owned(trap);
    CallOutcome outcome;
    std::uint64_t left = 0;
    ErrorPtr(wasmtime_context_get_fuel(ctx, &left));
    outcome.gas_used = gas - std::min(left, gas);
    if (state.error) outcome.status = fail_with(std::move(*state.error));
    else if (owned) outcome.status = fail_with(error_of(owned.get()));
    else if (error) return broken(error.get());
    if (!outcome.status) {
      if (outcome.status.error().code == Errc::out_of_gas) outcome.gas_used = gas;
      return outcome;
    }
    if (out) {
      GasMeter free{UINT32_MAX};
      const auto where = std::uint64_t(value->i64);
      auto bytes = GuestMemory(ctx, state.memory, free).read(std::uint32_t(where >> 32), std::uint32_t(where));
      if (bytes) out->assign(bytes->begin(), bytes->end());
      else outcome.status = fail_with(bytes.error());
    }
    return outcome;
  }

  static Status fail_with(Error error) { return std::unexpected(std::move(error)); }
  // Neither the module's nor the caller's doing: the node must not turn it into a receipt.
  static CallOutcome broken(const wasmtime_error_t* error) { return {0, fail(Errc::internal, message_of(error))}; }

  wasm_engine_t& engine_;
  Hash hash_;
  CodeLimits limits_;
  ModulePtr module_;
  InstancePrePtr instance_;
};

class WasmRuntime final : public Runtime {
 public:
  WasmRuntime(CodeCache* cache, std::span<const Import> table) : cache_(cache) {
    imports_.reserve(table.size());  // their addresses are handed to the linker
    for (const auto& row : table) imports_.push_back({&row, parse_signature(row.signature)});
  }

  Status start() {
    engine_ = make_engine();
    if (!engine_) return fail(Errc::internal, "the WebAssembly engine does not start: no address space for its pool");
    linker_.reset(wasmtime_linker_new(engine_.get()));
    for (auto& import : imports_) {
      auto* type = to_wasm(import.signature);
      const std::string_view name = import.row->name;
      ErrorPtr error(wasmtime_linker_define_func_unchecked(linker_.get(), kHostModule, std::strlen(kHostModule), name.data(), name.size(),
                                                           type, call_host, &import, nullptr));
      wasm_functype_delete(type);
      if (error) return fail(Errc::internal, message_of(error.get()));
    }
    return {};
  }

  Result<std::shared_ptr<const Code>> compile(BytesView code, const CodeLimits& limits) override {
    DOS_TRY(scan(code, limits));
    const Hash hash = crypto::plain_hash(code);
    DOS_ASSIGN(auto module, compiled(code, hash));
    DOS_TRY(check_imports(module.get(), limits.abi));
    DOS_TRY(check_exports(module.get()));
    wasmtime_instance_pre_t* pre = nullptr;
    if (ErrorPtr error(wasmtime_linker_instantiate_pre(linker_.get(), module.get(), &pre)); error)
      return fail(Errc::malformed, message_of(error.get()));
    return std::make_shared<const WasmCode>(*engine_, hash, limits, std::move(module), InstancePrePtr(pre));
  }

 private:
  Result<ModulePtr> compiled(BytesView code, const Hash& hash) {
    crypto::Hasher h(crypto::domain::kCodeKey);
    h.update(hash.view());
    h.update(as_bytes(kEngineId));
    const Hash key = h.finish();
    wasmtime_module_t* module = nullptr;
    if (cache_) {
      DOS_ASSIGN(const auto entry, cache_->load(key));
      // The engine refuses what another version or another processor compiled; then it is compiled again.
      if (entry && ErrorPtr(wasmtime_module_deserialize(engine_.get(), entry->data(), entry->size(), &module)) == nullptr)
        return ModulePtr(module);
    }
    if (ErrorPtr error(wasmtime_module_new(engine_.get(), code.data(), code.size(), &module)); error)
      return fail(Errc::malformed, message_of(error.get()));
    ModulePtr owned(module);
    if (cache_) {
      wasm_byte_vec_t bytes;
      if (ErrorPtr error(wasmtime_module_serialize(module, &bytes)); error) return fail(Errc::internal, message_of(error.get()));
      auto saved = cache_->save(key, {reinterpret_cast<const std::uint8_t*>(bytes.data), bytes.size});
      wasm_byte_vec_delete(&bytes);
      DOS_TRY(std::move(saved));
    }
    return owned;
  }

  Status check_imports(const wasmtime_module_t* module, std::uint32_t abi) const {
    wasm_importtype_vec_t list;
    wasmtime_module_imports(module, &list);
    Status status;
    for (std::size_t i = 0; i < list.size && status; ++i) status = check_import(list.data[i], abi);
    wasm_importtype_vec_delete(&list);
    return status;
  }

  Status check_import(const wasm_importtype_t* type, std::uint32_t abi) const {
    const auto* module = wasm_importtype_module(type);
    const auto* name = wasm_importtype_name(type);
    const std::string_view from(module->data, module->size), what(name->data, name->size);
    const auto* function = wasm_externtype_as_functype_const(wasm_importtype_type(type));
    Signature signature;
    if (from == kHostModule && function && from_wasm(function, signature))
      for (const auto& import : imports_)
        if (what == import.row->name && signature == import.signature) {
          if (import.row->since <= abi) return {};
          return fail(Errc::malformed, "a module that says it needs host functions of version " + std::to_string(abi) + " imports dos." +
                                           std::string(what) + ", which came with version " + std::to_string(import.row->since));
        }
    return fail(Errc::malformed, "a module imports what no host offers: " + std::string(from) + "." + std::string(what));
  }

  static Status check_exports(const wasmtime_module_t* module) {
    wasm_exporttype_vec_t list;
    wasmtime_module_exports(module, &list);
    bool memory = false, call = false;
    for (std::size_t i = 0; i < list.size; ++i) {
      const auto* name = wasm_exporttype_name(list.data[i]);
      const std::string_view what(name->data, name->size);
      const auto* type = wasm_exporttype_type(list.data[i]);
      if (what == kMemoryExport) memory = wasm_externtype_kind(type) == WASM_EXTERN_MEMORY;
      if (what != kCallExport) continue;
      const auto* function = wasm_externtype_as_functype_const(type);
      Signature signature;
      call = function && from_wasm(function, signature) && signature == parse_signature("(i)v");
    }
    wasm_exporttype_vec_delete(&list);
    if (!memory || !call) return fail(Errc::malformed, "a module exports memory and dos_call(i32)");
    return {};
  }

  std::vector<LinkedImport> imports_;
  CodeCache* cache_;
  EnginePtr engine_;
  LinkerPtr linker_;
};

}  // namespace

bool recognizes(BytesView code) { return starts_with(code, kMagic); }

Result<std::unique_ptr<Runtime>> make_runtime(CodeCache* cache, std::span<const Import> table) {
  auto runtime = std::make_unique<WasmRuntime>(cache, table);
  DOS_TRY(runtime->start());
  return runtime;
}

}  // namespace dos::vm::wasm
