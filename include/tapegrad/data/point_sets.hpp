// Sets of points in the plane that densities are tried on, drawn anew at every call. Points are independent of each
// other, unless they are asked to be spaced evenly.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "../tensor/random.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Two half circles that reach into each other.
struct TwoMoons {
    /// Standard deviation of what is added to both coordinates, before scale and shift.
    double noise = 0.1;
    /// An even number below this is added to both coordinates too, the same to both: the noise of torchdyn.
    double shared = 0;
    /// The points are scale * x + shift. scikit-learn has 1 and 0; torchcfm has noise 0, shared 0.2, scale 3, shift -1.
    double scale = 1, shift = 0;
    /// Points at even distances along the half circles, first those of the upper one: the same but for the noise at every
    /// call, as in scikit-learn and torchdyn.
    bool spaced = false;
};

/// Two arms that wind 1.5 times around the middle; FFJORD's.
struct Spirals {
    /// Standard deviation of what is added to both coordinates.
    double noise = 0.1;
};

/// Eight normal densities around the middle.
struct EightGaussians {
    /// Distance of the means from the middle.
    double radius = 5;
    /// Standard deviation of each, in both directions. torchcfm's "variance" 0.1 is a variance of sqrt(0.1).
    double std = 0.56234132519034908;
};

/// The dark squares of a board of 4 x 4 around the middle.
struct Checkerboard {
    /// Length of a square. FFJORD has 2, flow_matching's examples 2 / 0.45.
    double square = 2;
};

/// Four circles around the middle, each as likely as the others; FFJORD's.
struct Rings {
    /// Radius of the largest; the others have 1/4, 1/2 and 3/4 of it.
    double radius = 3;
    /// Standard deviation of what is added to both coordinates.
    double noise = 0.08;
};

namespace detail {

inline void check_points(const char* set, int64_t n, double value, const char* what = "standard deviation") {
    if (n < 0) fail<ValueError>(set, "n is ", n, "; it must not be negative");
    if (!(value >= 0) || value - value != 0)
        fail<ValueError>(set, "a ", what, " of ", value, " is negative or not finite");
}

/// n points: place(u, v, x, i) writes point i to x from `random` numbers u of [0, 1) and two standard normal ones v.
template <class T, class Place>
Tensor<T> points(int64_t n, int64_t random, Generator& generator, const Place& place) {
    const Tensor<T> u = rand<T>({n, random}, generator), v = randn<T>({n, 2}, generator);
    Tensor<T> x = empty<T>({n, 2});
    T* const out = output(x);
    for (int64_t i = 0; i < n; ++i) place(u.data() + i * random, v.data() + 2 * i, out + 2 * i, i);
    return x;
}

}

/// Points of two half circles of radius 1: the upper one around (0, 0), the lower one around (1, 1/2), and noise.
/// Its density is an integral over the half circles: it has no closed form.
/// Shape    x (n, 2)
/// Throws   ValueError: n negative, or a noise that is negative or not finite
/// Source   scikit-learn, make_moons
template <Floating T>
Tensor<T> two_moons(int64_t n, Generator& generator = default_generator(), TwoMoons options = {}) {
    detail::check_points("two_moons", n, options.noise);
    detail::check_points("two_moons", n, options.shared, "shared noise");
    const T noise = static_cast<T>(options.noise), shared = static_cast<T>(options.shared),
            scale = static_cast<T>(options.scale), shift = static_cast<T>(options.shift);
    const bool spaced = options.spaced;
    const int64_t half = n / 2;
    return detail::points<T>(n, 3, generator, [=](const T* u, const T* v, T* x, int64_t i) {
        const bool upper = spaced ? i < half : u[1] < T(0.5);
        const int64_t last = upper ? half - 1 : n - half - 1;
        const T along =
            !spaced ? u[0]
                    : static_cast<T>(upper ? i : i - half) / static_cast<T>(std::max<int64_t>(1, last));
        const T angle = std::numbers::pi_v<T> * along, c = std::cos(angle), s = std::sin(angle);
        x[0] = scale * ((upper ? c : 1 - c) + shared * u[2] + noise * v[0]) + shift;
        x[1] = scale * ((upper ? s : T(0.5) - s) + shared * u[2] + noise * v[1]) + shift;
    });
}

