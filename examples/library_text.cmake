# cmake -DINCLUDE=DIR -DOUTPUT=FILE -P library_text.cmake: the library's own headers as one string, from the lowest
# layer to the highest; without tables of numbers, from which nobody learns to write.
set(text "")
foreach(layer core simd tensor autograd ops nn loss optim data io text train flows diffusion density align uncertainty
              generation models)
    file(GLOB headers ${INCLUDE}/tapegrad/${layer}/*.hpp)
    list(FILTER headers EXCLUDE REGEX "_tables\\.hpp$")
    foreach(header IN LISTS headers)
        file(READ ${header} content)
        string(APPEND text "${content}\n")
    endforeach()
endforeach()
# A system header, or compilers would find fault with the length of the string.
file(WRITE ${OUTPUT} "#pragma once
#pragma GCC system_header
inline constexpr char library_text[] = R\"headers(${text})headers\";
")
