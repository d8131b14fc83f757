// The list of a struct's fields, written once: encoding, decoding and the row of the struct in docs/spec/layouts.md follow from it.
//     DOS_FIELDS(height, parent);
// gives what the codec visits, in this order, and the names in the same order. Up to twenty; without arguments: no bytes.
// Shared by host and guests.
#pragma once

#define DOS_FIELDS(...)                                                                                           \
  static constexpr void fields([[maybe_unused]] auto& s, auto&& visit) { visit(DOS_FIELD_LIST(s, __VA_ARGS__)); } \
  [[maybe_unused]] static constexpr const char* kFieldNames = #__VA_ARGS__

#define DOS_FIELD_LIST(s, ...) __VA_OPT__(DOS_FIELD_1(s, __VA_ARGS__))
#define DOS_FIELD_1(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_2(s, __VA_ARGS__))
#define DOS_FIELD_2(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_3(s, __VA_ARGS__))
#define DOS_FIELD_3(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_4(s, __VA_ARGS__))
#define DOS_FIELD_4(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_5(s, __VA_ARGS__))
#define DOS_FIELD_5(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_6(s, __VA_ARGS__))
#define DOS_FIELD_6(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_7(s, __VA_ARGS__))
#define DOS_FIELD_7(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_8(s, __VA_ARGS__))
#define DOS_FIELD_8(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_9(s, __VA_ARGS__))
#define DOS_FIELD_9(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_10(s, __VA_ARGS__))
#define DOS_FIELD_10(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_11(s, __VA_ARGS__))
#define DOS_FIELD_11(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_12(s, __VA_ARGS__))
#define DOS_FIELD_12(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_13(s, __VA_ARGS__))
#define DOS_FIELD_13(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_14(s, __VA_ARGS__))
#define DOS_FIELD_14(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_15(s, __VA_ARGS__))
#define DOS_FIELD_15(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_16(s, __VA_ARGS__))
#define DOS_FIELD_16(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_17(s, __VA_ARGS__))
#define DOS_FIELD_17(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_18(s, __VA_ARGS__))
#define DOS_FIELD_18(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_19(s, __VA_ARGS__))
#define DOS_FIELD_19(s, f, ...) s.f __VA_OPT__(, DOS_FIELD_20(s, __VA_ARGS__))
#define DOS_FIELD_20(s, f) s.f
