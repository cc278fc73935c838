#include <tapegrad/tensor/describe.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("describe: value") {
    CHECK(describe(Tensor<float>{{-1, 0.5f, 2.5f}, {1, 2, -0.5f}}) ==
          "float32 (2, 3), strides (3, 1), contiguous, min -1, max 2.5, mean 0.75, 0 NaN, 0 Inf");
    CHECK(describe(Tensor<int64_t>{3, -4}) ==
          "int64 (2,), strides (1,), contiguous, min -4, max 3, mean -0.5");
    CHECK(describe(Tensor<bool>{true, false}) ==
          "bool (2,), strides (1,), contiguous, min 0, max 1, mean 0.5");
    CHECK(describe(Tensor<double>(1e-7)) ==
          "float64 (), strides (), contiguous, min 1e-07, max 1e-07, mean 1e-07, 0 NaN, 0 Inf");
}

TEST_CASE("describe: views count only what they see") {
    const auto x = Tensor<float>{{1, 2, 3}, {4, 5, 6}};
    CHECK(describe(detail::view_of(x, {3, 2}, {1, 3})) ==
          "float32 (3, 2), strides (1, 3), not contiguous, min 1, max 6, mean 3.5, 0 NaN, 0 Inf");
    CHECK(describe(detail::view_of(x, {2, 2}, {3, 0}, 1)) ==
          "float32 (2, 2), strides (3, 0), not contiguous, min 2, max 5, mean 3.5, 0 NaN, 0 Inf");
}

TEST_CASE("describe: NaN and Inf are counted and left out") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(),
                    inf = std::numeric_limits<float>::infinity();
    CHECK(describe(Tensor<float>{nan, 2, inf, -inf, 4}) ==
          "float32 (5,), strides (1,), contiguous, min 2, max 4, mean 3, 1 NaN, 2 Inf");
    CHECK(describe(Tensor<float>{nan, inf}) ==
          "float32 (2,), strides (1,), contiguous, no finite element, 1 NaN, 1 Inf");
}

TEST_CASE("describe: empty, undefined, requires grad") {
    CHECK(describe(zeros<float>({0, 3})) ==
          "float32 (0, 3), strides (3, 1), contiguous, empty, 0 NaN, 0 Inf");
    CHECK(describe(Tensor<float>()) == "undefined");
    auto x = Tensor<float>{1};
    x.requires_grad_();
    CHECK(describe(x) ==
          "float32 (1,), strides (1,), contiguous, min 1, max 1, mean 1, 0 NaN, 0 Inf, requires grad");
}
