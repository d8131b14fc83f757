// The module `demo` (modules/demo/demo.md): a board with one note a title.
#include "modules/demo/calls.hpp"
#include "sdk/cpp/module.hpp"

namespace dos::demo {

namespace {

using namespace guest;

void pin(const Pin& a) {
  require(!a.title.empty() && a.title.size() <= 64, Errc::usage, "a title has 1 to 64 bytes");
  const auto key = note_key(a.title);
  const auto found = get(key);
  if (found) require(authorized(found->lock), Errc::denied, {"somebody else pinned ", a.title});
  const auto lock = found ? found->lock : account_lock(sender_account());
  put(key, {.lock = lock, .paid_until = TimeMs{now().value + params().default_rent_ms}, .data = to_bytes(a.text)});
}

void unpin(const Unpin& a) {
  const auto key = note_key(a.title);
  const auto found = get(key);
  require(found.has_value(), Errc::not_found, {"there is no note ", a.title});
  require(authorized(found->lock), Errc::denied, {"somebody else pinned ", a.title});
  del(key);
}

}  // namespace

}  // namespace dos::demo

#define DOS_MODULE demo
DOS_DISPATCH(DOS_DEMO_CALLS)
