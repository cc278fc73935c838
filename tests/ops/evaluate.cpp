#include <tapegrad/ops/evaluate.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using detail::evaluate;

namespace {
const auto add = [](const auto& a, const auto& b) { return a + b; };
}

TEST_CASE_TEMPLATE("evaluate: any element type, length and layout", T, float, double, int32_t, int64_t,
                   uint8_t) {
    for (const int64_t n : {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 511, 512, 513, 1100}) {
        Tensor<T> a = empty<T>({n}), b = empty<T>({n});
        for (int64_t i = 0; i < n; ++i) {
            detail::output(a)[i] = static_cast<T>(i % 100);
            detail::output(b)[i] = static_cast<T>(i % 7);
        }
        const Tensor<T> y = evaluate("add", add, a, b);
        bool right = true;
        for (int64_t i = 0; i < n; ++i) right &= y.data()[i] == static_cast<T>(i % 100 + i % 7);
        CHECK(right);
        CHECK(support::same_bits(evaluate("add", add, support::spread(a), b), y));
        CHECK(support::same_bits(evaluate("add", add, a, support::spread(b, 3)), y));
        if (n > 0) {
            const Tensor<T> back = detail::view_of(a, {n}, {-1}, n - 1);
            CHECK(evaluate("add", add, back, b).data()[0] == static_cast<T>((n - 1) % 100));
        }
    }
}

TEST_CASE("evaluate: a comparison writes bools, masks read them") {
    for (const int64_t n : {0, 1, 7, 16, 17, 1000}) {
        const Tensor<float> a = support::normal<float>({n}), b = support::normal<float>({n}, 2);
        const Tensor<bool> less = evaluate(
            "less", [](const auto& u, const auto& v) { return u < v; }, a, b);
        const Tensor<float> least = evaluate(
            "choose", [](const auto& m, const auto& u, const auto& v) { return where(m, u, v); }, less, a, b);
        const Tensor<bool> twice = evaluate(
            "not", [](const auto& m) { return !!m; }, support::spread(less));
        bool right = true;
        for (int64_t i = 0; i < n; ++i)
            right &= less.data()[i] == (a.data()[i] < b.data()[i]) &&
                     least.data()[i] == std::fmin(a.data()[i], b.data()[i]);
        CHECK(right);
        CHECK(support::same_bits(twice, less));
    }
}

TEST_CASE("evaluate: the result is contiguous and of the common shape") {
    const Tensor<float> a = support::normal<float>({3, 1, 2}), b = support::normal<float>({4, 1}, 2);
    const Tensor<float> y = evaluate("add", add, a, b);
    CHECK(y.shape() == Shape{3, 4, 2});
    CHECK(y.is_contiguous());
    CHECK(evaluate("add", add, support::spread(a), support::spread(a)).is_contiguous());
    CHECK(evaluate("add", add, empty<float>({0, 3}), empty<float>({1, 1})).shape() == Shape{0, 3});
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(evaluate("add", add, a, empty<float>({4, 3})));
          }) == "add: shapes (3, 1, 2) and (4, 3) do not broadcast: sizes 2 and 3 differ at axis -1");
}

TEST_CASE("evaluate: eight axes that no two inputs walk alike") {
    const Shape shape{2, 1, 3, 2, 1, 2, 3, 2};
    const Tensor<float> a = support::normal<float>(shape), b = support::normal<float>({3, 1, 2, 2, 1, 1}, 2);
    const Tensor<float> y = evaluate("add", add, support::spread(a), b);
    bool right = true;
    support::for_each_place(y.shape(), [&](const Dims& place, int64_t i) {
        right &= y.data()[i] == support::broadcast_at(a, place) + support::broadcast_at(b, place);
    });
    CHECK(right);
}
