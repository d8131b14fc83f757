// JSON of proved objects: the raw fields always, and what is known of the kernel's and system modules' formats. Internal.
#pragma once
#include "api/json_parts.hpp"

namespace dos::api {

Json view_object(const proof::Leaf& leaf, const std::optional<Bytes>& data);
Json view_range(const proof::View::Range& range);  // items, complete, next
Bytes inbox_prefix(std::string_view account);

// Resolves `item.components` from the proved records alone; not_found names the component that is proved absent.
Result<Json> view_path(const proof::View& view, const ledger::PathItem& item, bool list, bool versions);

}  // namespace dos::api
