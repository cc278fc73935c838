# Every header compiles alone: the test of a header includes it first, and scripts/check.py sees to that. Here are
# those without a test of their own, the umbrellas; and a header of all headers, for the tests that link.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/*.hpp)
set(everything "// Every header of the library.\n#pragma once\n")
foreach(header IN LISTS headers)
    string(APPEND everything "#include <${header}>\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/everything/everything.hpp CONTENT "${everything}")

set(umbrella_sources)
foreach(umbrella IN LISTS headers)
    if(umbrella MATCHES "^tapegrad/[a-z_]+\\.hpp$")
        set(source ${CMAKE_CURRENT_BINARY_DIR}/umbrellas/${umbrella}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "#include <${umbrella}>\n")
        list(APPEND umbrella_sources ${source})
    endif()
endforeach()
add_library(tapegrad_umbrellas OBJECT ${umbrella_sources})
target_link_libraries(tapegrad_umbrellas PRIVATE tapegrad_own)
target_compile_options(tapegrad_umbrellas PRIVATE -O0 -g0)  # nothing in them is called
