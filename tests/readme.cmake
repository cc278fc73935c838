# Every C++ block of README.md is compiled and run. A block without a main becomes the body of one.
set(readme ${PROJECT_SOURCE_DIR}/README.md)
if(NOT EXISTS ${PROJECT_SOURCE_DIR}/include/tapegrad/tapegrad.hpp)
    return()
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${readme})
execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/snippets.py ${readme}
                        ${CMAKE_CURRENT_BINARY_DIR}/readme
                OUTPUT_VARIABLE snippets OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" snippets "${snippets}")
foreach(snippet IN LISTS snippets)
    cmake_path(GET snippet STEM name)
    tapegrad_program(${name} ${snippet})
    tapegrad_test(${name} example ${name})
    # A snippet that writes a file must not leave it among the sources.
    set_tests_properties(${name} PROPERTIES WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/readme)
endforeach()
