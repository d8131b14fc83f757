// The module `fs` (modules/fs/fs.md): files, directories, their revisions, rights and folder keys.
#include "modules/fs/bodies.hpp"
#include "modules/fs/calls.hpp"

namespace dos::guest {

void dispatch(std::uint32_t number) {
  on<fs::Mkdir>(number, fs::kMkdir, "the arguments of fs.mkdir", fs::mkdir) ||
      on<fs::Rmdir>(number, fs::kRmdir, "the arguments of fs.rmdir", fs::rmdir) ||
      on<fs::Create>(number, fs::kCreate, "the arguments of fs.create", fs::create) ||
      on<fs::Write>(number, fs::kWriteCall, "the arguments of fs.write", fs::write) ||
      on<fs::Remove>(number, fs::kRemove, "the arguments of fs.delete", fs::remove) ||
      on<fs::Chmod>(number, fs::kChmod, "the arguments of fs.chmod", fs::chmod) ||
      on<fs::Rename>(number, fs::kRename, "the arguments of fs.rename", fs::rename) ||
      on<fs::Undelete>(number, fs::kUndelete, "the arguments of fs.undelete", fs::undelete) ||
      on<fs::Ring>(number, fs::kRing, "the arguments of fs.ring", fs::ring) ||
      on<fs::Fold>(number, fs::kFold, "the arguments of fs.fold", fs::fold) ||
      on<fs::Home>(number, fs::kHome, "the arguments of fs.home", fs::home) ||
      (refuse(Errc::no_such_call, {"fs has no call ", number}), true);
}
Bytes table() { return encoded_rows(fs::kCalls); }

}  // namespace dos::guest
