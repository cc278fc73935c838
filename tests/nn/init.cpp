#include <tapegrad/nn/init.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {

struct Moments {
    double mean = 0, std = 0, low = 0, high = 0;
};
template <class T>
Moments moments_of(const Tensor<T>& x) {
    Moments m;
    for (const T v : to_vector(x)) {
        const auto d = static_cast<double>(v);
        m.mean += d / static_cast<double>(x.numel());
        m.std += d * d / static_cast<double>(x.numel());
        m.low = std::fmin(m.low, d);
        m.high = std::fmax(m.high, d);
    }
    m.std = std::sqrt(m.std - m.mean * m.mean);
    return m;
}

}

// Of 2^16 values the deviation has a relative error of 1 / sqrt(2^17) = 0.3 %, the mean one of std / 256.
TEST_CASE_TEMPLATE("init: moments", T, float, double) {
    Generator g(1);
    Tensor<T> x = empty<T>({128, 512});
    const auto check = [&](double std, double bound) {
        const Moments m = moments_of(x);
        CHECK(std::fabs(m.mean) < std / 50);
        CHECK(m.std == doctest::Approx(std).epsilon(0.02));
        if (bound > 0) CHECK(-m.low == doctest::Approx(bound).epsilon(1e-3));
        if (bound > 0) CHECK(m.high == doctest::Approx(bound).epsilon(1e-3));
    };
    init::uniform_(x, g, -3, 3);
    check(std::sqrt(3.0), 3);
    init::normal_(x, g, 0, 0.02);
    check(0.02, 0);
    init::kaiming_uniform_(x, g, std::sqrt(5.0));  // the bound of PyTorch's Linear: 1 / sqrt(in)
    check(1 / std::sqrt(512.0 * 3), 1 / std::sqrt(512.0));
    init::kaiming_normal_(x, g);
    check(std::sqrt(2.0 / 512), 0);
    init::xavier_uniform_(x, g);
    check(std::sqrt(2.0 / 640), std::sqrt(6.0 / 640));
    init::xavier_normal_(x, g, 2);
    check(2 * std::sqrt(2.0 / 640), 0);
    init::constant_(x, T(3));
    CHECK(moments_of(x).mean == doctest::Approx(3));
}

TEST_CASE("init: fans count the axes of a kernel") {
    CHECK(init::fans_of({8, 4}).in == 4);
    CHECK(init::fans_of({8, 4}).out == 8);
    CHECK(init::fans_of({8, 4, 3, 3}).in == 36);
    CHECK(init::fans_of({8, 4, 3, 3}).out == 72);
    CHECK_THROWS_WITH_AS(init::fans_of({8}), "init: a weight (8,) has no fans; its rank must be 2 or more",
                         ShapeError);
}

TEST_CASE("init: the numbers do not depend on the layout") {
    Generator a(7), b(7);
    Tensor<float> x = empty<float>({4, 3}), base = empty<float>({3, 4}),
                  y = detail::view_of(base, {4, 3}, {1, 4});
    init::normal_(x, a);
    init::normal_(y, b);
    CHECK(to_vector(x) == to_vector(y));
}

TEST_CASE("init: sizes 0, and a parameter is a leaf that collects") {
    Generator g;
    Tensor<float> none = empty<float>({4, 0});
    init::kaiming_uniform_(none, g);
    init::xavier_normal_(none, g);
    const Tensor<float> p = parameter(zeros<float>({2}));
    CHECK(p.requires_grad());
    CHECK(p.is_leaf());
}

TEST_CASE_TEMPLATE("init: no numbers are drawn for a model that is loaded at once", T, float, double) {
    Generator a(7), b(7);
    Tensor<T> x = full<T>({3}, T(5));
    {
        const init::Skip scope;
        init::normal_(x, a);
        init::uniform_(x, a);
    }
    CHECK(to_vector(x) == std::vector<T>(3, T(5)));
    CHECK(a.state() == b.state());
    init::normal_(x, a);
    CHECK(to_vector(x) != std::vector<T>(3, T(5)));
}
