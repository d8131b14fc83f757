// Problem documents (RFC 9457), made from the error table.
#pragma once
#include "api/http.hpp"

namespace dos::api {

// What every answer says to a browser, a refusal that no route made too. Once.
void harden(Response& response);
Response problem(const Error& error, std::string_view instance = {});
Response problem(int status, const Error& error, std::string_view instance = {});
const ErrorRow* find_error(std::string_view name);  // "DOS-E0404", "E0404" or "404"; nullptr if there is none

}  // namespace dos::api
