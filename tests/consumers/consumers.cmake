# Each way to consume the library, from configuring to running. find_package, components and pkg-config see an installed
# tree that was moved after its installation.
if(NOT EXISTS ${PROJECT_SOURCE_DIR}/include/tapegrad/tapegrad.hpp)
    return()
endif()

set(consumers_dir ${CMAKE_CURRENT_BINARY_DIR}/consumers)

function(tapegrad_consumer name)
    tapegrad_test(
        consumer.${name} structure ${CMAKE_COMMAND} -DCONSUMER=${name} -DWORK=${consumers_dir}
        -DTAPEGRAD_SOURCE=${PROJECT_SOURCE_DIR} -DTAPEGRAD_BUILD=${PROJECT_BINARY_DIR} -DCXX=${CMAKE_CXX_COMPILER}
        -P ${CMAKE_CURRENT_SOURCE_DIR}/consumers/build_and_run.cmake)
endfunction()

tapegrad_consumer(install)
foreach(name find_package add_subdirectory fetch_content pkg_config bare)
    tapegrad_consumer(${name})
endforeach()
if(TARGET tapegrad_zlib AND TARGET tapegrad_png)
    tapegrad_consumer(components)
    set_tests_properties(consumer.components PROPERTIES FIXTURES_REQUIRED installed)
endif()
set_tests_properties(consumer.install PROPERTIES FIXTURES_SETUP installed)
set_tests_properties(consumer.find_package consumer.pkg_config PROPERTIES FIXTURES_REQUIRED installed)
