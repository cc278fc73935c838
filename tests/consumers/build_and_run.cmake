# One consumer, configured, built and run; `install` makes the installed tree that some of them use.
set(prefix ${WORK}/moved/prefix)
set(source ${CMAKE_CURRENT_LIST_DIR}/${CONSUMER})
set(build ${WORK}/${CONSUMER})
file(REMOVE_RECURSE ${build})

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(CONSUMER STREQUAL "install")
    file(REMOVE_RECURSE ${WORK}/moved)
    run(${CMAKE_COMMAND} --install ${TAPEGRAD_BUILD} --prefix ${build})
    file(MAKE_DIRECTORY ${WORK}/moved)
    file(RENAME ${build} ${prefix})
    return()
endif()

file(MAKE_DIRECTORY ${build})
if(EXISTS ${source}/build.sh)
    set(ENV{CXX} ${CXX})
    set(ENV{PKG_CONFIG_PATH} ${prefix}/share/pkgconfig)
    run(${source}/build.sh ${build}/consumer)
else()
    run(${CMAKE_COMMAND} -S ${source} -B ${build} -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX}
        -DCMAKE_PREFIX_PATH=${prefix} -DTAPEGRAD_SOURCE=${TAPEGRAD_SOURCE})
    run(${CMAKE_COMMAND} --build ${build})
endif()
execute_process(COMMAND ${build}/consumer WORKING_DIRECTORY ${build} COMMAND_ERROR_IS_FATAL ANY)
