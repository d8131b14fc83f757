// What the value of a flag must look like. Judged when the line is read (check_line), also where the command would not look at it: a slip
// is told, and told before anything is done.
#pragma once
#include <optional>
#include <string_view>

#include "base/ids.hpp"

namespace dos::cli {

struct FlagForm {
  const char* what;  // "--at takes WHAT, not '...'"
  bool (*fits)(std::string_view text);
};
extern const FlagForm kNetworkForm, kAccountForm, kNodeForm, kDurationForm, kHeightForm, kDescriptorForm, kPermissionForm, kSuiteForm,
    kKdfForm, kPortForm, kValidatorsForm, kGasForm, kCreditsForm;

std::optional<Height> parse_height(std::string_view text);  // "12" or "#12"

}  // namespace dos::cli
