#include <tapegrad/ops/map.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

const auto mixed = [](const auto&... v) {
    return map(
        "mixed", [](const auto&... u) { return (... + (u * tanh(u))) * (... * u); }, v...);
};

/// References that the tape holds to the elements of a tensor.
int held(const X& x) { return x.body().refs.value() - 1; }

}

TEST_CASE("map: one to eight inputs") {
    std::vector<X> v;
    for (int i = 0; i < 8; ++i)
        v.push_back(support::uniform<double>(i % 2 == 0 ? Shape{2, 2} : Shape{2}, 0.5, 1.5,
                                             1 + static_cast<unsigned>(i)));
    const auto first = [&](int n) { return std::vector<X>(v.begin(), v.begin() + n); };
    CHECK_GRAD([](const auto& u) { return mixed(u[0]); }, first(1), 3);
    CHECK_GRAD([](const auto& u) { return mixed(u[0], u[1]); }, first(2), 3);
    CHECK_GRAD([](const auto& u) { return mixed(u[0], u[1], u[2]); }, first(3), 2);
    CHECK_GRAD([](const auto& u) { return mixed(u[0], u[1], u[2], u[3], u[4], u[5]); }, first(6), 1);
    CHECK_GRAD([](const auto& u) { return mixed(u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7]); }, first(8),
               1);
    const X y = mixed(v[0], v[1], v[2]);
    support::for_each_place(y.shape(), [&](const Dims& place, int64_t i) {
        const double a = support::broadcast_at(v[0], place), b = support::broadcast_at(v[1], place),
                     c = support::broadcast_at(v[2], place);
        CHECK(y.data()[i] ==
              doctest::Approx((a * std::tanh(a) + b * std::tanh(b) + c * std::tanh(c)) * a * b * c)
                  .epsilon(1e-14));
    });
}

TEST_CASE("map: scalars in any place") {
    const X x = support::uniform<double>({3}, 0.5, 2), z = support::uniform<double>({3}, 0.5, 2, 2);
    const auto f = [](const auto& a, const auto& b, const auto& c) { return a * b - c / (a + 1); };
    const auto want = [&](auto a, auto b, auto c) { return a * b - c / (a + 1); };
    CHECK(support::close(map("f", f, x, 2, z), want(x, 2, z), 1e-15));
    CHECK(support::close(map("f", f, 3, x, z), want(3.0, x, z), 1e-15));
    CHECK(support::close(map("f", f, 3, x, 0.5F), want(3.0, x, 0.5), 1e-15));
    CHECK(support::close(map("f", f, x, z, int64_t{4}), want(x, z, 4), 1e-15));
    CHECK(map("f", f, 3.0, 2.0, 1.0) == 5.75);
    CHECK_GRAD([&](const auto& v) { return map("f", f, 3, v[0], v[1]); }, {x, z}, 3);
    CHECK_GRAD([&](const auto& v) { return map("f", f, v[0], 2, v[1]); }, {x, z}, 3);
    CHECK_GRAD([&](const auto& v) { return map("f", f, v[0], v[1], 7); }, {x, z}, 3);
}

TEST_CASE("map: bool tensors are masks") {
    const Tensor<bool> m = support::coins({3, 1}, 0.5);
    const X x = support::normal<double>({3, 4}), z = support::normal<double>({4}, 2);
    const auto f = [](const auto& a, const auto& c, const auto& b) { return where(c, a * b, sin(b)) * a; };
    CHECK(support::close(map("f", f, x, m, z), where(m, x * z, sin(z)) * x, 1e-14));
    CHECK_GRAD([&](const auto& v) { return map("f", f, v[0], m, v[1]); }, {x, z}, 3);
    CHECK_GRAD([&](const auto& v) { return map("f", f, v[0], m, 0.5); }, {x}, 2);
    // A lambda that ends in a comparison makes one.
    const auto between = [](const auto& a, const auto& b) { return (a < b) & (b < 1); };
    CHECK(support::same_bits(map("between", between, X{0, 2, -3}, X{0.5, 3, 2}),
                             Tensor<bool>{true, false, false}));
}

TEST_CASE("map: a lambda may have variables and assign to them") {
    const X x = support::normal<double>({2, 3}), w = support::normal<double>({3}, 2);
    const auto horner = [](const auto& a, const auto& b) {
        auto sum = a * b;
        sum += 1;
        sum *= a;
        sum -= b;
        sum /= 2;
        auto y = sum;
        y = y * y;
        return y + sum;
    };
    const X half = ((x * w + 1) * x - w) / 2;
    CHECK(support::close(map("horner", horner, x, w), half * half + half, 1e-14));
    CHECK_GRAD([&](const auto& v) { return map("horner", horner, v[0], v[1]); }, {x, w}, 3);
    const double factor = 3;
    CHECK_GRAD(
        [&](const auto& v) {
            return map(
                "captured", [factor](const auto& a) { return a * a * factor; }, v[0]);
        },
        {x}, 3);
}

