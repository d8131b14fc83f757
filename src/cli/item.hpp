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

// The transactions that wrote versions: the block that a version names has the receipt at the place that it names. What contradicts
// the proved version is an error; a block that nobody shows leaves null and is warned of, once for all of a command.
class Writers {
 public:
  Writers(Run& run, client::Session& session) : run_(run), session_(session) {}
  Result<Json> of(Version version);  // "tx:...", null: none, genesis wrote it, or not shown
 private:
  Run& run_;
  client::Session& session_;
  std::optional<ledger::BlockAnswer> block_;  // asked last
  bool gave_up_ = false;
};
std::string hash_text(const Hash& hash);  // "b3:..."

}  // namespace dos::cli
