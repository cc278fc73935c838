// Random numbers: a generator that is three integers, and fills that are a function of them.
//
// Number i of a fill depends on (seed, stream, offset, i) alone, and the offset moves on by a count that
// depends on n alone. So the numbers do not depend on the number of threads, and a saved generator continues
// as if it had not stopped.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "dtype.hpp"
#include "parallel.hpp"
#include "philox.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A sequence of random numbers. Generators of different seeds or streams are independent.
class Generator {
public:
    constexpr explicit Generator(std::uint64_t seed = 0, std::uint64_t stream = 0)
        : state_{seed, stream, 0} {}
    constexpr explicit Generator(const RandomState& state) : state_(state) {}

    constexpr std::uint64_t seed() const { return state_.seed; }
    constexpr std::uint64_t stream() const { return state_.stream; }
    /// How far the sequence was used, in groups of 64 words of 32 bits.
    constexpr std::uint64_t offset() const { return state_.offset; }
    constexpr void set_offset(std::uint64_t offset) { state_.offset = offset; }
    /// All that there is to save.
    constexpr const RandomState& state() const { return state_; }
    constexpr void set_state(const RandomState& state) { state_ = state; }

    /// A generator of the same seed whose stream is a hash of this one's and `index`; its use does not touch
    /// this one.
    constexpr Generator split(std::uint64_t index) const {
        const auto word = [](std::uint64_t v, int shift) { return static_cast<std::uint32_t>(v >> shift); };
        const auto hash = philox({word(index, 0), word(index, 32), 0x73706c69u, 0x74u},
                                 {word(state_.stream, 0), word(state_.stream, 32)});
        return Generator(state_.seed, std::uint64_t{hash[1]} << 32 | hash[0]);
    }

    /// Sets n words of 32 bits aside and returns where they begin. `random_words` of that draws them, at any
    /// time.
    constexpr RandomState reserve(int64_t n) {
        const RandomState begin = state_;
        state_.offset += static_cast<std::uint64_t>((n + random_group - 1) / random_group);
        return begin;
    }

private:
    RandomState state_;
};

