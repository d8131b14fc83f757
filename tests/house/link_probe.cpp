// Empty on purpose: the link tests (cmake/build_rules.cmake) link one layer's whole archive against what its row allows.
