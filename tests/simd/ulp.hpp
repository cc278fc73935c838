// The error of a function in units in the last place, against the C library in a wider type.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <tapegrad/simd/batch.hpp>
#include <type_traits>
#include <vector>

namespace ulp {

template <class T>
using Wider = std::conditional_t<std::is_same_v<T, float>, double, long double>;

/// |got - want| in ulp of want; infinite where NaN, an infinity or the sign of a zero is wrong.
template <class T>
double error(T got, Wider<T> want) {
    using W = Wider<T>;
    using Limits = std::numeric_limits<T>;
    constexpr double wrong = std::numeric_limits<double>::infinity();
    if (std::isnan(want) || std::isnan(got)) return std::isnan(want) == std::isnan(got) ? 0 : wrong;
    if (got == 0 && std::signbit(got) != std::signbit(want)) return wrong;
    if (want == 0) return got == 0 ? 0 : wrong;
    const T rounded = static_cast<T>(want);
    if (got == rounded && std::isinf(got)) return 0;
    if (std::isinf(want)) return wrong;
    // An infinity beside the overflow threshold is off by what the next power of two is.
    const W value = std::isinf(got) ? std::copysign(std::ldexp(W(1), Limits::max_exponent), W(got)) : W(got);
    const int exponent = std::max(std::ilogb(want), Limits::min_exponent - 1);
    return static_cast<double>(std::ldexp(std::fabs(value - want), Limits::digits - 1 - exponent));
}

struct Worst {
    double error = 0;
    double at = 0, at2 = 0;
};

/// The largest error of f over xs; f takes a batch, g the wider number.
template <class T, class F, class G>
Worst over(std::span<const T> xs, F f, G g) {
    using V = tapegrad::simd::Batch<T>;
    Worst worst;
    for (std::size_t i = 0; i < xs.size(); i += V::size) {
        const std::size_t n = std::min<std::size_t>(V::size, xs.size() - i);
        T y[V::size];
        f(tapegrad::simd::load_partial(xs.data() + i, static_cast<std::int64_t>(n))).store(y);
        for (std::size_t j = 0; j < n; ++j) {
            const double e = error<T>(y[j], g(static_cast<Wider<T>>(xs[i + j])));
            if (e > worst.error) worst = {e, static_cast<double>(xs[i + j])};
        }
    }
    return worst;
}
template <class T, class F, class G>
Worst over(std::span<const T> xs, std::span<const T> ys, F f, G g) {
    using V = tapegrad::simd::Batch<T>;
    Worst worst;
    for (std::size_t i = 0; i < xs.size(); i += V::size) {
        const std::size_t n = std::min<std::size_t>(V::size, xs.size() - i);
        T z[V::size];
        f(tapegrad::simd::load_partial(xs.data() + i, static_cast<std::int64_t>(n)),
          tapegrad::simd::load_partial(ys.data() + i, static_cast<std::int64_t>(n)))
            .store(z);
        for (std::size_t j = 0; j < n; ++j) {
            const double e =
                error<T>(z[j], g(static_cast<Wider<T>>(xs[i + j]), static_cast<Wider<T>>(ys[i + j])));
            if (e > worst.error) worst = {e, static_cast<double>(xs[i + j]), static_cast<double>(ys[i + j])};
        }
    }
    return worst;
}

/// Zeros, infinities, NaN, the smallest and largest numbers, small integers and halves, of both signs.
template <class T>
std::vector<T> specials() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> v = {0,
                        Limits::infinity(),
                        Limits::quiet_NaN(),
                        Limits::denorm_min(),
                        Limits::min() / 2,
                        Limits::min(),
                        Limits::max(),
                        Limits::epsilon(),
                        T(0.25),
                        T(0.5),
                        1,
                        T(1.5),
                        2,
                        T(2.5),
                        3,
                        4,
                        1 / Limits::epsilon()};
    for (const T around : {T(0.5), T(1), Limits::min(), 1 / Limits::epsilon()}) {
        v.push_back(std::nextafter(around, T(0)));
        v.push_back(std::nextafter(around, Limits::max()));
    }
    for (std::size_t i = v.size(); i-- > 0;) v.push_back(-v[i]);
    return v;
}

/// About `count` bit patterns across all exponents and both signs, and as many numbers spread evenly over
/// [low, high], behind the specials.
template <class T>
std::vector<T> sweep(std::size_t count, T low, T high) {
    using U = std::conditional_t<std::is_same_v<T, float>, std::uint32_t, std::uint64_t>;
    std::vector<T> v = specials<T>();
    const U step = (std::numeric_limits<U>::max() / static_cast<U>(count)) | 1;
    U pattern = 0x9e3779b9u;
    for (std::size_t i = 0; i < count; ++i, pattern += step) v.push_back(std::bit_cast<T>(pattern));
    // The golden ratio leaves no pattern in the mantissas.
    T phase = 0;
    for (std::size_t i = 0; i < count; ++i) {
        phase += T(0.6180339887498949);
        phase -= std::floor(phase);
        v.push_back(low + (high - low) * phase);
    }
    return v;
}

/// Pairs for functions of two arguments: all pairs of specials, bit patterns against bit patterns, and a
/// spread over a square.
template <class T>
struct Pairs {
    std::vector<T> first, second;
};
template <class T>
Pairs<T> pairs(std::size_t count, T low, T high) {
    Pairs<T> p;
    for (const T a : specials<T>())
        for (const T b : specials<T>()) p.first.push_back(a), p.second.push_back(b);
    const std::vector<T> x = sweep<T>(count, low, high);
    for (std::size_t i = 0; i < x.size(); ++i) {
        p.first.push_back(x[i]);
        // A multiplier without a common factor with most sizes: every first meets a far second.
        p.second.push_back(x[i < count ? i * 7919 % count : count + (i - count) * 7919 % (x.size() - count)]);
    }
    return p;
}

/// The largest error of f against g over all exponents and over [low, high].
template <class T, class F, class G>
double of(F f, G g, T low, T high) {
    const std::vector<T> xs = sweep<T>(100000, low, high);
    const Worst worst = over<T>(std::span<const T>(xs), f, g);
    return worst.error;
}

}
