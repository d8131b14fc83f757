#include <csignal>

#include "cli/run.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write, not the end of the process
  return dos::cli::run_program(argc, argv);
}
