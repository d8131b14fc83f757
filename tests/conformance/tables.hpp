// Every structure that travels, is stored or is hashed, each in one table: what docs/spec/layouts.md and abi/layouts.json say, and of
// what tests/conformance/fixtures pin encodings.
#pragma once
#include "tests/conformance/reflect.hpp"
#include "tests/conformance/sample.hpp"

namespace dos::conformance {

struct Use {  // where a structure stands by a number
  std::string structure, what, number;
};
struct Table {
  std::string title, file;  // of the fixtures: tests/conformance/fixtures/FILE.txt
  std::string before;       // sentences above the table
  std::vector<Format> rows;
  std::vector<Use> uses;
  std::string after;
};

template <class T>
std::vector<Sample> samples_of() {
  std::vector<Sample> out;
  each_sample<T>([&](const T& v, const std::string& name) {
    const auto bytes = codec::encode(v);
    const auto back = codec::decode<T>(bytes);
    out.push_back({struct_name(qualified_name<T>()) + " " + name, bytes, back && same(*back, v)});
  });
  return out;
}
template <class T>
bool decodes_as(BytesView bytes) {
  const auto v = codec::decode<T>(bytes);
  return v && equal(codec::encode(*v), bytes);
}
template <class T>
void add_to(Layouts& layouts) {
  layouts.add<T>();
}
template <class T>
Format format() {
  return {struct_name(qualified_name<T>()), add_to<T>, samples_of<T>, decodes_as<T>};
}
template <class... T>
std::vector<Format> formats() {
  return {format<T>()...};
}

std::vector<Table> ledger_tables();  // what clients and validators share
std::vector<Table> module_tables();
std::vector<Table> node_tables();    // between validators, and on a node's disk
std::vector<Table> client_tables();  // of a user
// All, in the order of the page. What a table's rows are made of and no table lists stands behind them.
std::vector<Table> tables();

}  // namespace dos::conformance
