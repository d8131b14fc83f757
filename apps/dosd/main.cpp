#include "node/daemon.hpp"

int main(int argc, char** argv) { return dos::node::dosd_main(argc, argv); }
