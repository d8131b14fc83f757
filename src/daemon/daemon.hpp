// The program dosd: reads flags and configuration, holds the data folder's lock, runs the node until it is told to stop.
#pragma once

namespace dos::daemon {

int dosd_main(int argc, char** argv);  // the exit code

}  // namespace dos::daemon