namespace detail {

inline constinit thread_local Generator thread_generator{};

/// Groups that a thread draws at a time: some 30 us of work.
inline constexpr int64_t random_grain = 1024;

/// out[i] for i in [0, n): `draw(words, numbers)` makes `random_group / words_each` numbers of one group.
template <int words_each, class T, class Draw>
void fill_groups(T* out, int64_t n, Generator& generator, Draw draw) {
    constexpr int64_t each = random_group / words_each;
    const RandomState begin = generator.reserve(n * words_each);
    parallel_for((n + each - 1) / each, random_grain, [=](int64_t first, int64_t last) {
        alignas(64) std::uint32_t words[random_group];
        for (int64_t group = first; group < last; ++group) {
            random_words(begin, static_cast<std::uint64_t>(group), words);
            T* const to = out + group * each;
            if (n - group * each >= each) {
                draw(words, to);
            } else {
                alignas(64) T whole[std::size_t{random_group / words_each}];
                draw(words, whole);
                std::memcpy(to, whole, static_cast<std::size_t>(n - group * each) * sizeof(T));
            }
        }
    });
}

/// Number i of a group that takes two words each.
TAPEGRAD_INLINE constexpr std::uint64_t word_pair(const std::uint32_t* words, int i) {
    const int at = i < 16 ? i : i + 16;
    return std::uint64_t{words[at]} << 32 | words[at + 16];
}

/// A whole number in [0, range), range > 0: each as likely as the others but for range / 2^64.
TAPEGRAD_INLINE std::uint64_t below(std::uint64_t range, std::uint64_t word) {
    // The upper half of the product of 128 bits.
    const std::uint64_t a = range >> 32, b = range & 0xffffffffu, c = word >> 32, d = word & 0xffffffffu;
    const std::uint64_t middle = b * c + (b * d >> 32), other = a * d + (middle & 0xffffffffu);
    return a * c + (middle >> 32) + (other >> 32);
}

/// [0, 1) in steps of 2^-24.
TAPEGRAD_INLINE float unit(std::uint32_t word) {
    return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f;
}
/// [0, 1) in steps of 2^-53.
TAPEGRAD_INLINE double unit(std::uint64_t word) {
    return static_cast<double>(static_cast<std::int64_t>(word >> 11)) * 0x1p-53;
}

/// sqrt(-2 log u) for u = (word + 1) / 2^32, about: at most 6.66. Written out, so that it becomes SIMD, and
/// gives the same numbers with every C library.
TAPEGRAD_INLINE float normal_radius(std::uint32_t word) {
    const float u = (static_cast<float>(static_cast<std::int32_t>(word >> 1)) + 0.5f) * 0x1p-31f;
    // u = 2^k (1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1)
    const std::uint32_t shifted = std::bit_cast<std::uint32_t>(u) + (0x3f800000u - 0x3f3504f3u);
    const auto k = static_cast<float>(static_cast<std::int32_t>(shifted >> 23) - 127);
    const float f = std::bit_cast<float>((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    // log(1 + f) = 2 atanh(s), s = f / (2 + f)
    const float s = f / (2.0f + f), z = s * s, half = 0.5f * f * f;
    const float series =
        z * (0x1.555554p-1f + z * (0x1.999c26p-2f + z * (0x1.23d3dcp-2f + z * 0x1.f13c4cp-3f)));
    const float log = k * 0x1.62e3p-1f + (f - (half - (s * (half + series) + k * 0x1.2fefa2p-17f)));
    const float x = -2.0f * log;
    // x / sqrt(x), which three Newton steps make right to the last bits; 0 stays 0.
    float y = std::bit_cast<float>(0x5f3759dfu - (std::bit_cast<std::uint32_t>(x) >> 1));
    y *= 1.5f - 0.5f * x * y * y;
    y *= 1.5f - 0.5f * x * y * y;
    y *= 1.5f - 0.5f * x * y * y;
    return x * y;
}

/// cos and sin of an angle that goes round the circle as `word` goes through its values.
TAPEGRAD_INLINE void unit_circle(std::uint32_t word, float& cosine, float& sine) {
    // Two bits choose the quarter, the others an angle in [-pi/4, pi/4).
    const float t = static_cast<float>(static_cast<std::int32_t>(word << 2)) * 0x1.921fb6p-32f, z = t * t;
    const float s = t + t * z * (-1.6666654611e-1f + z * (8.3321608736e-3f + z * -1.9515295891e-4f));
    const float c =
        1.0f - 0.5f * z + z * z * (4.1666645683e-2f + z * (-1.3887316255e-3f + z * 2.4433157118e-5f));
    const std::uint32_t sb = std::bit_cast<std::uint32_t>(s), cb = std::bit_cast<std::uint32_t>(c);
    const std::uint32_t swap = (0u - ((word >> 30) & 1u)) & (sb ^ cb), sign = word & 0x80000000u;
    // A quarter turn takes (c, s) to (s, c), which mirrors the angle as well: the angles are as even as
    // before.
    cosine = std::bit_cast<float>((cb ^ swap) ^ sign);
    sine = std::bit_cast<float>((sb ^ swap) ^ sign);
}

}

/// n words of 32 bits.
template <std::same_as<std::uint32_t> Word>
void fill_bits(Word* out, int64_t n, Generator& generator) {
    detail::fill_groups<1>(out, n, generator,
                           [](const std::uint32_t* __restrict words, std::uint32_t* __restrict to) {
                               std::memcpy(to, words, sizeof(std::uint32_t) * random_group);
                           });
}

/// n numbers, even over [low, high).
/// Numeric  24 random bits for float, 53 for double
/// Throws   ValueError: high below low, or one of them not finite
template <class T>
requires Floating<T>
void fill_uniform(T* out, int64_t n, Generator& generator, T low = T(0), T high = T(1)) {
    const T width = high - low;
    if (!(width >= T(0) && width <= std::numeric_limits<T>::max()))
        detail::fail<ValueError>("uniform", "from ", low, " to ", high, " is not a range");
    // low + u * width may round up to `high`.
    const auto scale = [=](T u) {
        const T x = low + u * width;
        return x < high ? x : low;
    };
    if constexpr (sizeof(T) == 4) {
        detail::fill_groups<1>(out, n, generator,
                               [=](const std::uint32_t* __restrict words, float* __restrict to) {
                                   for (int i = 0; i < random_group; ++i)
                                       to[i] = scale(detail::unit(words[i]));
                               });
    } else {
        detail::fill_groups<2>(out, n, generator,
                               [=](const std::uint32_t* __restrict words, double* __restrict to) {
                                   for (int i = 0; i < random_group / 2; ++i)
                                       to[i] = scale(detail::unit(detail::word_pair(words, i)));
                               });
    }
}

/// n normal numbers.
///   mean + std * sqrt(-2 log u) * (cos, sin)(2 pi v)
/// Numeric  float: within 6.66 std of the mean (32 random bits), the same bits with every C library
/// Throws   ValueError: std negative or NaN
template <class T>
requires Floating<T>
void fill_normal(T* out, int64_t n, Generator& generator, T mean = T(0), T std = T(1)) {
    if (!(std >= T(0))) detail::fail<ValueError>("normal", "std ", std, " is negative");
    if constexpr (sizeof(T) == 4) {
        detail::fill_groups<1>(out, n, generator,
                               [=](const std::uint32_t* __restrict words, float* __restrict to) {
                                   for (int half = 0; half < random_group; half += 32) {
                                       for (int i = half; i < half + 16; ++i) {
                                           float c = 0, s = 0;
                                           detail::unit_circle(words[i + 16], c, s);
                                           const float r = detail::normal_radius(words[i]) * std;
                                           to[i] = mean + r * c;
                                           to[i + 16] = mean + r * s;
                                       }
                                   }
                               });
    } else {
        detail::fill_groups<2>(
            out, n, generator, [=](const std::uint32_t* __restrict words, double* __restrict to) {
                for (int i = 0; i < 16; ++i) {
                    const double u = 1.0 - detail::unit(detail::word_pair(words, i));  // (0, 1]
                    const double angle =
                        0x1.921fb54442d18p+2 * detail::unit(detail::word_pair(words, i + 16));
                    const double r = std::sqrt(-2.0 * std::log(u)) * std;
                    to[i] = mean + r * std::cos(angle);
                    to[i + 16] = mean + r * std::sin(angle);
                }
            });
    }
}

/// n whole numbers, even over [low, high).
/// Throws   ValueError: low not below high
template <std::same_as<int64_t> I>
void fill_randint(I* out, int64_t n, Generator& generator, int64_t low, int64_t high) {
    if (low >= high) detail::fail<ValueError>("randint", "low ", low, " is not below high ", high);
    const auto first = static_cast<std::uint64_t>(low), range = static_cast<std::uint64_t>(high) - first;
    detail::fill_groups<2>(
        out, n, generator, [=](const std::uint32_t* __restrict words, int64_t* __restrict to) {
            for (int i = 0; i < random_group / 2; ++i)
                to[i] = static_cast<int64_t>(first + detail::below(range, detail::word_pair(words, i)));
        });
}

/// n values that are 1 with probability p, else 0.
/// Numeric  p is rounded to a multiple of 2^-32; 0 never and 1 always gives 1
/// Throws   ValueError: p outside [0, 1]
template <class T>
requires std::is_arithmetic_v<T>
void fill_bernoulli(T* out, int64_t n, Generator& generator, double p) {
    if (!(p >= 0 && p <= 1)) detail::fail<ValueError>("bernoulli", "probability ", p, " is outside [0, 1]");
    const auto threshold = static_cast<std::uint64_t>(p * 0x1p32 + 0.5);
    // 2^32 is no word: word <= last, and nothing at all for p = 0.
    const auto last = static_cast<std::uint32_t>(threshold - 1);
    const bool possible = threshold > 0;
    detail::fill_groups<1>(out, n, generator, [=](const std::uint32_t* __restrict words, T* __restrict to) {
        for (int i = 0; i < random_group; ++i) to[i] = static_cast<T>((words[i] <= last) & possible);
    });
}

/// 0, 1, ..., n - 1 in a random order.
inline void fill_permutation(int64_t* out, int64_t n, Generator& generator) {
    for (int64_t i = 0; i < n; ++i) out[i] = i;
    const RandomState begin = generator.reserve(2 * n);
    std::uint32_t words[random_group];
    constexpr int64_t each = random_group / 2;
    for (int64_t i = 0; i < n; ++i) {
        if (i % each == 0) random_words(begin, static_cast<std::uint64_t>(i / each), words);
        const std::uint64_t pair = detail::word_pair(words, static_cast<int>(i % each));
        const auto other = static_cast<int64_t>(detail::below(static_cast<std::uint64_t>(i) + 1, pair));
        std::swap(out[i], out[other]);
    }
}

/// The generator of this thread, for functions that are given none. Every thread's begins at seed 0: threads
/// that should differ take a `split` of one generator, or their own `manual_seed`.
inline Generator& default_generator() { return detail::thread_generator; }

/// Starts the default generator of this thread again.
inline void manual_seed(std::uint64_t seed) { detail::thread_generator = Generator(seed); }

}
