#include <tapegrad/ops/prod.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("prod: value over every kind of axes") {
    const Tensor<double> x{{1, -2, 3}, {4, 5, 6}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(prod(layout).item() == -720);
        CHECK(to_vector(prod(layout, 0)) == std::vector<double>{4, -10, 18});
        CHECK(to_vector(prod(layout, -1, true)) == std::vector<double>{-6, 120});
        CHECK(prod(layout, {0, 1}, true).shape() == Shape{1, 1});
    }
    CHECK(prod(Tensor<double>(3.0)).item() == 3);
    CHECK(to_vector(prod(zeros<double>({2, 0}), 1)) == std::vector<double>{1, 1});
    CHECK(prod(zeros<double>({2, 0}), 0).shape() == Shape{0});
}

TEST_CASE("prod: lengths around the width, along rows and columns") {
    for (int64_t n = 1; n <= 2 * simd::width<double> + 1; ++n) {
        const Tensor<double> x = support::uniform<double>({n, 3}, 0.5, 1.5);
        CHECK(support::close(prod(x, 0), exp(sum(log(x), 0)), 1e-14));
        CHECK(support::close(prod(x), exp(sum(log(x))), 1e-13));
    }
}

TEST_CASE("prod: integers and bool give int64, and wrap") {
    CHECK(prod(Tensor<int32_t>{1 << 30, 1 << 30}).item() == int64_t{1} << 60);
    CHECK(prod(Tensor<int64_t>{int64_t{1} << 62, 4, 7}).item() == 0);
    CHECK(prod(Tensor<bool>{true, true, false}).item() == 0);
    CHECK(prod(full<uint8_t>({5}, 3)).item() == 243);
}

TEST_CASE("prod: gradient to the third order with none, one, two and three zeros") {
    using Inputs = std::vector<Tensor<double>>;
    for (const Tensor<double>& x : {Tensor<double>{2, -1, 0.5, 3}, Tensor<double>{2, 0, 0.5, 3},
                                    Tensor<double>{0, -1, 0, 3}, Tensor<double>{0, 0, 2, 0}})
        CHECK_GRAD([](const Inputs& in) { return prod(in[0]); }, {x});
    const Tensor<double> x = support::normal<double>({2, 3, 2});
    CHECK_GRAD([](const Inputs& in) { return prod(in[0], {0, 2}); }, {x});
    CHECK_GRAD([](const Inputs& in) { return prod(in[0], 1, true); }, {x});
    CHECK_GRAD([](const Inputs& in) { return prod(in[0]); }, {Tensor<double>(2.0)});
}

TEST_CASE("prod: the gradient of a product that vanishes is not 0 / 0") {
    Tensor<double> x = Tensor<double>{1e-200, 1e-200, 4}.requires_grad_();
    prod(x).backward();
    CHECK(to_vector(x.grad()) == std::vector<double>{4e-200, 4e-200, 0});
    Tensor<double> none = zeros<double>({0}).requires_grad_();
    prod(none).backward();
    CHECK(none.grad().numel() == 0);
}

TEST_CASE("prod: errors") {
    CHECK(message<ShapeError>([] {
              prod(zeros<double>({2, 3}), 2);
          }) == "prod: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([] {
              prod(zeros<double>({2, 3}), {1, -1});
          }) == "prod: axis -1 is named twice in (1, -1)");
}
