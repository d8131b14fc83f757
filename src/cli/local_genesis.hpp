#pragma once
#include "client/home/places.hpp"
#include "client/trust/network.hpp"

namespace dos::cli {

struct PlannedValidator {
  std::string name;     // "v1"
  std::string address;  // host:port of its listener for other validators
};

// Draws the validators' keys (files 0600 below `folder`/vK/keys) and those of the development identities (the network's keys folder).
Result<ledger::Genesis> make_local_genesis(const client::Places& places, const std::string& network, const std::filesystem::path& folder,
                                           const std::filesystem::path& modules, crypto::Suite suite,
                                           const std::vector<PlannedValidator>& validators);

}  // namespace dos::cli
