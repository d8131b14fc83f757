# Third-party targets. From crates (pinned by lock files, built once outside the checkout by third_party/build.sh):
# dos::aws_crypto dos::aws_ssl dos::blake3 dos::wasmtime. From Debian: the others.
# AWS-LC's headers are named openssl/* like Debian's OpenSSL. They come first wherever they are used, and nothing of ours
# links Debian's libssl or libcrypto; --exclude-libs keeps AWS-LC's symbols out of the dynamic table.

# When what they are made from changed, a build configures again, and has another folder.
file(GLOB made_from CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/third_party/build.sh" "${PROJECT_SOURCE_DIR}/third_party/sources/Cargo.*"
     "${PROJECT_SOURCE_DIR}/third_party/sources/src/*" "${PROJECT_SOURCE_DIR}/bridge/Cargo.*" "${PROJECT_SOURCE_DIR}/bridge/src/*")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${made_from})
execute_process(
  COMMAND "${PROJECT_SOURCE_DIR}/third_party/build.sh" --prefixes
  OUTPUT_VARIABLE prefixes RESULT_VARIABLE failed)
if(NOT failed EQUAL 0)
  message(FATAL_ERROR "third_party/build.sh failed; see above")
endif()
list(GET prefixes 0 DOS_AWS_LC)
list(GET prefixes 1 DOS_BLAKE3)
list(GET prefixes 2 DOS_BRIDGE)

find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)

function(dos_static name file include)
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${file}" INTERFACE_INCLUDE_DIRECTORIES "${include}"
                                           INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${include}")
endfunction()
dos_static(dos::aws_crypto "${DOS_AWS_LC}/lib/libdos_aws_crypto.a" "${DOS_AWS_LC}/include")
target_link_libraries(dos::aws_crypto INTERFACE Threads::Threads)
dos_static(dos::aws_ssl "${DOS_AWS_LC}/lib/libdos_aws_ssl.a" "${DOS_AWS_LC}/include")
target_link_libraries(dos::aws_ssl INTERFACE dos::aws_crypto)
dos_static(dos::blake3 "${DOS_BLAKE3}/lib/libdos_blake3.a" "${DOS_BLAKE3}/include")
dos_static(dos::wasmtime "${DOS_BRIDGE}/lib/libdos_bridge.a" "${DOS_BRIDGE}/include")
target_link_libraries(dos::wasmtime INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)

function(dos_system name header library)
  find_path(DOS_${name}_INCLUDE "${header}" REQUIRED)
  find_library(DOS_${name}_LIBRARY "${library}" REQUIRED)
  add_library(dos::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(dos::${name} PROPERTIES IMPORTED_LOCATION "${DOS_${name}_LIBRARY}")
endfunction()
dos_system(argon2 argon2.h argon2)
dos_system(utf8proc utf8proc.h utf8proc)
dos_system(rocksdb rocksdb/db.h rocksdb)

# The daemon's allocator: buffers of kilobytes are made on one thread and freed on another, thousands a second, which is where
# the system's is slow. Shared, so that every library of the process uses the same one. Sanitizers bring their own.
add_library(dos_allocator INTERFACE)
find_library(DOS_JEMALLOC_LIBRARY jemalloc)
if(DOS_JEMALLOC_LIBRARY AND NOT DOS_SANITIZE AND NOT DOS_TSAN)
  target_link_libraries(dos_allocator INTERFACE -Wl,--no-as-needed "${DOS_JEMALLOC_LIBRARY}" -Wl,--as-needed)
elseif(NOT DOS_JEMALLOC_LIBRARY)
  message(STATUS "libjemalloc is not installed: the daemon uses the system's allocator and is slower")
endif()
add_library(dos::allocator ALIAS dos_allocator)

add_library(dos_boost INTERFACE)  # headers only: Asio and Beast
target_compile_definitions(dos_boost INTERFACE BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(dos_boost INTERFACE Threads::Threads)
add_library(dos::boost ALIAS dos_boost)
add_library(dos_spdlog INTERFACE)
target_link_libraries(dos_spdlog INTERFACE spdlog::spdlog)
add_library(dos::spdlog ALIAS dos_spdlog)
add_library(dos_json INTERFACE)
target_link_libraries(dos_json INTERFACE nlohmann_json::nlohmann_json)
add_library(dos::json ALIAS dos_json)
add_library(dos_toml INTERFACE)
target_link_libraries(dos_toml INTERFACE tomlplusplus::tomlplusplus)
add_library(dos::toml ALIAS dos_toml)
