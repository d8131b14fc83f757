// The pinned engine with the settings on which determinism rests (docs/spec/execution.md).
#pragma once
#include <wasm.h>
#include <wasmtime.h>

#include <memory>
#include <string>

namespace dos::vm::wasm {

template <auto Delete>
struct Deleter {
  void operator()(auto* p) const { Delete(p); }
};
using EnginePtr = std::unique_ptr<wasm_engine_t, Deleter<wasm_engine_delete>>;
using LinkerPtr = std::unique_ptr<wasmtime_linker_t, Deleter<wasmtime_linker_delete>>;
using ModulePtr = std::unique_ptr<wasmtime_module_t, Deleter<wasmtime_module_delete>>;
using InstancePrePtr = std::unique_ptr<wasmtime_instance_pre_t, Deleter<wasmtime_instance_pre_delete>>;
using StorePtr = std::unique_ptr<wasmtime_store_t, Deleter<wasmtime_store_delete>>;
using ErrorPtr = std::unique_ptr<wasmtime_error_t, Deleter<wasmtime_error_delete>>;
using TrapPtr = std::unique_ptr<wasm_trap_t, Deleter<wasm_trap_delete>>;

// Raised whenever a setting below changes what compiled code looks like: it names the entries of the code cache.
inline constexpr const char* kEngineId = "wasmtime " WASMTIME_VERSION " dos 1";

EnginePtr make_engine();  // null if the machine gives no address space for the instance pool
std::string message_of(const wasmtime_error_t* error);

}  // namespace dos::vm::wasm
