// The definition of a convolution, and a check of the three kernels against it.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <tapegrad/simd/conv.hpp>
#include <vector>

namespace conv_definition {

using namespace tapegrad;
using simd::ConvShape;
using simd::Extent;
using simd::volume;

template <class T>
std::vector<T> numbers(int64_t n, int seed) {
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i)
        v[i] = static_cast<T>(std::sin(1.7 * static_cast<double>(i + 1) + seed));
    return v;
}

/// Calls f(x, w, y) with the places of each product that the definition sums.
template <class F>
void for_each_term(const ConvShape& s, F f) {
    for (int64_t n = 0; n < s.batch; ++n)
        for (int64_t o = 0; o < s.groups * s.out; ++o)
            for (int64_t c = 0; c < s.in; ++c)
                for (int64_t i = 0; i < volume(s.result); ++i)
                    for (int64_t t = 0; t < volume(s.window); ++t) {
                        const Extent at{i / (s.result[1] * s.result[2]), i / s.result[2] % s.result[1],
                                        i % s.result[2]},
                            tap{t / (s.window[1] * s.window[2]), t / s.window[2] % s.window[1],
                                t % s.window[2]};
                        bool inside = true;
                        int64_t place = 0;
                        for (std::size_t k = 0; k < 3; ++k) {
                            const int64_t p = at[k] * s.stride[k] - s.padding[k] + tap[k] * s.dilation[k];
                            inside = inside && p >= 0 && p < s.size[k];
                            place = place * s.size[k] + p;
                        }
                        if (!inside) continue;
                        const int64_t channel = (n * s.groups + o / s.out) * s.in + c;
                        f(static_cast<std::size_t>(channel * volume(s.size) + place),
                          static_cast<std::size_t>((o * s.in + c) * volume(s.window) + t),
                          static_cast<std::size_t>((n * s.groups * s.out + o) * volume(s.result) + i));
                    }
}

inline ConvShape shape(int64_t batch, int64_t groups, int64_t in, int64_t out, Extent size, Extent window,
                       Extent stride = {1, 1, 1}, Extent padding = {0, 0, 0}, Extent dilation = {1, 1, 1}) {
    ConvShape s{batch, groups, in, out, size, window, {}, stride, padding, dilation};
    for (std::size_t i = 0; i < 3; ++i)
        s.result[i] = (size[i] + 2 * padding[i] - dilation[i] * (window[i] - 1) - 1) / stride[i] + 1;
    return s;
}

/// A sum by the definition, and that of its terms without their signs.
struct Sum {
    double value = 0, size = 0;
    void add(double term) {
        value += term;
        size += std::fabs(term);
    }
};

/// The largest |got - sum| beside (terms + 1) eps sum |term|, which bounds a sum in any order; with `tiles`
/// beside the largest such bound, since neighbours share their errors.
template <class T>
double largest(const std::vector<T>& got, const std::vector<Sum>& wanted, int64_t terms, bool tiles) {
    double worst = 0, most = 0;
    for (const Sum& sum : wanted) most = std::fmax(most, sum.size);
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double error = std::fabs(static_cast<double>(got[i]) - wanted[i].value);
        const double bound = static_cast<double>(terms + 1) *
                             static_cast<double>(std::numeric_limits<T>::epsilon()) *
                             (tiles ? most : wanted[i].size);
        worst = error == 0 ? worst : std::fmax(worst, error / bound);
    }
    return worst;
}

/// y, dx and dw of made up numbers; `tiles`: y and dx are made in tiles.
template <class T>
void check(const ConvShape& s, bool tiles = false) {
    CAPTURE(s.size[2]);
    CAPTURE(s.window[2]);
    const auto x = numbers<T>(s.batch * s.groups * s.in * volume(s.size), 1),
               w = numbers<T>(s.groups * s.out * s.terms(), 2),
               dy = numbers<T>(s.batch * s.groups * s.out * volume(s.result), 3),
               bias = numbers<T>(s.groups * s.out, 4);
    std::vector<T> y(dy.size(), T(9)), dx(x.size(), T(9)), dw(w.size(), T(9));
    simd::conv(x.data(), w.data(), bias.data(), y.data(), s);
    simd::conv_data(dy.data(), w.data(), dx.data(), s);
    simd::conv_weight(x.data(), dy.data(), dw.data(), s);
    std::vector<Sum> y_wanted(y.size()), dx_wanted(x.size()), dw_wanted(w.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        y_wanted[i].add(
            static_cast<double>(bias[i / static_cast<std::size_t>(volume(s.result)) % bias.size()]));
    for_each_term(s, [&](std::size_t from, std::size_t by, std::size_t to) {
        y_wanted[to].add(static_cast<double>(x[from]) * static_cast<double>(w[by]));
        dx_wanted[from].add(static_cast<double>(dy[to]) * static_cast<double>(w[by]));
        dw_wanted[by].add(static_cast<double>(dy[to]) * static_cast<double>(x[from]));
    });
    CHECK(largest(y, y_wanted, 1 + s.terms(), tiles) < 1);
    CHECK(largest(dx, dx_wanted, s.out * volume(s.window), tiles) < 1);
    CHECK(largest(dw, dw_wanted, s.batch * volume(s.result), false) < 1);
}

}
