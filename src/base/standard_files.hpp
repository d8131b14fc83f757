// What a program does before anything else, so that its streams are its streams and a failed write is an error like any.
#pragma once

namespace dos {

// Of descriptors 0 to 2, those that are closed are opened on /dev/null in the direction that they are not used in: what reads or writes
// them fails as before, and no file, socket or pipe of this program takes their numbers. A pipe without a reader and a file that may not
// grow are errors of the write (SIGPIPE, SIGXFSZ), and not the end of the process.
void prepare_standard_files();

}  // namespace dos
