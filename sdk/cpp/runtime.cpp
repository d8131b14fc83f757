// The C and C++ run-time that a module needs, and no more: memory, four copying functions, and traps where a hosted
// program would print and exit. Nothing here imports anything.
//
// Allocation never reuses: an instance serves one call and is dropped. The last block alone is given back, which is what
// a vector that grows at the end of the heap does. The memory's declared maximum (cmake/modules.cmake) bounds it all.
#include <cstddef>
#include <cstdint>
#include <new>

extern "C" unsigned char __heap_base;

namespace {

constexpr std::uintptr_t kPage = 65536;
std::uintptr_t top = 0;
std::uintptr_t last = 0;

void* allocate(std::size_t size, std::size_t align) {
  if (top == 0) top = reinterpret_cast<std::uintptr_t>(&__heap_base);
  const std::uintptr_t start = (top + align - 1) & ~(align - 1);
  const std::uintptr_t end = start + (size == 0 ? 1 : size);
  if (end < start) __builtin_trap();
  const std::uintptr_t have = __builtin_wasm_memory_size(0) * kPage;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + kPage - 1) / kPage) == SIZE_MAX) __builtin_trap();
  last = start;
  top = end;
  return reinterpret_cast<void*>(start);
}

void release(void* p) {
  if (p != nullptr && reinterpret_cast<std::uintptr_t>(p) == last) top = last;
}

typedef std::uint64_t Word __attribute__((aligned(1), may_alias));

}  // namespace

extern "C" {

// Each is one instruction of the engine's (bulk memory), which counts its bytes as gas.
void* memcpy(void* __restrict out, const void* __restrict in, std::size_t n) { return __builtin_memcpy(out, in, n); }
void* memmove(void* out, const void* in, std::size_t n) { return __builtin_memmove(out, in, n); }
void* memset(void* out, int value, std::size_t n) { return __builtin_memset(out, value, n); }

int memcmp(const void* a, const void* b, std::size_t n) {
  auto* x = static_cast<const unsigned char*>(a);
  auto* y = static_cast<const unsigned char*>(b);
  for (; n >= 8 && *reinterpret_cast<const Word*>(x) == *reinterpret_cast<const Word*>(y); n -= 8) x += 8, y += 8;
  for (; n != 0; --n, ++x, ++y)
    if (*x != *y) return *x < *y ? -1 : 1;
  return 0;
}

std::size_t strlen(const char* s) {
  std::size_t n = 0;
  while (s[n] != 0) ++n;
  return n;
}

void* memchr(const void* in, int value, std::size_t n) {
  auto* s = static_cast<const unsigned char*>(in);
  for (; n != 0; --n, ++s)
    if (*s == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(s);
  return nullptr;
}

[[noreturn]] void abort() { __builtin_trap(); }

// Destructors of statics: an instance is dropped, never ended.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
[[noreturn]] void __cxa_pure_virtual() { __builtin_trap(); }
void* __dso_handle = nullptr;
}

void* operator new(std::size_t n) { return allocate(n, 16); }
void* operator new[](std::size_t n) { return allocate(n, 16); }
void* operator new(std::size_t n, std::align_val_t a) { return allocate(n, std::size_t(a) < 16 ? 16 : std::size_t(a)); }
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }

// libc++ calls this where an exception would be thrown (a length that no container can have) or a check fails.
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(char const*, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
