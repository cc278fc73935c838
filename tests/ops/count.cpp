#include <tapegrad/ops/count.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("count: any, all and the number of elements that are not 0") {
    const Tensor<double> x{{0, 0, missing}, {0, 1, -2}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(to_vector(any(layout, 0)) == std::vector<bool>{false, true, true});
        CHECK(to_vector(all(layout, 0)) == std::vector<bool>{false, false, true});
        CHECK(to_vector(count_nonzero(layout, 1, true)) == std::vector<int64_t>{1, 2});
        CHECK(any(layout).item());
        CHECK_FALSE(all(layout).item());
        CHECK(all(layout, {0, 1}, true).shape() == Shape{1, 1});
        CHECK(count_nonzero(layout).item() == 3);
    }
    CHECK(all(Tensor<int64_t>{1, int64_t{1} << 32}).item());  // no bit is lost
    CHECK(any(Tensor<bool>(true)).item());
    CHECK_FALSE(any(zeros<double>({0})).item());
    CHECK(all(zeros<double>({0})).item());
    CHECK(to_vector(all(zeros<double>({2, 0}), 1)) == std::vector<bool>{true, true});
    CHECK(count_nonzero(zeros<double>({3, 0}), 1).shape() == Shape{3});
}

TEST_CASE("count: one truth at every position around the width") {
    for (int64_t n = 1; n <= 40; ++n)
        for (int64_t at = 0; at < n; ++at) {
            Tensor<bool> x = zeros<bool>({n});
            x.set({at}, true);
            REQUIRE(any(x).item());
            REQUIRE(all(x).item() == (n == 1));
            REQUIRE(count_nonzero(x).item() == 1);
        }
}

TEST_CASE("count: `all` still takes an axis whole") {
    const Tensor<double> x{{1, 2}, {3, 4}};
    CHECK(to_vector(at(x, all, 1)) == std::vector<double>{2, 4});
}

TEST_CASE("count: sums and means that pass over NaN") {
    const Tensor<double> x{{1, missing, 3}, {missing, missing, missing}};
    CHECK(to_vector(nansum(x, 1)) == std::vector<double>{4, 0});
    CHECK(nanmean(x).item() == 2);
    const Tensor<double> means = nanmean(x, 1, true);
    CHECK(means(0, 0) == 2);
    CHECK(std::isnan(means(1, 0)));
    Tensor<double> leaf = Tensor<double>{1, missing, 3}.requires_grad_();
    nanmean(leaf).backward();
    CHECK(to_vector(leaf.grad()) == std::vector<double>{0.5, 0, 0.5});
    CHECK_GRAD([](const std::vector<Tensor<double>>& in) { return square(nanmean(in[0], 0)); },
               {support::normal<double>({3, 2})});
}

TEST_CASE("count: numbers have no derivative, and say so") {
    const Tensor<double> x = zeros<double>({2}).requires_grad_();
    CHECK(count_nonzero(x).requires_grad());
    CHECK(any(x).requires_grad());
    CHECK_FALSE(all(x.detach()).requires_grad());
}

TEST_CASE("count: errors") {
    const auto x = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] { any(x, 2); }) == "any: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { all(x, {1, 1}); }) == "all: axis 1 is named twice in (1, 1)");
    CHECK(message<ShapeError>([&] { count_nonzero(x, -3); }) ==
          "count_nonzero: axis -3 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { nansum(x, 7); }) ==
          "nansum: axis 7 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { nanmean(x, 7); }) ==
          "nanmean: axis 7 is outside [-2, 2) of a tensor of rank 2");
}
