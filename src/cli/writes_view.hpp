// What a command handed in, as it is told when the command ends without having said that all of it is final.
#pragma once
#include "cli/output.hpp"
#include "client/trust/session.hpp"

namespace dos::cli {

// Which they are, at most four by name: "tx:... is final".
std::string final_text(const std::vector<Hash>& final);
// For `error.data`: what scripts need to know before they do it again. Null: nothing was handed in.
Json writes_json(const client::Writes& writes);
// What a signal leaves said: of what is open the error DOS-E0107 in that form, with its exit code; if all is final which it is, on
// standard error, beside the signal. `screen`: standard error is a terminal, whose line may be half written.
client::LastWords last_words(const client::Writes& writes, Form form, bool screen);

}  // namespace dos::cli
