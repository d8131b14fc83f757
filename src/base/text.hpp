// How bytes, times and errors are written, wherever they are shown: by a node, by the command line, in a log.
#pragma once
#include "base/bytes.hpp"
#include "base/errors.hpp"
#include "base/ids.hpp"

namespace dos {

std::string base64(BytesView in);  // RFC 4648, section 4
// False: a length that is no multiple of four, another alphabet, padding inside, or bits after the end.
bool unbase64(std::string_view text, Bytes& out);
std::string utc_text(TimeMs time);   // RFC 3339 with milliseconds: "1970-01-01T00:00:00.000Z"
std::string error_name(Errc code);   // "DOS-E0404"

}  // namespace dos
