# The printers of scripts/gdb, under gdb itself where there is one.
find_program(TAPEGRAD_GDB gdb)
if(TAPEGRAD_GDB)
    tapegrad_program(tapegrad_gdb gdb/main.cpp)
    target_compile_options(tapegrad_gdb PRIVATE -O0 -g)
    set(gdb_output)
    tapegrad_test(gdb structure ${TAPEGRAD_GDB} -batch -nx -ex "source scripts/gdb/tapegrad.py" -x
                  tests/gdb/commands.gdb $<TARGET_FILE:tapegrad_gdb>)
    foreach(line IN ITEMS
            "Tensor<float> .2, 3. float32 .1, 2.5, 3, 4, 5, 6."
            "Tensor<float> .3, 2. float32 .1, 4, 2.5, 5, 3, 6."
            "Tensor<.*bfloat16> .1,. bfloat16 .1.5."
            "Tensor<float> .1,. float32 .-1. leaf that wants a gradient"
            "Tensor<float> .1,. float32 .0.367879. result of exp"
            "Tensor<long> .1000,. int64 .0, 1, 2, 3, 4, 5, 6, 7, ...."
            "Tensor<double> undefined"
            "= .2, 3.")
        string(APPEND gdb_output "${line}.*")
    endforeach()
    # Where a process may not trace another one there is nothing to see.
    set_tests_properties(gdb PROPERTIES PASS_REGULAR_EXPRESSION "${gdb_output}" SKIP_REGULAR_EXPRESSION
                                        "ptrace|Could not trace|Cannot run")
endif()
