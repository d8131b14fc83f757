// The tour: real files of this machine, put, listed, changed, shared, proved; ends with one screen of figures.
#pragma once
#include "cli/run.hpp"

namespace dos::cli {

Status tour(Run& run);

}  // namespace dos::cli
