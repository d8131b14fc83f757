// What a signal that ends this process (Ctrl-C, SIGTERM, SIGHUP of a closed terminal) finds to be done first: words to be said, a
// terminal to be given back. All of it is made before; the handler only writes, restores and ends. While nothing is armed no signal is
// caught, and one that whoever started the process lets it ignore (nohup) stays ignored.
#pragma once
#include <termios.h>

#include <optional>
#include <string>

namespace dos::client {

struct LastWords {
  std::string out, err;          // for standard output; for standard error, if `out` is empty or cannot be written
  std::optional<int> exit_code;  // none: it dies by the signal
};

// In the place of those before: a signal finds the old ones or the new ones, whole.
void arm_last_words(LastWords words);
void disarm_last_words();
// The command is about to say by itself what they say, and to end: from here on these signals wait, so that it is said once. Words
// without an exit code stay armed.
void say_last_words_instead();

// A terminal whose settings this process changed, while it has them changed.
void arm_terminal(int fd, const termios& before);
void disarm_terminal();

}  // namespace dos::client
