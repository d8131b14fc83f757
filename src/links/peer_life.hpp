// Handlers of timers and sockets may be on their way when the object they call into goes; wrapped in its Life they do nothing then.
#pragma once
#include <memory>
#include <utility>

namespace dos::links {

class Life {  // last member of its object: goes first
 public:
  template <class F>
  auto guard(F f) const {
    return [alive = std::weak_ptr<int>(token_), f = std::move(f)](auto&&... args) mutable {
      if (!alive.expired()) f(std::forward<decltype(args)>(args)...);
    };
  }

 private:
  std::shared_ptr<int> token_ = std::make_shared<int>(0);
};

}  // namespace dos::links
