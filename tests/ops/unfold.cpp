#include <tapegrad/ops/unfold.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/primitive.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("unfold: value of a view", T, float, int64_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<float>({2, 9, 3}));
    for (const Tensor<T>& layout : {x, support::spread(x)})
        for (const int64_t size : {0, 1, 4, 9})
            for (const int64_t step : {1, 3, 20}) {
                const Tensor<T> y = unfold(layout, 1, size, step);
                REQUIRE(y.shape() == Shape{2, (9 - size) / step + 1, 3, size});
                CHECK(y.body().storage == layout.body().storage);
                support::for_each_place(y.shape(), [&](const Dims& p, int64_t) {
                    REQUIRE(y(p[0], p[1], p[2], p[3]) == x(p[0], p[1] * step + p[3], p[2]));
                });
            }
    CHECK(unfold(zeros<T>({0, 4}), 1, 2, 1).shape() == Shape{0, 3, 2});
}

TEST_CASE("unfold: what overlaps is summed, the same bits for any number of threads") {
    const auto x = zeros<float>({4000}).requires_grad_();
    const auto dy = support::normal<float>({1333, 4});
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        return grad(unfold(x, 0, 4, 3), {x}, {}, dy)[0];
    };
    const auto one = run(1);
    CHECK((one(0) == dy(0, 0) && one(3) == dy(0, 3) + dy(1, 0) && one(3999) == dy(1332, 3)));
    for (const int threads : {2, 3}) CHECK(support::same_bits(run(threads), one));
}

TEST_CASE("unfold: gradient") {
    using Inputs = std::vector<Tensor<double>>;
    const auto x = support::normal<double>({2, 5});
    CHECK_GRAD([](const Inputs& in) { return unfold(in[0] * in[0] * in[0], 1, 3, 2); }, {x});
    CHECK_GRAD([](const Inputs& in) { return unfold(unfold(in[0] * in[0], 1, 3, 1), 0, 2, 1); }, {x});
}

TEST_CASE("unfold: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { unfold(x, 1, 4, 1); }) ==
          "unfold: size 4 is outside [0, 3], axis 1 of x (2, 3)");
    CHECK(message<ShapeError>([&] { unfold(x, -2, -1, 1); }) ==
          "unfold: size -1 is outside [0, 2], axis 0 of x (2, 3)");
    CHECK(message<ValueError>([&] { unfold(x, 1, 2, 0); }) == "unfold: step 0 is not positive");
    CHECK(message<ShapeError>([&] { unfold(x, 2, 2, 1); }) ==
          "unfold: axis 2 is outside [-2, 2) of a tensor of rank 2");
}
