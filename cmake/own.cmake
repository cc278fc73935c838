# What our own tests, benchmarks and examples are compiled with. None of it reaches a user of the library.
set(TAPEGRAD_MARCH native CACHE STRING "-march of our own programs; empty for the compiler's default")

add_library(tapegrad_own INTERFACE)
target_link_libraries(tapegrad_own INTERFACE tapegrad::tapegrad)
if(TARGET tapegrad::io)
    target_link_libraries(tapegrad_own INTERFACE tapegrad::io)
endif()
target_compile_options(
    tapegrad_own INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wdouble-promotion -Werror
                           $<$<BOOL:${TAPEGRAD_MARCH}>:-march=${TAPEGRAD_MARCH}>
                           # clang 19 warns of what its own -march=native chooses on machines with AVX10.
                           $<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-warning-option -Wno-invalid-feature-combination>)

find_program(TAPEGRAD_CCACHE ccache)
if(TAPEGRAD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Relative to the source tree, so that a second checkout finds what the first has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                    ${TAPEGRAD_CCACHE})
endif()

# tapegrad_program(NAME SOURCE...): an executable of our own.
function(tapegrad_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE tapegrad_own)
    set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
