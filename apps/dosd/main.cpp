#include "apps/standard_files.hpp"
#include "daemon/daemon.hpp"

// The allocator's settings (jemalloc reads this name; another ignores it): what a burst of large requests took goes back to the system
// within about a second, also when nothing more is asked.
extern "C" const char* malloc_conf;
const char* malloc_conf = "dirty_decay_ms:1000,background_thread:true";

int main(int argc, char** argv) {
  dos::prepare_standard_files();
  return dos::daemon::dosd_main(argc, argv);
}
