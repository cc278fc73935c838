#include <tapegrad/ops/reduce.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Inputs = std::vector<Tensor<double>>;

/// f(the elements that become one) for each element of the result.
template <class T, class F>
Tensor<double> reference(const Tensor<T>& x, detail::AxisMask mask, bool keepdims, const F& f) {
    const Strides places = row_major(detail::kept_shape(x.shape(), mask));
    Tensor<double> y = empty<double>(detail::reduced_shape(x.shape(), mask, keepdims));
    std::vector<std::vector<double>> groups(static_cast<std::size_t>(y.numel()));
    support::for_each_place(x.shape(), [&](const Dims& p, int64_t) {
        int64_t to = 0;
        for (int axis = 0; axis < x.rank(); ++axis)
            to += ((mask >> axis) & 1) != 0 ? 0 : p[axis] * places[axis];
        groups[static_cast<std::size_t>(to)].push_back(static_cast<double>(support::broadcast_at(x, p)));
    });
    for (std::size_t i = 0; i < groups.size(); ++i) detail::output(y)[i] = f(groups[i]);
    return y;
}

double sum_of(const std::vector<double>& v) {
    double total = 0;
    for (const double e : v) total += e;
    return total;
}
double max_of(const std::vector<double>& v) {
    double top = v[0];
    for (const double e : v) top = e > top ? e : top;
    return top;
}
double min_of(const std::vector<double>& v) {
    double bottom = v[0];
    for (const double e : v) bottom = e < bottom ? e : bottom;
    return bottom;
}
double logsumexp_of(const std::vector<double>& v) {
    double total = 0;
    for (const double e : v) total += std::exp(e - max_of(v));
    return max_of(v) + std::log(total);
}

const std::vector<std::vector<int64_t>> axis_lists = {{}, {0}, {1}, {-1}, {0, 1}, {1, 2}, {0, 2}, {2, 0, 1}};

Axes axes_of(const std::vector<int64_t>& list) { return Axes(std::span<const int64_t>(list)); }

}

TEST_CASE_TEMPLATE("reduce: value of every reduction over every set of axes", T, float, double) {
    // A few roundings of sums of up to 60 normal numbers.
    const double tolerance = 40 * static_cast<double>(std::numeric_limits<T>::epsilon());
    const Tensor<T> x = support::normal<T>({3, 4, 5});
    const Tensor<T> repeated = expand(support::normal<T>({3, 1, 5}, 2), {3, 4, 5});
    for (const Tensor<T>& layout :
         {x, support::spread(x), repeated, transpose(support::normal<T>({3, 5, 4}))})
        for (const auto& list : axis_lists)
            for (const bool keepdims : {false, true}) {
                const Axes axes = axes_of(list);
                const auto mask = detail::axis_mask("test", axes, 3);
                const auto n = static_cast<double>(detail::reduced_count(layout.shape(), mask));
                CAPTURE(axes.to_string());
                const auto check = [&](const Tensor<T>& got, const auto& f) {
                    CHECK(support::close(got, reference(layout, mask, keepdims, f), tolerance));
                };
                check(sum(layout, axes, keepdims), sum_of);
                check(mean(layout, axes, keepdims), [n](const auto& v) { return sum_of(v) / n; });
                check(amax(layout, axes, keepdims), max_of);
                check(amin(layout, axes, keepdims), min_of);
                check(logsumexp(layout, axes, keepdims), logsumexp_of);
            }
}

TEST_CASE("reduce: the ways to name axes") {
    const Tensor<float> x{{1, 2, 3}, {4, 5, 6}};
    CHECK(sum(x).item() == 21);
    CHECK(to_vector(sum(x, 0)) == std::vector<float>{5, 7, 9});
    CHECK(to_vector(sum(x, -1)) == std::vector<float>{6, 15});
    CHECK(sum(x, {0, 1}).item() == 21);
    CHECK(sum(x, {}, true).shape() == Shape{1, 1});
    CHECK(sum(x, 1, true).shape() == Shape{2, 1});
    CHECK(sum(Tensor<float>(4.0f)).item() == 4);
    CHECK(sum(Tensor<float>(4.0f), -1).item() == 4);
}

TEST_CASE_TEMPLATE("reduce: lengths around the width, along rows and columns", T, float, double) {
    constexpr int64_t w = simd::width<T>;
    for (const int64_t n : {int64_t{1}, w - 1, w, w + 1, 2 * w + 1, int64_t{100}, int64_t{5000}})
        for (const int axis : {0, 1}) {
            const Tensor<T> x = support::normal<T>(axis == 0 ? Shape{n, 3} : Shape{3, n});
            const auto mask = detail::AxisMask{1U << axis};
            CAPTURE(n);
            // The sums of normal numbers stay near 0, their magnitudes add up to n.
            const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
            CHECK(support::close(sum(x, axis), reference(x, mask, false, sum_of),
                                 eps * (20 + static_cast<double>(n))));
            CHECK(support::close(amax(x, axis), reference(x, mask, false, max_of), 0));
            CHECK(support::close(logsumexp(x, axis), reference(x, mask, false, logsumexp_of), 40 * eps));
        }
}

TEST_CASE("reduce: integers and bool") {
    const Tensor<int32_t> x{{2147483647, 1}, {-5, 7}};
    static_assert(std::same_as<decltype(sum(x)), Tensor<int64_t>>);
    CHECK(sum(x).item() == 2147483650);
    CHECK(to_vector(sum(x, 0)) == std::vector<int64_t>{2147483642, 8});
    CHECK(amax(x).item() == 2147483647);
    CHECK(to_vector(amin(x, 1)) == std::vector<int32_t>{1, -5});
    CHECK(sum(Tensor<int64_t>{1, 2, 3}).item() == 6);
    CHECK(sum(Tensor<uint8_t>{200, 100}).item() == 300);
    CHECK(sum(Tensor<bool>{true, false, true}).item() == 2);
    CHECK(to_vector(sum(Tensor<bool>{{true, false}, {true, true}}, 0)) == std::vector<int64_t>{2, 1});
}

