# The Smart Contract Kernel: modules/<name>/*.cpp -> build/modules/<name>.wasm, by clang for wasm32, freestanding but for
# libc++'s headers and archive. A module imports host functions of namespace "dos" only: what would pull in WASI fails to link.

add_custom_target(dos_modules ALL)

find_program(DOS_WASM_CLANG NAMES clang++-19 REQUIRED)
find_program(DOS_WASM_LD NAMES wasm-ld-19 REQUIRED)
set(wasm_cxx_headers /usr/lib/llvm-19/include/wasm32-wasi/c++/v1)
if(NOT EXISTS "${wasm_cxx_headers}/vector")
  message(FATAL_ERROR "libc++ for wasm32 is not installed (Debian: libc++-19-dev-wasm32)")
endif()

# For speed: a call's cost is instructions of the guest and the memory that is written over after it. So copies are the engine's
# own (bulk memory), and an instance begins with one page: 32 KiB of stack, the data, the heap's first bytes; more is grown.
set(DOS_WASM_COMPILE
  --target=wasm32-wasi -std=c++23 -O2 -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections -fdata-sections
  -fvisibility=hidden -nostdlib -nostdinc++ -isystem ${wasm_cxx_headers} -isystem /usr/include/wasm32-wasi -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_NONE
  -mcpu=mvp -mmutable-globals -msign-ext -mbulk-memory -ffreestanding -fbuiltin -Wall -Wextra -Werror -Wno-missing-field-initializers -Wno-missing-designated-field-initializers -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -I${PROJECT_SOURCE_DIR}/src -I${PROJECT_SOURCE_DIR})
set(DOS_WASM_LINK
  -Wl,--no-entry -fuse-ld=${DOS_WASM_LD} -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first -Wl,-z,stack-size=32768
  -Wl,--initial-memory=65536 -Wl,--max-memory=8388608 -Wl,--fatal-warnings)
set(DOS_WASM_LIBS /usr/lib/llvm-19/lib/wasm32-wasi/libc++.a)
set(DOS_WASM_SHARED src/codec/utf8.cpp src/ledger/account.cpp src/ledger/account_name.cpp)  # sources that host and guests share

function(dos_wasm_object out source)
  file(RELATIVE_PATH rel "${PROJECT_SOURCE_DIR}" "${source}")
  set(object "${CMAKE_BINARY_DIR}/wasm/${rel}.o")
  get_filename_component(folder "${object}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(OUTPUT "${object}"
    COMMAND ${DOS_WASM_LAUNCHER} ${DOS_WASM_CLANG} ${DOS_WASM_COMPILE} -MD -MF "${object}.d" -c "${source}" -o "${object}"
    DEPENDS "${source}" DEPFILE "${object}.d" COMMENT "wasm ${rel}" VERBATIM)
  set(${out} "${object}" PARENT_SCOPE)
endfunction()

set(DOS_WASM_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
file(GLOB guest_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/sdk/cpp/*.cpp")
list(FILTER guest_sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
set(guest_objects "")
foreach(shared IN LISTS DOS_WASM_SHARED)
  list(APPEND guest_sources "${PROJECT_SOURCE_DIR}/${shared}")
endforeach()
foreach(source IN LISTS guest_sources)
  dos_wasm_object(object "${source}")
  list(APPEND guest_objects "${object}")
endforeach()

# FOLDER's sources -> OUT/NAME.wasm; nothing where there are none.
function(dos_wasm_module folder name out)
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
  if(NOT sources)
    return()
  endif()
  set(objects ${guest_objects})
  foreach(source IN LISTS sources)
    dos_wasm_object(object "${source}")
    list(APPEND objects "${object}")
  endforeach()
  set(wasm "${out}/${name}.wasm")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(OUTPUT "${wasm}"
    COMMAND ${DOS_WASM_CLANG} --target=wasm32-wasi -nostdlib ${DOS_WASM_LINK} ${objects} ${DOS_WASM_LIBS} -o "${wasm}"
    DEPENDS ${objects} COMMENT "wasm modules/${name}.wasm" VERBATIM)
  add_custom_target(module_${name} DEPENDS "${wasm}")
endfunction()

file(GLOB module_folders LIST_DIRECTORIES true CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/modules/*")
list(FILTER module_folders EXCLUDE REGEX "/tests$")  # host-side tests, no guest
set(DOS_MODULE_NAMES "")
foreach(folder IN LISTS module_folders)
  if(IS_DIRECTORY "${folder}")
    get_filename_component(name "${folder}" NAME)
    dos_wasm_module("${folder}" "${name}" "${CMAKE_BINARY_DIR}/modules")
    if(TARGET module_${name})
      add_dependencies(dos_modules module_${name})
      list(APPEND DOS_MODULE_NAMES "${name}")
    endif()
  endif()
endforeach()

# For whoever needs the tables of all (src/syscalls): one header that includes every module's calls.
file(GLOB module_calls RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/modules/*/calls.hpp")
set(all_calls "#pragma once\n")
foreach(header IN LISTS module_calls)
  string(APPEND all_calls "#include \"${header}\"\n")
endforeach()
file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/generated/modules/all_calls.hpp" CONTENT "${all_calls}")
# And what a node does natively for them, of those that have such rules.
file(GLOB module_rules RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/modules/*/rules.hpp")
set(all_rules "#pragma once\n")
set(with_rules "#define DOS_MODULES_WITH_RULES(X)")
foreach(header IN LISTS module_rules)
  string(APPEND all_rules "#include \"${header}\"\n")
  string(REGEX REPLACE "^modules/(.*)/rules.hpp$" " X(\\1)" row "${header}")
  string(APPEND with_rules "${row}")
endforeach()
string(APPEND all_rules "${with_rules}\n")
file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/generated/modules/all_rules.hpp" CONTENT "${all_rules}")

# The modules' tests run the .wasm files through the kernel; layers.cmake, which makes it, is read after this file.
function(dos_modules_test)
  if(NOT DOS_BUILD_TESTS OR NOT TARGET dos_kernel)
    return()
  endif()
  file(GLOB tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/modules/tests/*.cpp" "${PROJECT_SOURCE_DIR}/modules/*/*_test.cpp")
  add_executable(modules_test ${tests})
  target_link_libraries(modules_test PRIVATE dos_kernel dos_syscalls dos_fakes dos_vm dos_ledger dos_crypto dos::flags GTest::gtest GTest::gtest_main)
  target_compile_definitions(modules_test PRIVATE DOS_TEST_MODULES="${CMAKE_BINARY_DIR}/modules" DOS_TEST_SOURCE="${PROJECT_SOURCE_DIR}")
  set_target_properties(modules_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_dependencies(modules_test dos_modules)
  add_test(NAME modules_test COMMAND modules_test)
  set_tests_properties(modules_test PROPERTIES LABELS "unit;modules" TIMEOUT 900)
endfunction()
cmake_language(DEFER CALL dos_modules_test)
