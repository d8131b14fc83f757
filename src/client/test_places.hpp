// A home of its own for each test, removed afterwards.
#pragma once
#include <stdlib.h>

#include "client/home/places.hpp"

namespace dos::client {

struct TestPlaces {
  TestPlaces() {
    char name[] = "/tmp/dos-test-XXXXXX";
    base = ::mkdtemp(name);
    places = {base / "config", base / "data", base / "state", base / "run"};
  }
  ~TestPlaces() {
    std::error_code ignored;
    std::filesystem::remove_all(base, ignored);
  }
  std::filesystem::path base;
  Places places;
};

}  // namespace dos::client
