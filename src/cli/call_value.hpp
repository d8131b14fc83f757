// Arguments of a system call: from what a person types, or JSON, to their one encoding, and back from results to JSON.
//   integers 7 or 0x7 · credits 12.5 · time ms, or +30d from now · bool true false · str and name as they are
//   bytes, hash, id: hex, base64:TEXT, @FILE (hash also b3:HEX; id also /a/path: what stands there)
//   opt: none, or the value · list, struct, one<…>: JSON, {"field": value} and {"label": value}; @FILE.json
#pragma once
#include <functional>

#include "base/ids.hpp"
#include "cli/output.hpp"
#include "cli/value_type.hpp"
#include "client/calls/access_template.hpp"
#include "codec/bcs.hpp"

namespace dos::cli {

struct ValueSource {  // what values may refer to
  TimeMs now;
  std::function<Result<ByteArray<16>>(const std::string& path)> at_path;  // the id of what stands at a DOS path
};

using CallValue = client::CallArgument;

// usage, naming the argument, its type and what was wrong: "amount (credits): 'lots' is no amount like 12.5".
Result<CallValue> parse_value(const ValueField& field, const std::string& text, const ValueSource& source);
// One value from the decoder. malformed.
Result<Json> show_value(const ValueType& type, codec::Decoder& in);

}  // namespace dos::cli