TEST_CASE_TEMPLATE("reduce: of nothing", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    const Tensor<T> x = zeros<T>({2, 0, 3});
    CHECK(sum(x).item() == 0);
    CHECK(to_vector(sum(x, 1)) == std::vector<T>(6, T(0)));
    CHECK(sum(x, 0).shape() == Shape{0, 3});
    CHECK(std::isnan(mean(x).item()));
    CHECK(std::isnan(mean(x, 1)(1, 2)));
    CHECK(to_vector(logsumexp(x, 1)) == std::vector<T>(6, -inf));
    CHECK(amax(x, 0).shape() == Shape{0, 3});
    CHECK(message<ShapeError>([&] { amax(x, 1); }) ==
          "amax: x (2, 0, 3) has no elements along a reduced axis, and nothing is their extreme");
    CHECK(message<ShapeError>([&] { amin(x); }) ==
          "amin: x (2, 0, 3) has no elements along a reduced axis, and nothing is their extreme");
    CHECK(sum(zeros<int32_t>({0})).item() == 0);
}

TEST_CASE_TEMPLATE("reduce: extremes of numbers", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (int64_t at = 0; at < n; ++at) {
            Tensor<T> x = support::normal<T>({n});
            x.set({at}, nan);
            REQUIRE(std::isnan(sum(x).item()));
            REQUIRE(std::isnan(mean(x).item()));
            REQUIRE(std::isnan(amax(x).item()));
            REQUIRE(std::isnan(amin(x).item()));
            REQUIRE(std::isnan(logsumexp(x).item()));
        }
    CHECK(amax(Tensor<T>{-inf, -inf}).item() == -inf);
    CHECK(amin(Tensor<T>{inf, 3}).item() == 3);
    CHECK(logsumexp(Tensor<T>{-inf, -inf}).item() == -inf);
    CHECK(logsumexp(Tensor<T>{-inf, 2}).item() == 2);
    CHECK(logsumexp(Tensor<T>{inf, 2}).item() == inf);
    CHECK(logsumexp(Tensor<T>{T(1e5), T(1e5)}).item() == doctest::Approx(1e5 + 0.6931471805599453));
    CHECK(logsumexp(Tensor<T>{T(-1e5), T(-1e5)}).item() == doctest::Approx(-1e5 + 0.6931471805599453));
    const T tiny = std::numeric_limits<T>::denorm_min();
    CHECK(sum(Tensor<T>{tiny, tiny}).item() == 2 * tiny);
}

TEST_CASE("reduce: gradient") {
    const auto x = support::normal<double>({2, 3, 2});
    for (const auto& list : {std::vector<int64_t>{}, {1}, {0, 2}})
        for (const bool keepdims : {false, true}) {
            const Axes axes = axes_of(list);
            CAPTURE(axes.to_string());
            CHECK_GRAD([&](const Inputs& in) { return exp(sum(in[0] * in[0], axes, keepdims) * 0.1); }, {x});
            CHECK_GRAD([&](const Inputs& in) { return exp(mean(in[0] * in[0], axes, keepdims)); }, {x});
            CHECK_GRAD([&](const Inputs& in) { return square(amax(in[0] * in[0], axes, keepdims)); }, {x});
            CHECK_GRAD([&](const Inputs& in) { return square(amin(in[0] * in[0], axes, keepdims)); }, {x});
            CHECK_GRAD([&](const Inputs& in) { return logsumexp(in[0] * in[0], axes, keepdims); }, {x});
        }
    CHECK_GRAD([](const Inputs& in) { return sum(transpose(in[0]), 0); }, {x});
}

TEST_CASE("reduce: the gradient of an extreme is shared evenly by a tie, as in PyTorch") {
    auto x = Tensor<float>{{1, 3, 3}, {2, 2, 2}};
    x.requires_grad_();
    backward(amax(x, 1), Tensor<float>{6, 9});
    CHECK(to_vector(x.grad()) == std::vector<float>{0, 3, 3, 3, 3, 3});
    x.zero_grad();
    backward(amin(x), Tensor<float>(8.0f));
    CHECK(to_vector(x.grad()) == std::vector<float>{8, 0, 0, 0, 0, 0});
}

TEST_CASE("reduce: integers have no gradient, and need none") {
    auto x = Tensor<float>{1, 2};
    x.requires_grad_();
    CHECK_FALSE(sum(x > 1).requires_grad());
}

TEST_CASE("reduce: the same bits for any number of threads") {
    const Tensor<float> x = support::normal<float>({300, 70, 11});
    for (const auto& list : axis_lists) {
        const Axes axes = axes_of(list);
        Tensor<float> one[2];
        {
            const support::Threads threads(1);
            one[0] = sum(x, axes);
            one[1] = logsumexp(x, axes);
        }
        for (const int n : {2, 3, 4}) {
            const support::Threads threads(n);
            CHECK(support::same_bits(sum(x, axes), one[0]));
            CHECK(support::same_bits(logsumexp(x, axes), one[1]));
        }
    }
}

TEST_CASE("reduce: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { sum(x, 2); }) == "sum: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { mean(x, {0, 0}); }) == "mean: axis 0 is named twice in (0, 0)");
    CHECK(message<ShapeError>([&] { logsumexp(x, -3); }) ==
          "logsumexp: axis -3 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { amax(x, {1, -1}); }) == "amax: axis -1 is named twice in (1, -1)");
}
