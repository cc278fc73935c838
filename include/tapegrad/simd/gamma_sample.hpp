// Logarithms of gamma variates: of a small shape the variate itself may be no number at all.
//
// A number has a group of random words of its own, from which it draws until one is accepted. So it depends on
// the generator and its place alone. After ten refusals, which is once in 10^13 numbers, it goes on in a stream
// of its own.
#pragma once

#include <cmath>
#include <limits>

#include "../core/random.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int gamma_tries = 10;  // three numbers of two words each, and one for the shape, are a group

/// (0, 1) in steps of 2^-53.
inline double open_unit(std::uint64_t word) { return tapegrad::detail::unit(word) + 0x1p-54; }

/// The logarithm of a gamma variate of shape a >= 1, or NaN where no try was accepted.
/// Source   Marsaglia and Tsang, A simple method for generating gamma variables, 2000
inline double log_gamma_try(double a, const std::uint32_t* words) {
    const double d = a - 1. / 3, c = 1 / std::sqrt(9 * d);
    for (int i = 0; i < gamma_tries; ++i) {
        const auto number = [&](int k) { return open_unit(tapegrad::detail::word_pair(words, 3 * i + k)); };
        const double x = std::sqrt(-2 * std::log(number(0))) * std::cos(6.283185307179586477 * number(1));
        const double root = 1 + c * x, v = root * root * root;
        if (root <= 0) continue;
        if (std::log(number(2)) < 0.5 * x * x + d * (1 - v + std::log(v))) return std::log(d) + std::log(v);
    }
    return std::numeric_limits<double>::quiet_NaN();
}

inline double log_gamma_sample(double a, const RandomState& state, std::uint64_t place) {
    const double infinity = std::numeric_limits<double>::infinity();
    if (!(a > 0)) return a == 0 ? -infinity : std::numeric_limits<double>::quiet_NaN();
    if (a == infinity) return infinity;
    std::uint32_t words[random_group];
    random_words(state, place, words);
    // gamma(a) = gamma(a + 1) u^(1 / a)
    const double boost =
        a < 1 ? std::log(open_unit(tapegrad::detail::word_pair(words, 3 * gamma_tries))) / a : 0;
    double y = log_gamma_try(a < 1 ? a + 1 : a, words);
    Generator more = Generator(state).split(state.offset + place);
    while (y != y) {
        random_words(more.reserve(random_group), 0, words);
        y = log_gamma_try(a < 1 ? a + 1 : a, words);
    }
    return y + boost;
}

}

/// out[i] = the logarithm of a gamma variate of shape a[i] and scale 1.
/// Numeric  drawn in double; -inf for a = 0, NaN below
template <class T>
void fill_log_gamma(const T* a, T* out, int64_t n, Generator& generator) {
    const RandomState begin = generator.reserve(n * random_group);
    parallel_for(n, 256, [=](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i)
            out[i] = static_cast<T>(
                detail::log_gamma_sample(static_cast<double>(a[i]), begin, static_cast<std::uint64_t>(i)));
    });
}

}
