# Every dependency is looked for on the system first and downloaded only when it is not there.
# GLOBAL: a project that adds this one as a subdirectory sees the targets too.
include(FetchContent)

find_package(Threads REQUIRED GLOBAL)

# No version is asked for: xsimd's package file accepts only its own major version, and 8.1 and all later serve.
FetchContent_Declare(
    xsimd SYSTEM
    GIT_REPOSITORY https://github.com/xtensor-stack/xsimd.git
    GIT_TAG 13.0.0
    FIND_PACKAGE_ARGS GLOBAL)
FetchContent_MakeAvailable(xsimd)
if(DEFINED xsimd_VERSION AND xsimd_VERSION VERSION_LESS 8.1)
    message(FATAL_ERROR "tapegrad needs xsimd 8.1 or newer; found ${xsimd_VERSION} in ${xsimd_DIR}")
endif()

# Without it the library is whole but for io/: it is downloaded only for our own programs, which have files.
find_package(nlohmann_json 3.11 QUIET GLOBAL)
if(NOT nlohmann_json_FOUND AND (TAPEGRAD_BUILD_TESTS OR TAPEGRAD_BUILD_BENCH OR TAPEGRAD_BUILD_EXAMPLES))
    set(JSON_Install ON CACHE BOOL "" FORCE)
    FetchContent_Declare(
        nlohmann_json SYSTEM
        GIT_REPOSITORY https://github.com/nlohmann/json.git
        GIT_TAG v3.11.2)
    FetchContent_MakeAvailable(nlohmann_json)
endif()

# Compressed files and pictures: only where they are installed.
find_package(ZLIB QUIET GLOBAL)
find_package(PNG QUIET GLOBAL)
