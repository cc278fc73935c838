#include <tapegrad/ops/linear_spline.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

constexpr SplineTails every_tail[] = {SplineTails::none, SplineTails::linear, SplineTails::circular};

int64_t numbers_of(SplineTails, int64_t bins) { return 1 * bins + (0); }
template <class T>
Tensor<T> points(SplineTails tails, int64_t n) {
    const double reach = tails == SplineTails::none ? 1 : 4;
    return support::uniform<T>({n}, -reach, reach, 3);
}

}

TEST_CASE_TEMPLATE("linear_spline: the inverse undoes it", T, float, double) {
    const bool single = std::same_as<T, float>;
    for (const SplineTails tails : every_tail)
        for (const int64_t bins : {1, 2, 5})
            for (const int64_t n : {0, 1, 40}) {
                CAPTURE(bins);
                const SplineOptions options{.tails = tails, .scale = 0.7};
                const Tensor<T> x = points<T>(tails, n), p = support::normal<T>({n, numbers_of(tails, bins)});
                const auto y = linear_spline(x, p, options);
                const auto back = linear_spline_inverse(y.value, p, options);
                CHECK(support::close(back.value, x, single ? 1e-5 : 1e-12));
                CHECK(support::close(back.log_slope, -y.log_slope, single ? 1e-4 : 1e-10));
            }
}

TEST_CASE("linear_spline: log_slope is that of the value, and its gradients") {
    for (const SplineTails tails : every_tail) {
        const SplineOptions options{.tails = tails};
        const Tensor<double> x = points<double>(tails, 5).requires_grad_();
        const Tensor<double> p = support::normal<double>({5, numbers_of(tails, 3)}, 6);
        const auto y = linear_spline(x, p, options);
        CHECK(support::close(log(grad(y.value, {x}, {.retain_graph = true}, ones_like(x))[0]), y.log_slope,
                             1e-12));
        for (const bool inverse : {false, true})
            CHECK_GRAD(
                [&](const std::vector<Tensor<double>>& in) {
                    const auto z = inverse ? linear_spline_inverse(in[0], in[1], options)
                                           : linear_spline(in[0], in[1], options);
                    return z.value * 0.7 + z.log_slope * z.value;
                },
                {x.detach(), p}, 2);
    }
}

TEST_CASE("linear_spline: far outside") {
    const double infinite = std::numeric_limits<double>::infinity();
    const Tensor<double> x = Tensor<double>{-infinite, -1e300, -1e5, 1e5, 1e300, infinite}.requires_grad_();
    const Tensor<double> p = support::normal<double>({6, 3}, 2).requires_grad_();
    for (const bool inverse : {false, true}) {
        const auto y = inverse ? linear_spline_inverse(x, p) : linear_spline(x, p);
        CHECK(support::same_bits(y.value.detach(), x.detach()));
        CHECK(support::same_bits(y.log_slope.detach(), zeros<double>({6})));
        const auto d = grad(y.value + y.log_slope, {x, p}, {}, ones_like(x));
        CHECK(support::same_bits(detail::contiguous(d[0]), ones<double>({6})));
        CHECK(support::close(d[1], zeros<double>(p.shape()), 0));
    }
}

TEST_CASE("linear_spline: layouts and errors") {
    const Tensor<double> x = support::uniform<double>({4, 5}, -2, 2), p = support::normal<double>({4, 5, 3});
    CHECK(support::same_bits(linear_spline(x, p).value,
                             linear_spline(support::spread(x), support::spread(p)).value));
    CHECK(message<ShapeError>([&] {
              linear_spline_inverse(x, zeros<double>({4, 4, 3}));
          }) ==
          "linear_spline_inverse: parameters (4, 4, 3) of x (4, 5): they need its axes and one for the "
          "numbers of a "
          "spline");
    CHECK(message<ValueError>([&] { linear_spline(x * 9.0, p, {.low = -2, .high = -2}); }) ==
          "linear_spline: low -2 is not below high -2");
}
