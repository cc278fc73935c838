#include <tapegrad/ops/nade.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::normal;

namespace {

/// x, weight, output, bias and hidden_bias; about half of x is 0.
template <class T>
std::vector<Tensor<T>> inputs(int64_t samples, int64_t variables, int64_t outputs, int64_t hidden) {
    Tensor<T> x = normal<T>({samples, variables});
    for (int64_t i = 0; i < x.numel(); ++i)
        if (x.data()[i] < T(0)) detail::output(x)[i] = T(0);
    return {x, normal<T>({variables, hidden}, 2), normal<T>({variables, outputs, hidden}, 3),
            normal<T>({variables, outputs}, 4), normal<T>({hidden}, 5)};
}
template <class T>
Tensor<T> call(const std::vector<Tensor<T>>& v) {
    return nade(v[0], v[1], v[2], v[3], v[4]);
}

}

TEST_CASE_TEMPLATE("nade: the kernel is its definition, with its gradients", T, float, double) {
    const double tolerance = std::is_same_v<T, float> ? 2e-4 : 1e-12;
    const int64_t w = simd::width<T>;
    for (const auto [samples, variables, outputs, hidden] :
         {std::array<int64_t, 4>{3, 5, 1, 4}, std::array<int64_t, 4>{70, 130, 1, 8 * w + 3},
          std::array<int64_t, 4>{2, 64, 3, 8 * w}, std::array<int64_t, 4>{1, 1, 2, 1}}) {
        CAPTURE(variables);
        auto in = inputs<T>(samples, variables, outputs, hidden);
        for (auto& x : in) x.requires_grad_();
        const Tensor<T> y = call(in);
        const Tensor<T> z = detail::composed_nade(in[0], in[1], in[2], in[3], in[4]);
        CHECK(support::close(y, z, tolerance));
        const Tensor<T> dy = normal<T>(y.shape(), 7);
        const auto got = grad(y, in, {}, dy), want = grad(z, in, {}, dy);
        for (std::size_t i = 0; i < got.size(); ++i) {
            CAPTURE(i);
            CHECK(support::close(got[i], want[i], tolerance));
        }
        const Tensor<T> fixed = in[0].detach();  // the way without a gradient of x
        const std::vector<Tensor<T>> rest(in.begin() + 1, in.end());
        const auto others = grad(nade(fixed, in[1], in[2], in[3], in[4]), rest, {}, dy);
        for (std::size_t i = 0; i < others.size(); ++i)
            CHECK(support::close(others[i], got[i + 1], tolerance));
    }
}

TEST_CASE("nade: gradient") {
    CHECK_GRAD([](const auto& in) { return call(in); }, inputs<double>(2, 4, 2, 3), 2);
}

TEST_CASE("nade: no samples, no variables, no units") {
    CHECK(call(inputs<float>(0, 3, 1, 2)).shape() == Shape{0, 3, 1});
    CHECK(call(inputs<float>(2, 0, 1, 2)).shape() == Shape{2, 0, 1});
    const auto in = inputs<float>(2, 3, 1, 0);
    CHECK(to_vector(call(in)) == to_vector(expand(in[3], {2, 3, 1})));
}

TEST_CASE("nade: a NaN reaches the variables behind it") {
    auto in = inputs<float>(1, 4, 1, 3);
    detail::output(in[0])[1] = std::numeric_limits<float>::quiet_NaN();
    const auto y = to_vector(call(in));
    CHECK((y[0] == y[0] && y[1] == y[1] && y[2] != y[2] && y[3] != y[3]));
}

TEST_CASE("nade: the bits do not depend on the number of threads") {
    const auto run = [](int threads) {
        const support::Threads scope(threads);
        auto in = inputs<float>(130, 20, 1, 300);
        for (auto& x : in) x.requires_grad_();
        const Tensor<float> y = call(in);
        auto d = grad(y, in, {}, ones<float>(y.shape()));
        d.push_back(y.detach());
        return d;
    };
    const auto one = run(1), four = run(4);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(support::same_bits(one[i], four[i]));
}

TEST_CASE("nade: errors") {
    auto in = inputs<float>(2, 3, 1, 4);
    in[4] = zeros<float>({3});
    CHECK(support::message<ShapeError>([&] { static_cast<void>(call(in)); }) ==
          "nade: x (2, 3), weight (3, 4), output (3, 1, 4), bias (3, 1) and hidden_bias (3,) are not (B, D), "
          "(D, H), (D, K, H), (D, K) and (H,)");
}
