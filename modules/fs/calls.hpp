// The call table of the module `fs`: one row a system call (ledger/call_table.hpp explains the columns).
#pragma once
#include "ledger/call_rows.hpp"
#include "modules/fs/formats.hpp"

namespace dos::fs {

// Beside what the template says, a call reads 'd' objects from the entry's directory upward until one grants the right.
// clang-format off
#define DOS_FS_CALLS(X)                                                                                                                                     \
  X(0x39, kMkdir, Mkdir, mkdir, "mkdir", "dir:id name:str salt:hash ring:opt<struct RingEpoch>", "id:id", "w on the folder",                                \
    "absent 'e' {dir} {name}; absent 'd' {new}; absent 'k' {new} {1}; read 'd' {dir}", 1'000'000, "new directory", "Makes a directory.")                    \
  X(0x3A, kRmdir, Rmdir, rmdir, "rmdir", "dir:id name:str", "", "d on the folder",                                                                          \
    "exact 'e' {dir} {name}; exact 'd' {id}; range 'e' {id}; absent 't' {dir} {name} 0 {version}; read 'd' {dir}", 1'000'000, "entry removed",              \
    "Removes an empty directory.")                                                                                                                          \
  X(0x3C, kCreate, Create, create, "create", "dir:id name:str salt:hash op:u8 content:struct Content source:opt<struct Source> paid_until:time", "id:id",   \
    "w on the folder", "absent 'e' {dir} {name}; absent 'i' {new}; absent 'r' {new} {1}; read 'r' {source}; read 'd' {dir}", 1'000'000, "new file",         \
    "Makes a file with its first revision.")                                                                                                                \
  X(0x40, kWriteCall, Write, write, "write", "dir:id name:str base:u32 op:u8 content:struct Content source:opt<struct Source> paid_until:time",             \
    "revision:u32", "w on the file or folder", "exact 'e' {dir} {name}; absent 'r' {id} {base+1}; read 'r' {source}; read 'd' {dir}", 1'000'000,            \
    "new file revision", "Writes the next revision of a file.")                                                                                             \
  X(0x41, kRemove, Remove, remove, "delete", "dir:id name:str", "", "d on the file or folder",                                                              \
    "exact 'e' {dir} {name}; absent 't' {dir} {name} 0 {version}; read 'd' {dir}", 1'000'000, "entry removed",                                              \
    "Removes a file; its revisions stay until they expire.")                                                                                                \
  X(0x43, kChmod, Chmod, chmod, "chmod", "dir:id name:str who:name rights:u8 seal:bytes", "", "a on the file or folder",                                    \
    "exact 'e' {dir} {name}; exact 'd' {id}; exact 'r' {id} {revision}; read id. 'a' {who}; read 'd' {dir}", 1'000'000, "grants changed",                   \
    "Gives or takes rights on a file or folder.")                                                                                                           \
  X(0x56, kRename, Rename, rename, "rename", "dir:id name:str to_dir:id to_name:str rewrapped:opt<struct Content>", "",                                     \
    "d on the old place, w on the new; with rewrapped w on the old too",                                                                                    \
    "exact 'e' {dir} {name}; absent 'e' {to_dir} {to_name}; exact 'd' {id}; exact 'r' {id} {revision}; read 'd' {dir}; read 'd' {to_dir}", 1'000'000,       \
    "entry moved", "Moves or renames a file or directory of any size.")                                                                                     \
  X(0x8C, kUndelete, Undelete, undelete, "undelete", "dir:id name:str version:u64", "", "w on the folder",                                                  \
    "exact 't' {dir} {name} 0 {version}; absent 'e' {dir} {name}; absent 'd' {id}; read 'd' {dir}", 1'000'000, "entry back",                                \
    "Brings a removed file or directory back.")                                                                                                             \
  X(0x8D, kRing, Ring, ring, "ring", "dir:id epoch:u32 ring:struct RingEpoch", "", "a on the folder; r and w for the next epoch",                           \
    "latest 'k' {dir} {epoch}; absent 'k' {dir} {epoch}; read 'k' {dir} {epoch-1}; read 'd' {dir}", 1'000'000, "folder key",                                \
    "Sets the envelopes of a folder key, or starts its next epoch.")                                                                                        \
  X(0x8F, kFold, Fold, fold, "fold", "dir:id epoch:u32", "", "a on the folder", "latest_range 'k' {dir}; read 'd' {dir}", 4'000'000,                        \
    "folder keys removed", "Removes the keys of a folder from that epoch on, at most 64.")                                                                  \
  X(0x8E, kHome, Home, home, "home", "account:name ring:struct RingEpoch", "id:id", "the account itself",                                                   \
    "absent 'e' {home} {account}; absent 'd' {new}; absent 'k' {new} {1}; read id. 'a' {account}", 1'000'000, "home directory",                             \
    "Makes the home directory of a new account.")
// clang-format on

DOS_CALL_TABLE(DOS_FS_CALLS);

inline constexpr ledger::RecordSpec kRecords[] = {
    {"Content", "where:one<inline:bytes|blob:struct BlobRef> commit:hash public:bool bytes:u64 sealed_size:bytes seal:bytes"},
    {"BlobRef", "root:hash bytes:u64"},
    {"Source", "file:id revision:u32"},
    {"RingEpoch",
     "parent_epoch:u32 under_parent:bytes envelopes:list<struct Envelope> parent:id prior:bytes prior_epoch:u32 commitment:hash"},
    {"Envelope", "account:name key_epoch:u32 box:bytes"},
};

}  // namespace dos::fs
