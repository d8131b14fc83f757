// Reads tests/vectors/*.txt: comment lines begin with '#', blank lines part the cases, every other line is "name = value".
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace dos::test {

struct VectorCase {
  std::map<std::string, std::string> values;
  const std::string& text(const std::string& name) const {
    const auto at = values.find(name);
    if (at == values.end()) throw std::runtime_error("a vector lacks " + name);
    return at->second;
  }
  Bytes bytes(const std::string& name) const {
    Bytes out;
    if (!unhex(text(name), out)) throw std::runtime_error("a vector's " + name + " is not hex");
    return out;
  }
  std::uint64_t number(const std::string& name) const { return std::stoull(text(name)); }
};

inline std::vector<VectorCase> read_vectors(const std::string& name) {
  std::ifstream in(std::string(DOS_TEST_SOURCE) + "/tests/vectors/" + name);
  EXPECT_TRUE(in.good()) << name;
  std::vector<VectorCase> cases;
  VectorCase now;
  auto end = [&] {
    if (!now.values.empty()) cases.push_back(std::move(now));
    now = {};
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    if (line.empty()) {
      end();
      continue;
    }
    const auto at = line.find(" =");
    if (at == std::string::npos) throw std::runtime_error("a vector line without '='");
    now.values[line.substr(0, at)] = at + 3 <= line.size() ? line.substr(at + 3) : "";
  }
  end();
  EXPECT_FALSE(cases.empty()) << name;
  return cases;
}

inline Bytes from_hex(std::string_view text) {
  Bytes out;
  EXPECT_TRUE(unhex(text, out)) << text;
  return out;
}

}  // namespace dos::test
