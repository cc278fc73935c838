#include <tapegrad/ops/variance.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

using Inputs = std::vector<Tensor<double>>;

TEST_CASE("variance: value") {
    const Tensor<double> x{{1, 2, 4}, {-1, 0, 7}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(support::close(var(layout, 1), Tensor<double>{7.0 / 3, 19}, 1e-15));
        CHECK(support::close(var(layout, 0, {.correction = 0}), Tensor<double>{1, 1, 2.25}, 1e-15));
        CHECK(support::close(stddev(layout, {}, {.keepdims = true}), Tensor<double>{{std::sqrt(257.0 / 30)}},
                             1e-15));
        const auto [v, m] = var_mean(layout, -1, {.keepdims = true});
        CHECK(support::close(v, Tensor<double>{{7.0 / 3}, {19}}, 1e-15));
        CHECK(support::close(m, Tensor<double>{{7.0 / 3}, {2}}, 1e-15));
        CHECK(support::close(std_mean(layout, 1).stddev, sqrt(var(layout, 1)), 0));
    }
    // Nothing cancels beside a large mean.
    CHECK(var(Tensor<double>{1e9 + 1, 1e9 + 2, 1e9 + 3}).item() == 1);
    CHECK(var(Tensor<double>{1e6, 1e6 + 1, 1e6 + 2}).item() == 1);
}

TEST_CASE("variance: too few elements") {
    const auto is_nan = [](const Tensor<double>& y) { return y.item() != y.item(); };
    CHECK(is_nan(var(Tensor<double>{3.0})));
    CHECK(is_nan(var(zeros<double>({0}))));
    CHECK(var(Tensor<double>{3.0}, {}, {.correction = 0}).item() == 0);
    CHECK(is_nan(stddev(Tensor<double>(3.0))));
    CHECK(var(zeros<double>({0, 3}), 1).shape() == Shape{0});
    CHECK(var(Tensor<double>{1, 3}, {}, {.correction = 5}).item() == std::numeric_limits<double>::infinity());
}

TEST_CASE("variance: gradient to the third order") {
    const Tensor<double> x = support::normal<double>({3, 4});
    CHECK_GRAD([](const Inputs& in) { return square(var(in[0], 1)); }, {x});
    CHECK_GRAD([](const Inputs& in) { return var(in[0], {}, {.correction = 0.5}); }, {x});
    CHECK_GRAD([](const Inputs& in) { return stddev(in[0], 0, {.keepdims = true}); }, {x});
    CHECK_GRAD(
        [](const Inputs& in) {
            const auto [s, m] = std_mean(in[0], 0);
            return s * m;
        },
        {x});
}

TEST_CASE("variance: the deviation of equal elements has a gradient of 0") {
    Tensor<double> x = full<double>({3}, 2.0).requires_grad_();
    const auto first = grad(stddev(x), {x}, {.create_graph = true});
    CHECK(to_vector(first[0]) == std::vector<double>{0, 0, 0});
    CHECK(to_vector(grad(sum(first[0]), {x})[0]) == std::vector<double>{0, 0, 0});
}

TEST_CASE("variance: NaN and infinities show") {
    for (const double odd :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
        for (int64_t at = 0; at < 9; ++at) {
            Tensor<double> x = support::normal<double>({9});
            x.set({at}, odd);
            CHECK(std::isnan(stddev(x).item()));
        }
}

TEST_CASE("variance: errors") {
    const auto x = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] { var(x, 2); }) == "var: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { stddev(x, {0, 0}); }) == "stddev: axis 0 is named twice in (0, 0)");
    CHECK(message<ShapeError>([&] { var_mean(x, -3); }) ==
          "var_mean: axis -3 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { std_mean(x, {1, 1}); }) == "std_mean: axis 1 is named twice in (1, 1)");
}
