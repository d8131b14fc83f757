#include "apps/standard_files.hpp"
#include "cli/run.hpp"

int main(int argc, char** argv) {
  dos::prepare_standard_files();
  return dos::cli::run_program(argc, argv);
}
