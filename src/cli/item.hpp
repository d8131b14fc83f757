// One file or folder as listings and `stat` show it.
#pragma once
#include "cli/run.hpp"

namespace dos::cli {

struct ItemContext {
  const std::vector<client::Folder>* folders = nullptr;  // of the directory that holds it, root first, with rings
  std::string parent;                                    // "/home/me"
};
Json item_json(Run& run, const ItemContext& where, const client::Entry& entry);
void item_row(Output& out, const Json& item, bool long_form);
std::string hash_text(const Hash& hash);  // "b3:..."

}  // namespace dos::cli
