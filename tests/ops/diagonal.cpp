#include <tapegrad/ops/diagonal.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("diagonal: value for all offsets, and back into zeros", T, float, int64_t, bool) {
    for (const Shape& shape : {Shape{3, 4}, Shape{4, 2}, Shape{1, 1}, Shape{0, 3}}) {
        const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(numel_of(shape)), shape));
        for (const Tensor<T>& layout : {x, support::spread(x)})
            for (int64_t offset = -5; offset <= 5; ++offset) {
                std::vector<T> want;
                for (int64_t i = 0; i < shape[0]; ++i)
                    if (i + offset >= 0 && i + offset < shape[1]) want.push_back(x(i, i + offset));
                const Tensor<T> y = diagonal(layout, offset);
                CHECK(to_vector(y) == want);
                CHECK(y.body().storage == layout.body().storage);
                CHECK(to_vector(diag(layout, offset)) == want);
                const Tensor<T> square = diag_embed(y, offset);
                CHECK(square.shape() == Shape{y.numel() + std::abs(offset), y.numel() + std::abs(offset)});
                CHECK(to_vector(diagonal(square, offset)) == want);
            }
    }
    constexpr int64_t high = std::numeric_limits<int64_t>::max();
    CHECK(diagonal(zeros<T>({2, 2}), high).numel() == 0);
    CHECK(diagonal(zeros<T>({2, 2}), -high - 1).numel() == 0);
}

TEST_CASE("diagonal, diag_embed: other axes, and what lies off the diagonal is 0") {
    const auto x = reshape(arange<double>(24), {2, 3, 4});
    CHECK(to_vector(diagonal(x, 1, 2, 0)) == std::vector<double>{12, 16, 20});
    CHECK(diagonal(x, 0, 0, -1).shape() == Shape{3, 2});
    const auto y = diag_embed(x, 1, 0, -1);
    REQUIRE(y.shape() == Shape{5, 2, 3, 5});
    support::for_each_place(y.shape(), [&](const Dims& p, int64_t) {
        REQUIRE(y(p[0], p[1], p[2], p[3]) == (p[3] == p[0] + 1 ? x(p[1], p[2], p[0]) : 0.0));
    });
    CHECK(trace(Tensor<int32_t>{{1, 2, 3}, {4, 5, 6}}).item() == 6);
    CHECK(trace(zeros<float>({0, 0})).item() == 0);
}

TEST_CASE("diagonal: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { diagonal(x, 0, 1, -1); }) ==
          "diagonal: axes 1 and -1 are the same axis of (2, 3)");
    CHECK(message<ShapeError>([&] { diagonal(x, 0, 0, 2); }) ==
          "diagonal: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([] { diag_embed(Tensor<float>(1.0F)); }) ==
          "diag_embed: x () has no axis to lay on a diagonal");
    constexpr int64_t low = std::numeric_limits<int64_t>::min();
    CHECK(message<ShapeError>([&] { diag_embed(x, low); }) ==
          "diag_embed: offset -9223372036854775808 makes too large a matrix");
    CHECK(message<ShapeError>([] {
              diag(zeros<float>({1, 2, 3}));
          }) == "diag: x (1, 2, 3) is neither a vector nor a matrix");
    CHECK(message<ShapeError>([] { trace(zeros<float>({3})); }) == "trace: x (3,) is no matrix");
}