/// Points of two spirals, each the other's turned by half a circle. The density has no closed form.
///   a = 3 pi sqrt(u), x = +-(-a cos a + u' / 2, a sin a + u'' / 2) / 3 + noise
/// Shape    x (n, 2)
/// Throws   ValueError: n negative, or a noise that is negative or not finite
/// Source   Grathwohl et al. 2019 (FFJORD), "2spirals"
template <Floating T>
Tensor<T> spirals(int64_t n, Generator& generator = default_generator(), Spirals options = {}) {
    detail::check_points("spirals", n, options.noise);
    const T noise = static_cast<T>(options.noise);
    return detail::points<T>(n, 4, generator, [=](const T* u, const T* v, T* x, int64_t) {
        const T a = 3 * std::numbers::pi_v<T> * std::sqrt(u[0]), side = u[3] < T(0.5) ? T(1) : T(-1);
        x[0] = side * (u[1] / 2 - std::cos(a) * a) / 3 + noise * v[0];
        x[1] = side * (u[2] / 2 + std::sin(a) * a) / 3 + noise * v[1];
    });
}

/// Points of eight normal densities whose means are the corners of a regular octagon, one at (radius, 0).
///   p(x) = 1/8 sum_k N(x; m_k, std^2 I)
/// Shape    x (n, 2)
/// Throws   ValueError: n negative, or a std that is negative or not finite
template <Floating T>
Tensor<T> eight_gaussians(int64_t n, Generator& generator = default_generator(),
                          EightGaussians options = {}) {
    detail::check_points("eight_gaussians", n, options.std);
    const T std = static_cast<T>(options.std), r = static_cast<T>(options.radius),
            d = static_cast<T>(options.radius * std::numbers::sqrt2 / 2);
    const T means[8][2] = {{r, 0}, {d, d}, {0, r}, {-d, d}, {-r, 0}, {-d, -d}, {0, -r}, {d, -d}};
    return detail::points<T>(n, 1, generator, [=](const T* u, const T* v, T* x, int64_t) {
        const T* const mean = means[static_cast<int>(u[0] * 8)];
        x[0] = mean[0] + std * v[0];
        x[1] = mean[1] + std * v[1];
    });
}

/// Points that are even over the eight dark squares of a board of 4 x 4 around (0, 0), of which the lower left is
/// light.
///   p(x) = 1 / (8 square^2) in a dark square, else 0
/// Shape    x (n, 2)
/// Throws   ValueError: n negative, or a length of a square that is negative or not finite
template <Floating T>
Tensor<T> checkerboard(int64_t n, Generator& generator = default_generator(), Checkerboard options = {}) {
    detail::check_points("checkerboard", n, options.square, "length");
    const T square = static_cast<T>(options.square);
    return detail::points<T>(n, 3, generator, [=](const T* u, const T*, T* x, int64_t) {
        const T column = std::floor(u[0] * 4), row = std::floor(u[2] * 2) * 2;
        const T dark = column == 1 || column == 3 ? T(0) : T(1);
        x[0] = square * (u[0] * 4 - 2);
        x[1] = square * (row + dark + u[1] - 2);
    });
}

/// Points of four circles of the same weight, and noise.
///   p(x) = 1/4 sum_k exp(-(|x|^2 + r_k^2) / (2 noise^2)) I_0(|x| r_k / noise^2) / (2 pi noise^2),  r_k = radius k / 4
/// Shape    x (n, 2)
/// Throws   ValueError: n negative, or a noise that is negative or not finite
template <Floating T>
Tensor<T> rings(int64_t n, Generator& generator = default_generator(), Rings options = {}) {
    detail::check_points("rings", n, options.noise);
    const T noise = static_cast<T>(options.noise), radius = static_cast<T>(options.radius);
    return detail::points<T>(n, 2, generator, [=](const T* u, const T* v, T* x, int64_t) {
        const T angle = 2 * std::numbers::pi_v<T> * u[0], r = radius * (std::floor(u[1] * 4) + 1) / 4;
        x[0] = r * std::cos(angle) + noise * v[0];
        x[1] = r * std::sin(angle) + noise * v[1];
    });
}

}
