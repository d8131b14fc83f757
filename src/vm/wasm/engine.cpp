#include "vm/wasm/engine.hpp"

#include "vm/runtime.hpp"

namespace dos::vm::wasm {

EnginePtr make_engine() {
  wasm_config_t* config = wasm_config_new();
  const CodeLimits limits;
  constexpr std::uint64_t kPage = 64 * 1024;
  constexpr std::size_t kKeptMemory = kPage, kKeptTable = 4096;  // what a system module begins with (cmake/modules.cmake)
  const std::uint64_t memory = limits.max_memory_pages * kPage;

  // Gas: fuel of the pinned engine, the same on every machine that runs this release.
  wasmtime_config_consume_fuel_set(config, true);
  wasmtime_config_max_wasm_stack_set(config, limits.max_stack_bytes);
  // Only WebAssembly 1.0, sign extension, multi-value and bulk memory. scan() refuses the rest before the engine sees it.
  wasmtime_config_cranelift_nan_canonicalization_set(config, true);
  wasmtime_config_wasm_simd_set(config, false);
  wasmtime_config_wasm_relaxed_simd_set(config, false);
  wasmtime_config_wasm_relaxed_simd_deterministic_set(config, true);
  wasmtime_config_shared_memory_set(config, false);
  wasmtime_config_wasm_tail_call_set(config, false);
  wasmtime_config_wasm_multi_memory_set(config, false);
  wasmtime_config_wasm_memory64_set(config, false);
  wasmtime_config_wasm_wide_arithmetic_set(config, false);
  wasmtime_config_wasm_custom_page_sizes_set(config, false);
  wasmtime_config_wasm_bulk_memory_set(config, true);
  // A fresh instance for each call is cheap because memories come from a pool and start copy-on-write. Slots are as long as
  // the limit, not 4 GiB, so that many runtimes fit into one address space (the simulator runs N nodes in one process).
  wasmtime_config_memory_init_cow_set(config, true);
  wasmtime_config_memory_reservation_set(config, memory);
  wasmtime_config_memory_guard_size_set(config, kPage);
  wasmtime_config_memory_may_move_set(config, false);
  auto* pool = wasmtime_pooling_allocation_config_new();
  wasmtime_pooling_allocation_config_max_memory_size_set(pool, memory);
  wasmtime_pooling_allocation_config_table_elements_set(pool, limits.max_table_elements);
  wasmtime_pooling_allocation_config_max_unused_warm_slots_set(pool, 16);
  wasmtime_pooling_allocation_config_decommit_batch_size_set(pool, 2);  // a memory and a table: the next call finds both still in the cache
  // Memory and tables of a used slot are written over with what they began as, instead of being given back: the next call meets
  // no page faults, which cost more than the call.
  wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, kKeptMemory);
  wasmtime_pooling_allocation_config_table_keep_resident_set(pool, kKeptTable);
  wasmtime_pooling_allocation_strategy_set(config, pool);
  wasmtime_pooling_allocation_config_delete(pool);
  return EnginePtr(wasm_engine_new_with_config(config));
}

std::string message_of(const wasmtime_error_t* error) {
  wasm_name_t text;
  wasmtime_error_message(error, &text);
  std::string s(text.data, text.size);
  wasm_byte_vec_delete(&text);
  return s;
}

}  // namespace dos::vm::wasm
