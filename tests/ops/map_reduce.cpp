#include <tapegrad/ops/map_reduce.hpp>

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

constexpr auto product = [](const auto& a, const auto& b) { return a * b; };
constexpr auto squared = [](const auto& a) { return a * a; };
}

TEST_CASE_TEMPLATE("map_sum: value", T, float, double) {
    constexpr int64_t w = simd::width<T>;
    for (const int64_t n :
         {int64_t{0}, int64_t{1}, w - 1, w, w + 1, 2 * w + 1, int64_t{511}, int64_t{513}, int64_t{70001}}) {
        const Tensor<T> x = support::normal<T>({n}), y = support::normal<T>({n}, 2);
        double want = 0;
        for (int64_t i = 0; i < n; ++i)
            want += static_cast<double>(x.data()[i]) * static_cast<double>(y.data()[i]);
        // Each product and each sum of 512 of them is rounded; their magnitudes add up to about 0.64 n.
        const double tolerance =
            static_cast<double>(std::numeric_limits<T>::epsilon()) * (20 + 0.64 * static_cast<double>(n));
        CHECK(std::fabs(static_cast<double>(map_sum("dot", product, x, y).item()) - want) <= tolerance);
        if (n > 0)
            CHECK(std::fabs(static_cast<double>(map_mean("dot", product, x, y).item()) -
                            want / static_cast<double>(n)) <= tolerance);
    }
}

TEST_CASE_TEMPLATE("map_sum: broadcasts, scalars, masks, strides", T, float, double) {
    const Tensor<T> a{{1, 2, 3}, {4, 5, 6}}, row{1, 0, -1}, column{{2}, {3}};
    CHECK(map_sum("p", product, a, row).item() == -4);
    CHECK(map_sum("p", product, row, column).item() == 0);
    CHECK(map_sum("p", product, support::spread(a), a).item() == 91);
    CHECK(map_sum("p", product, a, 2).item() == 42);
    CHECK(map_mean("p", product, 2.0, a).item() == 7);
    CHECK(map_sum(
              "m", [](const auto& v, const auto& m) { return where(m, v, 0); }, a, a > 2.5)
              .item() == 18);
    CHECK(map_sum("s", squared, Tensor<T>(T(3))).item() == 9);
    CHECK(map_sum("s", squared, zeros<T>({0, 3})).item() == 0);
    CHECK(std::isnan(map_mean("s", squared, zeros<T>({0, 3})).item()));
}

TEST_CASE_TEMPLATE("map_sum: NaN at every position", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (int64_t at = 0; at < n; ++at) {
            Tensor<T> x = zeros<T>({n});
            x.set({at}, nan);
            REQUIRE(std::isnan(map_sum("s", squared, x).item()));
        }
}

TEST_CASE("map_sum: gradient") {
    const auto a = support::normal<double>({2, 3}), row = support::normal<double>({3}, 2);
    const auto swiglu = [](const auto& x, const auto& g) { return x * sigmoid(x) * g; };
    CHECK_GRAD([&](const Inputs& in) { return square(map_sum("swiglu", swiglu, in[0], in[1])); }, {a, row});
    CHECK_GRAD([&](const Inputs& in) { return square(map_mean("swiglu", swiglu, in[0], in[1])); }, {a, row});
    CHECK_GRAD([&](const Inputs& in) { return map_sum("p", product, in[0] * in[0], 3.0); }, {a});
    CHECK_GRAD([&](const Inputs& in) { return map_mean("s", squared, expand(in[0], {4, 2, 3})); }, {a});
    CHECK_GRAD(
        [&](const Inputs& in) {
            return map_sum(
                "m", [](const auto& v, const auto& m) { return where(m, v * v * v, sin(v)); }, in[0],
                in[0] > 0.0);
        },
        {a});
}

TEST_CASE("map_sum: an input that no derivative reads is not kept") {
    auto x = Tensor<float>{1, 2};
    x.requires_grad_();
    const auto y = map_sum(
        "add", [](const auto& v, const auto& c) { return v + c; }, x, Tensor<float>{5, 6});
    x.mutable_data()[0] = 9;  // no saved tensor: no refusal
    backward(y);
    CHECK(to_vector(x.grad()) == std::vector<float>{1, 1});

    const auto z = map_sum("squared", squared, x);
    x.mutable_data()[0] = 1;
    CHECK_THROWS_AS(backward(z), AutogradError);
}

TEST_CASE("map_sum: the same bits for any number of threads") {
    const auto x = support::normal<float>({200003});
    Tensor<float> one;
    {
        const support::Threads threads(1);
        one = map_sum("s", squared, x);
    }
    for (const int n : {2, 3, 4}) {
        const support::Threads threads(n);
        CHECK(support::same_bits(map_sum("s", squared, x), one));
    }
}

TEST_CASE("map_sum: errors") {
    CHECK(message<ShapeError>([] {
              map_sum("dot", product, Tensor<float>{1, 2}, Tensor<float>{1, 2, 3});
          }).starts_with("dot: shapes (2,) and (3,) do not broadcast"));
    const detect_anomaly watch;
    CHECK(message<AutogradError>([] {
              map_sum(
                  "log", [](const auto& v) { return log(v); }, Tensor<float>{-1});
          }) == "log: the output has a NaN or an Inf (found by detect_anomaly)");
}
