# A module that is a folder and a row: tests/demo/module as modules/demo, in a copy of the list that only the targets below see. They are
# what expands the list (src/syscalls), the command line with it, the module's tests, and a folder to run it all from. Nothing else differs.

set(demo "${CMAKE_BINARY_DIR}/demo")
file(READ "${PROJECT_SOURCE_DIR}/modules/system.hpp" list)
string(FIND "${list}" "#define DOS_SYSTEM_MODULES(X)" at)
if(at EQUAL -1)
  message(FATAL_ERROR "modules/system.hpp has no DOS_SYSTEM_MODULES")
endif()
string(REGEX REPLACE "(#define DOS_SYSTEM_MODULES\\(X\\)[^\n]*\n)" "\\1  X(90, demo) \\\\\n" list "${list}")
file(GENERATE OUTPUT "${demo}/include/modules/system.hpp" CONTENT "${list}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/modules/system.hpp")
file(GENERATE OUTPUT "${demo}/include/modules/all_calls.hpp" CONTENT "${all_calls}#include \"modules/demo/calls.hpp\"\n")
file(GLOB files RELATIVE "${PROJECT_SOURCE_DIR}/tests/demo/module" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/demo/module/*")
foreach(file IN LISTS files)
  configure_file("${PROJECT_SOURCE_DIR}/tests/demo/module/${file}" "${demo}/include/modules/demo/${file}" COPYONLY)
endforeach()
file(GENERATE OUTPUT "${demo}/include/modules/all_rules.hpp" CONTENT "${all_rules}")  # it has none of its own

set(DOS_WASM_COMPILE -I${demo}/include ${DOS_WASM_COMPILE})
dos_wasm_module("${demo}/include/modules/demo" demo "${demo}/modules")
add_custom_target(demo_modules DEPENDS "${demo}/modules/demo.wasm")
foreach(name IN LISTS DOS_MODULE_NAMES)
  add_custom_command(TARGET demo_modules POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${CMAKE_BINARY_DIR}/modules/${name}.wasm" "${demo}/modules/${name}.wasm" VERBATIM)
endforeach()
add_dependencies(demo_modules dos_modules)

add_executable(demo_dos "${PROJECT_SOURCE_DIR}/apps/dos/main.cpp" "${PROJECT_SOURCE_DIR}/src/syscalls/syscalls.cpp")
target_include_directories(demo_dos BEFORE PRIVATE "${demo}/include")
target_link_libraries(demo_dos PRIVATE dos_cli dos::flags)
set_target_properties(demo_dos PROPERTIES OUTPUT_NAME dos RUNTIME_OUTPUT_DIRECTORY "${demo}/bin")
add_custom_command(TARGET demo_dos POST_BUILD
  COMMAND "${CMAKE_COMMAND}" -E create_symlink "$<TARGET_FILE:dosd>" "${demo}/bin/dosd" VERBATIM)
add_dependencies(demo_dos demo_modules dosd)

add_executable(demo_test "${PROJECT_SOURCE_DIR}/tests/demo/added_test.cpp" "${demo}/include/modules/demo/demo_test.cpp"
                         "${PROJECT_SOURCE_DIR}/modules/tests/machine.cpp" "${PROJECT_SOURCE_DIR}/src/syscalls/syscalls.cpp"
                         "${PROJECT_SOURCE_DIR}/src/syscalls/rules.cpp")
target_include_directories(demo_test BEFORE PRIVATE "${demo}/include")
target_link_libraries(demo_test PRIVATE dos_kernel dos_ledger dos::flags GTest::gtest GTest::gtest_main)
target_compile_definitions(demo_test PRIVATE DOS_TEST_MODULES="${demo}/modules" DOS_TEST_SOURCE="${PROJECT_SOURCE_DIR}")
set_target_properties(demo_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
add_dependencies(demo_test demo_modules)
add_test(NAME demo_test COMMAND demo_test)
set_tests_properties(demo_test PROPERTIES LABELS "unit;modules" TIMEOUT 900)
