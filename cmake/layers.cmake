# The layer table: who may include and link whom. Data: CMake links by it, tests/house/layers_check.py reads the same rows
# and refuses a forbidden #include, and the link tests prove that a library needs nothing outside its row.
#   dos_layer(<name> USES <layers it may use> LIBS <third-party targets its .cpp files use>
#             [FOLDER <where it lies, if not src/<name>>] [TESTS_USE <layers that only its tests and fuzz targets may use>]
#             [RUNS_MODULES: its tests run the modules as they are shipped])
#   dos_app(<name> USES <layers> LIBS <third-party targets>)
# Rows stand in order: a layer uses only rows above it. `modules/<name>/*.hpp` (call tables, formats, rules) may be included by the layers that
# tests/house/layers_check.py names.

dos_layer(base      USES LIBS)
dos_layer(codec     USES base LIBS)
dos_layer(abi       USES LIBS)
dos_layer(crypto    USES base codec LIBS dos::aws_crypto dos::blake3 dos::argon2)
dos_layer(proof     USES base codec crypto LIBS)
dos_layer(ledger    USES base codec crypto proof LIBS)
dos_layer(syscalls  USES base codec abi crypto proof ledger LIBS)
target_include_directories(dos_syscalls PRIVATE "${CMAKE_BINARY_DIR}/generated")  # modules/all_calls.hpp
dos_layer(fakes     USES base codec crypto LIBS)
dos_layer(store     USES base codec crypto proof LIBS TESTS_USE fakes)
dos_layer(vm        USES base codec abi crypto LIBS dos::wasmtime)
dos_layer(kernel    USES base codec abi crypto proof ledger store vm LIBS TESTS_USE fakes syscalls RUNS_MODULES)
dos_layer(verify    USES base codec crypto proof ledger LIBS FOLDER src/consensus/verify)  # judges finality without an engine: clients link it
dos_layer(consensus USES base codec crypto proof ledger verify LIBS)
dos_layer(net       USES base codec crypto proof ledger verify consensus LIBS)
dos_layer(os        USES base LIBS dos::boost)
dos_layer(chain     USES base codec abi crypto proof ledger store vm kernel verify consensus LIBS TESTS_USE fakes syscalls os RUNS_MODULES)
dos_layer(replica   USES base codec abi crypto proof ledger store vm kernel verify consensus net chain LIBS TESTS_USE syscalls os RUNS_MODULES)
dos_layer(client    USES base codec crypto proof ledger verify LIBS dos::boost dos::aws_ssl dos::aws_crypto dos::utf8proc dos::json RUNS_MODULES)
dos_layer(api       USES base codec crypto proof ledger LIBS dos::json RUNS_MODULES)
dos_layer(serve     USES base codec crypto proof ledger os api LIBS dos::boost dos::aws_ssl dos::aws_crypto dos::json)
dos_layer(links     USES base codec crypto proof ledger os api serve LIBS dos::boost dos::aws_ssl dos::aws_crypto)
dos_layer(node      USES base codec abi crypto proof ledger store vm kernel verify consensus net os chain replica api serve links
                    LIBS dos::aws_ssl dos::json TESTS_USE syscalls RUNS_MODULES)
dos_layer(daemon    USES base codec abi crypto proof ledger syscalls store vm kernel verify consensus net os chain replica api serve links node
                    LIBS dos::spdlog dos::toml dos::json RUNS_MODULES)
dos_layer(sim       USES base codec abi crypto fakes proof ledger syscalls store vm kernel verify consensus net os chain replica LIBS FOLDER sim RUNS_MODULES)
dos_layer(cli       USES base codec abi crypto proof ledger syscalls verify client LIBS dos::json RUNS_MODULES)

# Executables: apps/<name>/*.cpp -> build/bin/<name>.
dos_app(dosd      USES daemon LIBS dos::allocator)
dos_app(dos       USES cli)
dos_app(dos-bench USES node cli LIBS dos::boost dos::json dos::rocksdb)
dos_app(dos-sim   USES sim)

add_custom_target(dos_apps)
foreach(app IN ITEMS dosd dos dos-bench dos_modules)
  if(TARGET ${app})
    add_dependencies(dos_apps ${app})
  endif()
endforeach()

# Pinned formats: fixtures that only ./dev bless changes.
dos_cross_test(conformance base codec crypto proof ledger syscalls fakes store consensus net client)
set_source_files_properties("${PROJECT_SOURCE_DIR}/tests/conformance/tables_modules.cpp"
                            PROPERTIES INCLUDE_DIRECTORIES "${CMAKE_BINARY_DIR}/generated")  # modules/all_calls.hpp
# Executable models of the voting rules and of the object log: exhaustive where small, random walks beyond.
dos_cross_test(model base codec crypto proof ledger consensus)
if(DOS_BUILD_TESTS)
  add_test(NAME second_client_fixtures COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/second_client/fixtures.py")
  set_tests_properties(second_client_fixtures PROPERTIES LABELS "unit;conformance")
  add_test(NAME store_model COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/model/store_model.py")
  set_tests_properties(store_model PROPERTIES LABELS "unit;model" TIMEOUT 900)
endif()

# The daemon's tests start and kill real ones.
if(TARGET daemon_test AND TARGET dosd)
  add_dependencies(daemon_test dosd)
endif()
