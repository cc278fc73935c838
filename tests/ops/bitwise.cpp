#include <tapegrad/ops/bitwise.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// Numbers of every size and sign.
template <class T>
Tensor<T> numbers(Shape shape, uint64_t seed) {
    Tensor<T> x = empty<T>(shape);
    T* p = detail::output(x);
    for (int64_t i = 0; i < x.numel(); ++i) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        p[i] = static_cast<T>(static_cast<int64_t>(seed) >> (seed >> 58));
    }
    return x;
}

template <class T, class F, class G>
void check(const char* name, const F& f, const G& g) {
    CAPTURE(name);
    for (const int64_t n : {0, 1, 15, 16, 17, 600}) {
        const Tensor<T> a = numbers<T>({3, n}, 1), b = numbers<T>({n}, 2), y = f(a, b);
        REQUIRE(y.shape() == a.shape());
        bool right = true;
        support::for_each_place(y.shape(), [&](const Dims& place, int64_t i) {
            right &= y.data()[i] == g(a.data()[i], support::broadcast_at(b, place));
        });
        CHECK(right);
        CHECK(support::same_bits(f(support::spread(a), b), y));
    }
}

}

TEST_CASE_TEMPLATE("bitwise: every operation, broadcast and in any layout", T, int32_t, int64_t, uint8_t) {
    check<T>(
        "and", [](const auto& a, const auto& b) { return a & b; },
        [](T u, T v) { return static_cast<T>(u & v); });
    check<T>(
        "or", [](const auto& a, const auto& b) { return a | b; },
        [](T u, T v) { return static_cast<T>(u | v); });
    check<T>(
        "xor", [](const auto& a, const auto& b) { return a ^ b; },
        [](T u, T v) { return static_cast<T>(u ^ v); });
    check<T>(
        "not", [](const auto& a, const auto& b) { return ~a | b; },
        [](T u, T v) { return static_cast<T>(~u | v); });
}

TEST_CASE_TEMPLATE("bitwise: shifts, also by too much", T, int32_t, int64_t) {
    constexpr T bits = sizeof(T) * 8, low = std::numeric_limits<T>::min();
    const Tensor<T> a{1, -8, 5, low, -1}, n{bits, 2, -1, bits - 1, 1};
    CHECK(support::same_bits(a << n, Tensor<T>{0, -32, 0, 0, -2}));
    CHECK(support::same_bits(a >> n, Tensor<T>{0, -2, 0, -1, -1}));
    CHECK(support::same_bits(bitwise_right_shift(a, T(70)), Tensor<T>{0, -1, 0, -1, -1}));
    CHECK(support::same_bits(Tensor<T>{1, 3} << 4, Tensor<T>{16, 48}));
}

TEST_CASE("bitwise: a number beside a tensor, unsigned shifts, truth") {
    const Tensor<uint8_t> x{0xf0, 0x0f, 0xff};
    CHECK(support::same_bits(x & 0x3c, Tensor<uint8_t>{0x30, 0x0c, 0x3c}));
    CHECK(support::same_bits(bitwise_or(x, 1), Tensor<uint8_t>{0xf1, 0x0f, 0xff}));
    CHECK(support::same_bits(x ^ 0xff, Tensor<uint8_t>{0x0f, 0xf0, 0}));
    CHECK(support::same_bits(x << 4, Tensor<uint8_t>{0, 0xf0, 0xf0}));
    CHECK(support::same_bits(x >> 4, Tensor<uint8_t>{0x0f, 0, 0x0f}));
    CHECK(support::same_bits(x >> 8, Tensor<uint8_t>{0, 0, 0}));
    const Tensor<bool> p{true, true, false}, q{true, false, false};
    CHECK(support::same_bits(bitwise_and(p, q), Tensor<bool>{true, false, false}));
    CHECK(support::same_bits(bitwise_or(p, q), Tensor<bool>{true, true, false}));
    CHECK(support::same_bits(bitwise_xor(p, q), Tensor<bool>{false, true, false}));
    CHECK(support::same_bits(bitwise_not(p), Tensor<bool>{false, false, true}));
}

TEST_CASE("bitwise: errors") {
    const Tensor<int64_t> a = zeros<int64_t>({2, 3}), b = zeros<int64_t>({2});
    CHECK(support::message<ShapeError>([&] { static_cast<void>(a & b); }) ==
          "bitwise_and: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
    CHECK(support::message<ShapeError>([&] { static_cast<void>(a << b); }) ==
          "bitwise_left_shift: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
}
