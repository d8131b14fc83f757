#include "cli/flag_form.hpp"

#include <algorithm>

#include "base/command_line.hpp"
#include "cli/local_net.hpp"
#include "cli/output.hpp"
#include "cli/run.hpp"
#include "client/trust/http.hpp"
#include "ledger/state_formats.hpp"

namespace dos::cli {
namespace {

constexpr std::size_t kMaxNodeName = 64;

// The name of a node is any word without blanks; what is written as an address must be one.
bool fits_node(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return client::parse_url(text).has_value();
  return !text.empty() && text.size() <= kMaxNodeName && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

bool fits_descriptor(std::string_view text) {  // a slip must not read another descriptor
  return !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

static_assert(kMaxLocalValidators == 64, "kValidatorsForm says so");

}  // namespace

std::optional<Height> parse_height(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  const auto n = whole_number(text, 0, UINT64_MAX);
  return n ? std::optional(Height(*n)) : std::nullopt;
}

const FlagForm kNetworkForm{"the name of a network", client::valid_network_name};
const FlagForm kAccountForm{"the name of an account", ledger::valid_account_name};
const FlagForm kNodeForm{"the name of a node or its URL (https://, or http:// on this machine)", fits_node};
const FlagForm kDurationForm{"a duration, like 5s, 200ms or 1y", [](std::string_view text) { return parse_duration(text).has_value(); }};
const FlagForm kHeightForm{"a block height", [](std::string_view text) { return parse_height(text).has_value(); }};
const FlagForm kDescriptorForm{"the number of a descriptor", fits_descriptor};
const FlagForm kPermissionForm{"the name of a permission", ledger::valid_account_name};
const FlagForm kSuiteForm{"pq or classic", [](std::string_view text) { return text == "pq" || text == "classic"; }};
const FlagForm kKdfForm{"argon2id or pbkdf2", [](std::string_view text) { return text == "argon2id" || text == "pbkdf2"; }};
const FlagForm kPortForm{"a number from 1024 to 65533", [](std::string_view text) { return whole_number(text, 1024, 65'533).has_value(); }};
const FlagForm kValidatorsForm{"a number from 1 to 64",
                               [](std::string_view text) { return whole_number(text, 1, kMaxLocalValidators).has_value(); }};
const FlagForm kGasForm{"a number", [](std::string_view text) { return whole_number(text, 0, UINT64_MAX).has_value(); }};
const FlagForm kCreditsForm{"an amount of credits, like 12.5", [](std::string_view text) { return parse_credits(text).has_value(); }};

}  // namespace dos::cli
