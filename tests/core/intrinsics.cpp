#include <tapegrad/core/intrinsics.hpp>

#include <doctest/doctest.h>

TEST_CASE("intrinsics: the instructions of this build run") {
#if defined(__SSE2__)
    const __m128d sum = _mm_add_pd(_mm_set1_pd(1), _mm_set1_pd(2));
    CHECK(_mm_cvtsd_f64(sum) == 3);
#endif
#if defined(__AVX512F__)
    CHECK(_mm512_reduce_add_pd(_mm512_set1_pd(1)) == 8);
#endif
}