TEST_CASE("map: an input that nothing depends on, or none at all") {
    const X x = support::normal<double>({3}), w = support::normal<double>({3}, 2);
    CHECK_GRAD(
        [](const auto& v) {
            return map(
                "first", [](const auto& a, const auto&) { return a * a * a; }, v[0], v[1]);
        },
        {x, w}, 3);
    CHECK_GRAD(
        [](const auto& v) {
            return map(
                "steps", [](const auto& a, const auto& b) { return floor(a) * b * b; }, v[0], v[1]);
        },
        {x, w}, 3);
    CHECK_GRAD(
        [](const auto& v) {
            return map(
                "sum", [](const auto& a, const auto& b) { return 2 * a - b; }, v[0], v[1]);
        },
        {x, w}, 3);
    CHECK_GRAD(
        [](const auto& v) {
            return map(
                "tie", [](const auto& a, const auto& b) { return a * b; }, v[0], v[0]);
        },
        {x}, 3);
}

TEST_CASE("map: only inputs that derivatives read are kept alive") {
    const auto make = [](unsigned seed, bool wanted) {
        X x = support::normal<double>({5}, seed);
        return wanted ? x.requires_grad_() * 1 : x;
    };
    const auto live = pool::statistics().live_bytes;
    {
        const X a = make(1, true), b = make(2, true), c = make(3, false);
        const X linear = map(
            "linear", [](const auto& u, const auto& v, const auto& w) { return u - 2 * v + exp(w); }, a, b,
            c);
        CHECK(held(a) == 0);
        CHECK(held(b) == 0);
        CHECK(held(c) == 0);
        const X product = map(
            "product", [](const auto& u, const auto& v, const auto& w) { return u * w + v; }, a, b, c);
        CHECK(held(a) == 0);
        CHECK(held(b) == 0);
        CHECK(held(c) == 1);
        const X sine = map(
            "sine", [](const auto& u, const auto& v) { return sin(u) + v; }, a, b);
        CHECK(held(a) == 1);
        CHECK(held(b) == 0);
        CHECK(held(sine) == 0);
        const no_grad off;
        const X constant = map(
            "sine", [](const auto& u) { return sin(u); }, a);
        CHECK(held(a) == 1);
    }
    CHECK(pool::statistics().live_bytes <= live + 64 * 1024);
}

TEST_CASE("map: a result that was written to, and an input") {
    X x = support::normal<double>({5}).requires_grad_();
    const X y = map(
        "square", [](const auto& a) { return a * a; }, x);
    x.mutable_data()[0] = 3;
    CHECK(message<AutogradError>([&] {
              backward(y, ones<double>({5}));
          }).starts_with("backward: square saved a tensor (5,) at version 0"));
}

TEST_CASE_TEMPLATE("map: the bits of an element depend on it alone", T, float, double) {
    const auto f = [](const auto& a, const auto& b) { return exp(a * b) * tanh(a) / (1 + b * b); };
    const auto run = [&](Tensor<T> a, Tensor<T> b) {
        a = a.detach().requires_grad_();
        b = b.detach().requires_grad_();
        const Tensor<T> y = map("f", f, a, b);
        const auto d = grad(y, {a, b}, {}, ones<T>(y.shape()));
        return std::array{y.detach(), d[0], d[1]};
    };
    constexpr int64_t W = simd::width<T>;
    const Shape shape{7, 10 * W + 3};
    const Tensor<T> a = support::normal<T>(shape), b = support::normal<T>(shape, 2);
    const auto want = run(a, b);
    for (const auto& got : {run(support::spread(a), b), run(a, support::spread(b)),
                            run(support::spread(a, 1), support::spread(b, 3))})
        for (std::size_t i = 0; i < 3; ++i) CHECK(support::same_bits(got[i], want[i]));
    for (const int64_t n : {int64_t{1}, W - 1, W, W + 1, 2 * W + 1, 9 * W})
        for (const int64_t at : {int64_t{0}, int64_t{1}, W - 1, W + 2}) {
            const auto part = [&](const Tensor<T>& t) { return detail::view_of(t, {7, n}, t.strides(), at); };
            const auto got = run(part(a), part(b));
            for (std::size_t i = 0; i < 3; ++i)
                CHECK(support::same_bits(got[i], detail::copy(part(want[i]))));
        }
    // One value for all is the same value.
    const auto scalar = run(a, Tensor<T>(T(0.75)));
    CHECK(support::same_bits(scalar[0], run(a, full<T>(shape, T(0.75)))[0]));
    CHECK(support::same_bits(scalar[0], map("f", f, a, 0.75)));
}

TEST_CASE("map: the bits do not depend on the number of threads") {
    const Tensor<float> a = support::normal<float>({300, 1000}), b = support::normal<float>({1000}, 2),
                        dy = support::normal<float>({300, 1000}, 3);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        Tensor<float> x = detail::copy(a).requires_grad_(), z = detail::copy(b).requires_grad_();
        const Tensor<float> y = map(
            "f", [](const auto& u, const auto& v) { return u * tanh(u) * v; }, x, z);
        backward(y, dy);
        return std::array{y.detach(), x.grad(), z.grad()};
    };
    const auto one = run(1);
    for (int threads = 2; threads <= 4; ++threads) {
        const auto many = run(threads);
        for (std::size_t i = 0; i < 3; ++i) CHECK(support::same_bits(one[i], many[i]));
    }
}

TEST_CASE("map: errors") {
    const X a = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] {
              static_cast<void>(map(
                  "f", [](const auto& u, const auto& v) { return u + v; }, a, zeros<double>({4})));
          }) == "f: shapes (2, 3) and (4,) do not broadcast: sizes 3 and 4 differ at axis -1");
    const X x = X{1, 2}.requires_grad_();
    const Tensor<bool> c = map(
        "above", [](const auto& u) { return u > 1; }, x);
    CHECK(c.requires_grad());
}
