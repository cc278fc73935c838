// Ways from noise to data, and the velocity on them: what flow matching learns.
//
// A path is a struct with
//   location(x0, x1, t, noise): where an event is at time t, on the way from x0 to x1, and
//   velocity(x0, x1, t, x): how it moves there.
// x0, x1, x and noise (n, ...), t (n, 1, ...) with as many axes. `sigma` 0 needs no noise.
#pragma once

#include <numbers>

#include "../../ops/movement.hpp"
#include "../../tensor/random.hpp"
#include "schedulers.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A straight line, with noise of standard deviation sigma around it.
///   x = t x_1 + (1 - t) x_0 + sigma e,  velocity = x_1 - x_0
/// Source   Tong et al. 2024, Improving and generalizing flow-based generative models with minibatch optimal transport
struct StraightPath {
    double sigma = 0;
    template <class T>
    Tensor<T> location(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t,
                       const Tensor<T>& noise) const {
        if (sigma == 0)
            return map(
                "straight_path", [](auto a, auto b, auto s) { return a + s * (b - a); }, x0, x1, t);
        return map(
            "straight_path", [](auto a, auto b, auto s, auto e, auto d) { return a + s * (b - a) + d * e; },
            x0, x1, t, noise, sigma);
    }
    template <class T>
    Tensor<T> velocity(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>&, const Tensor<T>&) const {
        return x1 - x0;
    }
};

/// From all of the noise to a point: x_0 does not matter, noise does.
///   x = t x_1 + (1 - (1 - sigma) t) e,  velocity = (x_1 - (1 - sigma) x) / (1 - (1 - sigma) t)
/// Source   Lipman et al. 2023, Flow matching for generative modeling, equations 20 and 21
struct TargetPath {
    double sigma = 1e-4;
    template <class T>
    Tensor<T> location(const Tensor<T>&, const Tensor<T>& x1, const Tensor<T>& t,
                       const Tensor<T>& noise) const {
        return map(
            "target_path", [](auto b, auto s, auto e, auto keep) { return s * b + (1 - keep * s) * e; }, x1,
            t, noise, 1 - sigma);
    }
    template <class T>
    Tensor<T> velocity(const Tensor<T>&, const Tensor<T>& x1, const Tensor<T>& t, const Tensor<T>& x) const {
        return map(
            "target_path", [](auto b, auto s, auto v, auto keep) { return (b - keep * v) / (1 - keep * s); },
            x1, t, x, 1 - sigma);
    }
};

/// A Brownian bridge; with pairs of an entropic plan of regularisation 2 sigma^2, a Schroedinger bridge.
///   x = t x_1 + (1 - t) x_0 + sigma sqrt(t (1 - t)) e
///   velocity = (1 - 2 t) / (2 t (1 - t) + 1e-8) (x - mean) + x_1 - x_0
/// Source   Tong et al. 2024
struct BridgePath {
    double sigma = 1;
    template <class T>
    Tensor<T> location(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t,
                       const Tensor<T>& noise) const {
        return map(
            "bridge_path",
            [](auto a, auto b, auto s, auto e, auto d) {
                return s * b + (1 - s) * a + d * sqrt(s * (1 - s)) * e;
            },
            x0, x1, t, noise, sigma);
    }
    template <class T>
    Tensor<T> velocity(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t,
                       const Tensor<T>& x) const {
        return map(
            "bridge_path",
            [](auto a, auto b, auto s, auto v) {
                return (1 - 2 * s) / (2 * s * (1 - s) + 1e-8) * (v - (s * b + (1 - s) * a)) + b - a;
            },
            x0, x1, t, x);
    }
};

/// A quarter of a circle, whose variance stays.
///   x = cos(pi t / 2) x_0 + sin(pi t / 2) x_1 + sigma e
///   velocity = pi/2 (cos(pi t / 2) x_1 - sin(pi t / 2) x_0)
/// Source   Albergo and Vanden-Eijnden 2023, Building normalizing flows with stochastic interpolants
struct CircularPath {
    double sigma = 0;
    template <class T>
    Tensor<T> location(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t,
                       const Tensor<T>& noise) const {
        const auto [alpha, rest, alpha_rate, rest_rate] = Cosine{}(t);
        const Tensor<T> mean = rest * x0 + alpha * x1;
        return sigma == 0 ? mean : mean + static_cast<T>(sigma) * noise;
    }
    template <class T>
    Tensor<T> velocity(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t, const Tensor<T>&) const {
        const auto [alpha, rest, alpha_rate, rest_rate] = Cosine{}(t);
        return rest_rate * x0 + alpha_rate * x1;
    }
};

/// The path of a scheduler.
///   x = alpha x_1 + sigma x_0,  velocity = alpha' x_1 + sigma' x_0
/// Source   Lipman et al. 2024, Flow matching guide and code
template <Scheduler S>
struct AffinePath {
    S scheduler{};
    static constexpr double sigma = 0;
    template <class T>
    Tensor<T> location(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t, const Tensor<T>&) const {
        const Schedule<Tensor<T>> s = scheduler(t);
        return s.alpha * x1 + s.sigma * x0;
    }
    template <class T>
    Tensor<T> velocity(const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t, const Tensor<T>&) const {
        const Schedule<Tensor<T>> s = scheduler(t);
        return s.alpha_rate * x1 + s.sigma_rate * x0;
    }
};

/// Events on their way.
/// Shape    t (n,), x and velocity (n, ...)
template <class T>
struct PathSample {
    Tensor<T> t, x, velocity;
};

namespace detail {
template <class T>
void check_pairs(const char* op, const Tensor<T>& x0, const Tensor<T>& x1) {
    if (x0.rank() < 1 || x0.shape() != x1.shape())
        fail<ShapeError>(op, "x0 ", x0.shape(), " and x1 ", x1.shape(), " are no pairs of events");
}
/// Times (n,) with the axes of x.
template <class T>
Tensor<T> times_like(const Tensor<T>& t, const TensorBase& x) {
    Shape shape = t.shape();
    for (int i = 1; i < x.rank(); ++i) shape.push_back(1);
    return reshape(t, shape);
}
}

/// Events at given times, with given noise, which may be undefined where the path needs none.
/// Throws   ShapeError: x0 and x1 have other shapes, or t is not (n,)
template <class Path, Floating T>
PathSample<T> path_at(const Path& path, const Tensor<T>& x0, const Tensor<T>& x1, const Tensor<T>& t,
                      const Tensor<T>& noise = {}) {
    detail::check_pairs("path_at", x0, x1);
    if (t.shape() != Shape{x0.size(0)})
        detail::fail<ShapeError>("path_at", "t ", t.shape(), " has no time for each event of ", x0.shape());
    const Tensor<T> s = detail::times_like(t, x0);
    Tensor<T> x = path.location(x0, x1, s, noise);
    Tensor<T> velocity = path.velocity(x0, x1, s, x);
    return {t, std::move(x), std::move(velocity)};
}
/// Events at times that are even over [0, 1).
template <class Path, Floating T>
PathSample<T> sample_path(const Path& path, const Tensor<T>& x0, const Tensor<T>& x1,
                          Generator& generator = default_generator()) {
    detail::check_pairs("sample_path", x0, x1);
    const Tensor<T> t = rand<T>({x0.size(0)}, generator);
    return path_at(path, x0, x1, t, path.sigma != 0 ? randn<T>(x0.shape(), generator) : Tensor<T>());
}

}
