// Philox4x32-10: 128 random bits as a function of a counter and a key. Nothing is carried from one number to
// the next, so that any thread can draw any number, and a fill can be drawn again.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "intrinsics.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

// A counter's word lies in a lane of 64 bits, of which the upper half may hold anything: the full product of
// the lower halves is one instruction (which g++ does not find by itself: without its name this is three
// times slower), and neither word of it needs to be moved before the next round.
#if defined(__AVX512F__)
using PhiloxLanes __attribute__((vector_size(64))) = std::uint64_t;
#elif defined(__AVX2__)
using PhiloxLanes __attribute__((vector_size(32))) = std::uint64_t;
#else
using PhiloxLanes __attribute__((vector_size(16))) = std::uint64_t;
#endif

TAPEGRAD_INLINE constexpr std::uint64_t low_product(std::uint64_t a, std::uint32_t b) {
    return (a & 0xffffffffu) * b;
}
TAPEGRAD_INLINE PhiloxLanes low_product(PhiloxLanes a, std::uint32_t b) {
#if defined(__AVX512F__)
    // With a mask of ones, because g++ 12 warns about its own header at the plain form.
    return reinterpret_cast<PhiloxLanes>(
        _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), _mm512_set1_epi64(b)));
#elif defined(__AVX2__)
    return reinterpret_cast<PhiloxLanes>(
        _mm256_mul_epu32(reinterpret_cast<__m256i>(a), _mm256_set1_epi64x(b)));
#elif defined(__SSE2__)
    return reinterpret_cast<PhiloxLanes>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), _mm_set1_epi64x(b)));
#else
    return (a & 0xffffffffu) * b;
#endif
}

/// One round; a word is a lane, or many.
template <class Word>
TAPEGRAD_INLINE constexpr void philox_round(Word (&x)[4], std::uint32_t key0, std::uint32_t key1) {
    const Word p = low_product(x[0], 0xd2511f53u), q = low_product(x[2], 0xcd9e8d57u);
    x[0] = (q >> 32) ^ x[1] ^ key0;
    x[1] = q;
    x[2] = (p >> 32) ^ x[3] ^ key1;
    x[3] = p;
}
inline constexpr std::uint32_t philox_step0 = 0x9e3779b9u, philox_step1 = 0xbb67ae85u;

}

/// Source   J. Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011)
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) {
    std::uint64_t x[4] = {counter[0], counter[1], counter[2], counter[3]};
    for (std::uint32_t round = 0; round < 10; ++round)
        detail::philox_round(x, key[0] + round * detail::philox_step0, key[1] + round * detail::philox_step1);
    return {static_cast<std::uint32_t>(x[0]), static_cast<std::uint32_t>(x[1]),
            static_cast<std::uint32_t>(x[2]), static_cast<std::uint32_t>(x[3])};
}

/// Where a sequence of random numbers stands.
struct RandomState {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    std::uint64_t offset = 0;  // in groups of 64 words

    friend constexpr bool operator==(const RandomState&, const RandomState&) = default;
};

/// Words that are drawn together: 16 counters side by side fill the registers of any machine.
inline constexpr int random_group = 64;

/// Group `state.offset + group` of a sequence: word 16 w + i is word w of philox({16 (offset + group) + i,
/// stream}, seed).
inline void random_words(const RandomState& state, std::uint64_t group, std::uint32_t* out) {
    using Lanes = detail::PhiloxLanes;
    constexpr std::uint64_t counters = random_group / 4, lanes = sizeof(Lanes) / 8;
    const std::uint64_t first = (state.offset + group) * counters;
    const auto key0 = static_cast<std::uint32_t>(state.seed),
               key1 = static_cast<std::uint32_t>(state.seed >> 32);
    Lanes index{};
    for (std::uint64_t i = 0; i < lanes; ++i) index[i] = 2 * i;
    for (std::uint64_t at = 0; at < counters; at += 2 * lanes) {
        // Even counters and odd ones: their words come together by a shift.
        Lanes even[4], odd[4];
        even[0] = index + ((first & 0xffffffffu) + at);
        even[1] = Lanes{} + (first >> 32);
        even[2] = Lanes{} + state.stream;
        even[3] = Lanes{} + (state.stream >> 32);
        odd[0] = even[0] + 1;
        for (int w = 1; w < 4; ++w) odd[w] = even[w];
        for (std::uint32_t round = 0; round < 10; ++round) {
            detail::philox_round(even, key0 + round * detail::philox_step0,
                                 key1 + round * detail::philox_step1);
            detail::philox_round(odd, key0 + round * detail::philox_step0,
                                 key1 + round * detail::philox_step1);
        }
        for (std::uint64_t w = 0; w < 4; ++w) {
            const Lanes both = (even[w] & 0xffffffffu) | odd[w] << 32;
            std::memcpy(out + w * counters + at, &both, sizeof both);
        }
    }
}

}
