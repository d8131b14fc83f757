// What a struct's DOS_FIELDS say about its bytes: its row of docs/spec/layouts.md. Types are named as that page names them.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/bcs.hpp"

namespace dos::conformance {

// "dos::ledger::Header" of the compiler's own name for an instance of a template.
template <class T>
std::string qualified_name() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const auto from = text.find("T = ") + 4;
  return std::string(text.substr(from, text.find_first_of(";]", from) - from));
}
std::string struct_name(std::string_view qualified);                  // "ArchiveIndexTx" of dos::store::ArchiveIndex::Tx
std::string last_word(std::string_view qualified);                    // "Tx"
std::string snake_case(std::string_view name);                        // "range_read" of RangeRead
std::vector<std::string> split_names(std::string_view list);          // of DOS_FIELDS: the last word of each
// Labels of a variant's alternatives: their types' names without the word that all of them, or some and the struct, end with.
std::vector<std::string> labels(const std::string& of, const std::vector<std::string>& types);

template <auto V>
std::string enumerator_name() {  // empty where there is none
  const std::string_view text = __PRETTY_FUNCTION__;
  const auto from = text.find("V = ") + 4;
  const auto name = text.substr(from, text.find_first_of(";]", from) - from);
  if (name.find('(') != std::string_view::npos) return "";
  auto last = std::string(name.substr(name.rfind(':') + 1));
  if (last.ends_with('_')) last.pop_back();  // a word of C++
  return last;
}
inline constexpr int kMostEnumerators = 32;
template <class E>
std::vector<std::pair<int, std::string>> enumerators() {
  std::vector<std::pair<int, std::string>> out;
  const auto add = [&]<int V>(std::integral_constant<int, V>) {
    if (valid(E(V))) out.emplace_back(V, enumerator_name<E(V)>());
  };
  [&]<int... V>(std::integer_sequence<int, V...>) {
    (add(std::integral_constant<int, V>{}), ...);
  }(std::make_integer_sequence<int, kMostEnumerators>{});
  return out;
}

struct StructRow {
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;  // name, type
  std::string text() const;                                 // "height:height parent:hash"
};
struct EnumRow {
  std::string name;
  std::vector<std::pair<int, std::string>> values;
};

struct Sample {
  std::string name;  // "Header 0"
  Bytes bytes;
  bool whole = false;  // what was decoded from the bytes is the sample
};
class Layouts;
struct Format {  // a struct, whichever it is
  std::string name;
  void (*add)(Layouts&) = nullptr;
  std::vector<Sample> (*samples)() = nullptr;
  bool (*decodes)(BytesView) = nullptr;  // as this type, which has no other encoding of it
};
template <class T>
Format format();  // tables.hpp

// All that a set of structs is made of.
class Layouts {
 public:
  template <class T>
  const StructRow& add() {
    const auto name = struct_name(qualified_name<T>());
    const auto [at, fresh] = structs.try_emplace(name);
    if (!fresh) {
      if (whose_[name] != qualified_name<T>()) clashes.push_back(name);
      return at->second;
    }
    whose_[name] = qualified_name<T>();
    formats.push_back(format<T>());
    StructRow row{name, {}};
    const auto names = split_names(T::kFieldNames);
    const T value{};
    T::fields(value, [&]<class... F>(const F&...) {
      std::size_t i = 0;
      ((row.fields.emplace_back(names.at(i), type_text<F>(name, names.at(i))), ++i), ...);
    });
    return structs[name] = row;
  }

  std::vector<Format> formats;  // of the structs, as they were met
  std::map<std::string, StructRow> structs;
  std::map<std::string, EnumRow> enums;
  std::vector<std::string> clashes;  // names that two structs have
  std::map<std::string, std::vector<std::string>> named_alternatives;  // "Content.where": where types' names do not say what they are

 private:
  template <class T>
  std::string type_text(const std::string& of, const std::string& field);
  template <class... Ts>
  std::string one_of(const std::string& of, const std::string& field, const std::variant<Ts...>*);
  std::map<std::string, std::string> whose_;  // struct names by their names on the page
};

template <class T>
std::string Layouts::type_text(const std::string& of, const std::string& field) {
  if constexpr (std::is_same_v<T, bool>) return "bool";
  else if constexpr (std::is_enum_v<T>) {
    const auto name = last_word(qualified_name<T>());
    enums.try_emplace(name, EnumRow{name, enumerators<T>()});
    return "enum " + name;
  } else if constexpr (std::is_unsigned_v<T>) return "u" + std::to_string(8 * sizeof(T));
  else if constexpr (std::is_same_v<T, Height>) return "height";
  else if constexpr (std::is_same_v<T, View>) return "view";
  else if constexpr (std::is_same_v<T, Epoch>) return "epoch";
  else if constexpr (std::is_same_v<T, Position>) return "position";
  else if constexpr (std::is_same_v<T, Version>) return "version";
  else if constexpr (std::is_same_v<T, Gas>) return "gas";
  else if constexpr (std::is_same_v<T, Credits>) return "credits";
  else if constexpr (std::is_same_v<T, TimeMs>) return "time";
  else if constexpr (std::is_same_v<T, Hash>) return "hash";
  else if constexpr (std::is_same_v<T, Bytes>) return "bytes";
  else if constexpr (std::is_same_v<T, std::string>) return "str";
  else if constexpr (codec::is_array<T>::value) {
    static_assert(std::is_same_v<typename T::value_type, std::uint8_t>, "layouts.md has no arrays of anything else");
    return std::tuple_size_v<T> == 16 ? "id" : "raw" + std::to_string(std::tuple_size_v<T>);
  } else if constexpr (codec::is_vector<T>::value) return "list<" + type_text<typename T::value_type>(of, field) + ">";
  else if constexpr (codec::is_optional<T>::value) return "opt<" + type_text<typename T::value_type>(of, field) + ">";
  else if constexpr (codec::is_variant<T>::value) return one_of(of, field, static_cast<const T*>(nullptr));
  else {
    if (std::string_view(T::kFieldNames).empty()) return "none";
    add<T>();
    return "struct " + struct_name(qualified_name<T>());
  }
}

template <class... Ts>
std::string Layouts::one_of(const std::string& of, const std::string& field, const std::variant<Ts...>*) {
  const std::vector<std::string> types = {type_text<Ts>(of, field)...};
  const auto named = named_alternatives.find(of + "." + field);
  const auto names = named != named_alternatives.end() ? named->second : labels(of, {last_word(qualified_name<Ts>())...});
  std::string out;
  for (std::size_t i = 0; i < types.size(); ++i) out += (i == 0 ? "one<" : "|") + names.at(i) + ":" + types[i];
  return out + ">";
}

}  // namespace dos::conformance
