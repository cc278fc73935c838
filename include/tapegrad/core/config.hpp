// The compiler that is needed, the name of the instruction set, and the macros of the library.
//
// Everything lives in `namespace tapegrad::inline TAPEGRAD_ISA`: two translation units built with different
// -march flags have different symbols, so the linker can never hand the AVX-512 copy of an inline function to
// a machine without AVX-512. The name follows the x86-64 levels; a level with extensions that change
// generated code has a name of its own.
#pragma once

#if defined(__FAST_MATH__)
#error "tapegrad: -ffast-math (also through -Ofast) breaks NaN, infinity and determinism; build without it"
#endif

#if !defined(__cpp_concepts) || __cplusplus < 202002L
#error "tapegrad needs C++20: g++ 12 or newer, clang 16 or newer, with -std=c++20"
#endif

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#if defined(__AVX512FP16__)
#define TAPEGRAD_ISA avx512_fp16
#elif defined(__AVX512BF16__)
#define TAPEGRAD_ISA avx512_bf16
#elif defined(__AVX512VNNI__)
#define TAPEGRAD_ISA avx512_vnni
#else
#define TAPEGRAD_ISA avx512
#endif
#elif defined(__AVX2__) && defined(__FMA__)
#define TAPEGRAD_ISA avx2
#elif defined(__AVX__)
#define TAPEGRAD_ISA avx
#elif defined(__SSE4_2__)
#define TAPEGRAD_ISA sse4_2
#elif defined(__SSE2__) || defined(__x86_64__)
#define TAPEGRAD_ISA sse2
#elif defined(__aarch64__)
#define TAPEGRAD_ISA neon64
#else
#define TAPEGRAD_ISA generic
#endif

#define TAPEGRAD_STRING_(x) #x
#define TAPEGRAD_STRING(x) TAPEGRAD_STRING_(x)
#define TAPEGRAD_ISA_NAME TAPEGRAD_STRING(TAPEGRAD_ISA)

// Kernels are built from small pieces that must disappear; the compiler's size heuristics do not know that.
#define TAPEGRAD_INLINE inline __attribute__((always_inline))
#define TAPEGRAD_LAMBDA __attribute__((always_inline))
