#include <tapegrad/core/config.hpp>

#include <doctest/doctest.h>

#include <string>

namespace tapegrad::inline TAPEGRAD_ISA {
struct ConfigProbe {};
}

TEST_CASE("config: the instruction set is a namespace and a name") {
    static_assert(__is_same(tapegrad::ConfigProbe, tapegrad::TAPEGRAD_ISA::ConfigProbe));
    const std::string isa = TAPEGRAD_ISA_NAME;
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
    CHECK(isa.rfind("avx512", 0) == 0);
#elif defined(__AVX2__) && defined(__FMA__)
    CHECK(isa == "avx2");
#elif defined(__AVX__)
    CHECK(isa == "avx");
#elif defined(__SSE4_2__)
    CHECK(isa == "sse4_2");
#elif defined(__x86_64__)
    CHECK(isa == "sse2");
#elif defined(__aarch64__)
    CHECK(isa == "neon64");
#else
    CHECK(isa == "generic");
#endif
    CHECK(std::string(TAPEGRAD_STRING(a b)) == "a b");
}
