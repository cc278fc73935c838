# Every header compiles alone. xsimd, which all but the core include, is read once for them. And a header of all
# headers, for the tests that link.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/*.hpp)
set(everything "// Every header of the library.\n#pragma once\n")
set(core_sources)
set(header_sources)
foreach(header IN LISTS headers)
    string(APPEND everything "#include <${header}>\n")
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include <${header}>\n")
    if(header MATCHES "/core/")
        list(APPEND core_sources ${source})
    else()
        list(APPEND header_sources ${source})
    endif()
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/everything/everything.hpp CONTENT "${everything}")

foreach(part IN ITEMS core header)
    add_library(tapegrad_${part}_alone OBJECT ${${part}_sources})
    target_link_libraries(tapegrad_${part}_alone PRIVATE tapegrad_own)
    target_compile_options(tapegrad_${part}_alone PRIVATE -O0 -g0)  # nothing in them is called
endforeach()
target_precompile_headers(tapegrad_header_alone PRIVATE <xsimd/xsimd.hpp>)
