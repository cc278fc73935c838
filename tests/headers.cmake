# Every header compiles alone and may be included twice: a translation unit each, of nothing else. -O0, because
# nothing in it is called.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/*.hpp)

set(header_sources)
set(everything "// Every header of the library.\n#pragma once\n")
foreach(header IN LISTS headers)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include <${header}>\n#include <${header}>\n")
    list(APPEND header_sources ${source})
    string(APPEND everything "#include <${header}>\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/everything/everything.hpp CONTENT "${everything}")

add_library(tapegrad_headers OBJECT ${header_sources})
target_link_libraries(tapegrad_headers PRIVATE tapegrad_own)
target_compile_options(tapegrad_headers PRIVATE -O0 -g0)
