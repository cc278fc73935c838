# Everything under tests/<layer>/ in one executable; one ctest entry for each layer, so that a failure says where.
file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cpp)
list(FILTER test_sources EXCLUDE REGEX "/tests/(consumers|fuzz|gdb|multiple_tu|golden|support)/")

# Kernels are compiled as users compile them. What calls them from above is compiled faster, with -O1: a quarter of
# the time less. Both hold copies of the same functions; the linker takes the first, so kernels stand first.
set(kernel_tests ${test_sources})
list(FILTER kernel_tests INCLUDE REGEX "/tests/(core|simd|system)/")
set(other_tests ${test_sources})
list(FILTER other_tests EXCLUDE REGEX "/tests/(core|simd|system)/")
set_source_files_properties(${other_tests} PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:-O1>")

tapegrad_program(tapegrad_tests main.cpp ${kernel_tests} ${other_tests})
target_link_libraries(tapegrad_tests PRIVATE doctest::doctest)
foreach(optional tapegrad::zlib tapegrad::png)
    if(TARGET ${optional})
        target_link_libraries(tapegrad_tests PRIVATE ${optional})
    endif()
endforeach()
target_compile_definitions(tapegrad_tests PRIVATE DOCTEST_CONFIG_SUPER_FAST_ASSERTS)

list(TRANSFORM test_sources REPLACE ".*/tests/([^/]+)/.*" "\\1" OUTPUT_VARIABLE layers)
list(REMOVE_DUPLICATES layers)
foreach(layer IN LISTS layers)
    # Test suites named "slow" run apart: what is left has the label smoke, and is done in under a minute.
    tapegrad_test(${layer} "unit;smoke" tapegrad_tests --source-file=*tests/${layer}/* --test-suite-exclude=slow)
    set_tests_properties(${layer} PROPERTIES FAIL_REGULAR_EXPRESSION "test cases: +0 ")
endforeach()
tapegrad_test(slow unit tapegrad_tests --test-suite=slow)
# These measure time and count allocations: nothing else may run beside them.
set_tests_properties(slow PROPERTIES RUN_SERIAL TRUE)
if(system IN_LIST layers)
    set_tests_properties(system PROPERTIES RUN_SERIAL TRUE)
endif()
