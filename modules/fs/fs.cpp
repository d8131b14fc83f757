// The module `fs` (modules/fs/fs.md): files, directories, their revisions, rights and folder keys.
#include "modules/fs/bodies.hpp"
#include "modules/fs/calls.hpp"

#define DOS_MODULE fs
DOS_DISPATCH(DOS_FS_CALLS)
