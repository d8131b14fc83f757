// The same as JSON values, to be put together. Internal to api/.
#pragma once
#include <nlohmann/json.hpp>

#include "api/json_views.hpp"

namespace dos::api {

using Json = nlohmann::ordered_json;
Json view(const ledger::Anchor& anchor);
Json view(const ledger::Receipt& receipt);
Json u64(std::uint64_t v);
Json credits(Credits c);  // decimal credits
std::string dump(const Json& j);

}  // namespace dos::api
