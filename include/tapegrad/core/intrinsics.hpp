// The intrinsics of the machine, without the false alarm that they raise: g++ takes the undefined operand of
// AVX-512 intrinsics for an uninitialised variable. Whoever includes them first decides, so everything here
// includes this.
#pragma once

#include "config.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
