// Why and when the daemon has to stop. One for the process: a signal handler may only write to a descriptor.
#pragma once
#include "base/result.hpp"

namespace dos::daemon {

enum class StopReason : char { asked = 's', halted = 'h' };

Status listen_for_signals();      // SIGTERM and SIGINT ask from now on; host_io. Before any of the other two
void ask_to_stop(StopReason why);  // from any thread
StopReason wait_for_stop();       // the first that was asked

}  // namespace dos::daemon
