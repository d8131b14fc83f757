#pragma once
#include "client/network.hpp"
#include "client/places.hpp"

namespace dos::cli {

// Draws the keys of v1 (files 0600 below `folder`/v1/keys) and of the development identities (the network's keys folder).
Result<ledger::Genesis> make_local_genesis(const client::Places& places, const std::string& network, const std::filesystem::path& folder,
                                           const std::filesystem::path& modules, crypto::Suite suite);

}  // namespace dos::cli
