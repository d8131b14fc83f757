// The bodies of the calls, one a row of calls.hpp, and what they share.
#pragma once
#include "modules/fs/rights.hpp"

namespace dos::fs {

void mkdir(const Mkdir&);
void rmdir(const Rmdir&);
void create(const Create&);
void write(const Write&);
void remove(const Remove&);
void chmod(const Chmod&);
void rename(const Rename&);
void undelete(const Undelete&);
void ring(const Ring&);
void fold(const Fold&);
void home(const Home&);

// First 16 bytes of H(kFsId, BCS(account, salt)).
Id new_id(const std::string& account, const Hash& salt);
void move_to_removed(const Id& dir, const std::string& name, const EntryAt& entry);
void reseal_present(const EntryMeta& meta, const Bytes& seal, const Content* whole, const std::string& name);

}  // namespace dos::fs
