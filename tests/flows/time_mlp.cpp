#include <tapegrad/flows/time_mlp.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/jacobian.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("time_mlp: one time for all is the same time for each, and the layers behind each other",
                   T, float, double) {
    Generator generator(1);
    const TimeMlp<SELU, T> field(3, {5, 7}, generator);
    CHECK(count_parameters(field) == 4 * 5 + 5 + 5 * 7 + 7 + 7 * 3 + 3);
    const auto x = support::normal<T>({6, 3});
    const auto each = field(full<T>({6}, T(0.3)), x);
    CHECK(support::close(field(0.3, x), each, 1e-6));
    const auto h = cat({x, full<T>({6, 1}, T(0.3))}, 1);
    CHECK(support::close(each, field.layers[2](selu(field.layers[1](selu(field.layers[0](h))))), 1e-6));
}

TEST_CASE_TEMPLATE("time_mlp: the divergence is the trace of the Jacobian", Activation, Tanh, ELU, SELU,
                   Softplus, SiLU) {
    Generator generator(2);
    for (const std::vector<int64_t>& hidden : {std::vector<int64_t>{}, {8}, {8, 6}}) {
        const TimeMlp<Activation, double> field(2, hidden, generator);
        const auto x = support::normal<double>({4, 2});
        const auto [rate, trace] = field.with_divergence(0.7, x);
        CHECK(support::close(rate, field(0.7, x), 1e-12));
        CHECK(trace.shape() == Shape{4});
        const auto whole =
            jacobian([&](const Tensor<double>& v) { return field(0.7, v); }, x);  // (4, 2, 4, 2)
        for (int64_t i = 0; i < 4; ++i) {
            const auto at = [&](int64_t k) { return whole.data()[((i * 2 + k) * 4 + i) * 2 + k]; };
            CHECK(select(trace, 0, i).item() == doctest::Approx(at(0) + at(1)).epsilon(1e-10));
        }
    }
}

TEST_CASE("time_mlp: errors") {
    Generator generator(1);
    const TimeMlp<> field(2, {4}, generator);
    CHECK_THROWS_WITH_AS(field(0, zeros<float>({5, 3})), "TimeMlp: x (5, 3) is not (n, 2)", ShapeError);
    CHECK_THROWS_WITH_AS(field(zeros<float>({4}), zeros<float>({5, 2})),
                         "TimeMlp: t (4,) has no time for each point of x (5, 2)", ShapeError);
}
