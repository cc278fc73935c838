#include <tapegrad/flows/divergence.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {
/// f(x) = sin(x) + x_0 x, whose divergence is sum cos x + d x_0 + x_0.
template <class T>
Tensor<T> field(const Tensor<T>& x) {
    return sin(x) + narrow(x, 1, 0, 1) * x;
}
}

TEST_CASE_TEMPLATE("divergence: exact", T, float, double) {
    const auto x = support::normal<T>({5, 3});
    const auto [rate, trace] = divergence(field<T>, x);
    CHECK(support::close(rate, field(x), 1e-6));
    CHECK(support::close(trace, sum(cos(x), {1}) + select(x, 1, 0) * T(4), 1e-5));
    const no_grad constant;
    CHECK(support::close(divergence(field<T>, x).divergence, trace, 1e-6));
}

TEST_CASE("divergence: events of several axes, and none") {
    const auto x = support::normal<double>({3, 2, 2});
    const auto d = divergence([](const Tensor<double>& v) { return v * v; }, x).divergence;
    CHECK(support::close(d, sum(reshape(x, {3, 4}), {1}) * 2.0, 1e-12));
    CHECK(
        divergence([](const Tensor<double>& v) { return v * v; }, zeros<double>({0, 2})).divergence.shape() ==
        Shape{0});
}

TEST_CASE("divergence: estimates have the exact one as their mean") {
    Generator generator(4);
    const auto one = support::normal<double>({1, 3});
    const auto x = contiguous(expand(one, {20000, 3}));
    const double exact = divergence(field<double>, one).divergence.item();
    for (const Divergence how : {Divergence::gaussian, Divergence::rademacher}) {
        const auto noise = detail::divergence_noise<double>(how, x.shape(), generator);
        const double estimate = mean(divergence(field<double>, x, noise).divergence).item();
        CHECK(std::abs(estimate - exact) < 0.15);
    }
    CHECK(!detail::divergence_noise<double>(Divergence::exact, {2, 2}, generator).defined());
}

TEST_CASE("divergence: gradient") {
    const auto f = [](const std::vector<Tensor<double>>& x) {
        const auto scaled = [&](const Tensor<double>& v) { return sin(v * x[1]); };
        return divergence(scaled, x[0]).divergence;
    };
    CHECK_GRAD(f, {support::normal<double>({2, 2}, 1), support::normal<double>({2}, 2)}, 2);
    const auto noise = support::normal<double>({2, 2}, 3);
    const auto g = [&](const std::vector<Tensor<double>>& x) {
        const auto scaled = [&](const Tensor<double>& v) { return sin(v * x[1]); };
        return divergence(scaled, x[0], noise).divergence;
    };
    CHECK_GRAD(g, {support::normal<double>({2, 2}, 1), support::normal<double>({2}, 2)}, 2);
}
