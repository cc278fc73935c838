#include <tapegrad/ops/masked_linear.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/indexing.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("masked_linear: value", T, float, double) {
    const Tensor<T> w{{1, 2, 3}, {-1, 5, 1}}, mask{{1, 0, 1}, {1, 0, 0}}, b{10, 20};
    CHECK(to_vector(masked_linear(Tensor<T>{{1, 1, 1}, {0, 2, 1}}, w, mask, b)) ==
          std::vector<T>{14, 19, 13, 20});
    CHECK(masked_linear(zeros<T>({4, 5, 3}), w, mask).shape() == Shape{4, 5, 2});
    CHECK(masked_linear(zeros<T>({0, 3}), w, mask, b).shape() == Shape{0, 2});
    CHECK(to_vector(masked_linear(Tensor<T>{1, 1, 1}, w, mask)) == std::vector<T>{4, -1});
}

TEST_CASE("masked_linear: gradient") {
    Tensor<double> mask = zeros<double>({4, 3});
    for (int64_t i = 0; i < 12; i += 2) detail::output(mask)[i] = 1;
    const auto f = [mask](const auto& in) { return masked_linear(in[0], in[1], mask, in[2]); };
    CHECK_GRAD(f, {support::normal<double>({2, 5, 3}), support::normal<double>({4, 3}, 2),
                   support::normal<double>({4}, 3)});
    CHECK_GRAD([mask](const auto& in) { return masked_linear(in[0], in[1], mask); },
               {support::normal<double>({3}), support::normal<double>({4, 3}, 2)}, 2);
}

TEST_CASE("masked_linear: what the mask hides has no gradient") {
    const Tensor<float> w = support::normal<float>({20, 30}).requires_grad_();
    const Tensor<float> mask = tril(ones<float>({20, 30})), x = support::normal<float>({7, 30}, 2);
    sum(masked_linear(x, w, mask)).backward();
    const Tensor<float> d = w.grad();
    for (int64_t o = 0; o < 20; ++o)
        for (int64_t i = 0; i < 30; ++i) CHECK((d(o, i) == 0) == (i > o));
}

TEST_CASE_TEMPLATE("masked_linear: by degrees it is the same", T, float, double) {
    const Tensor<int64_t> in{1, 2, 3, 1, 2}, out{0, 3, 1, 2};
    const Tensor<T> mask{{0, 0, 0, 0, 0}, {1, 1, 1, 1, 1}, {1, 0, 0, 1, 0}, {1, 1, 0, 1, 1}};
    const Tensor<T> x = support::normal<T>({6, 5}).requires_grad_(),
                    w = support::normal<T>({4, 5}, 2).requires_grad_(),
                    b = support::normal<T>({4}, 3).requires_grad_(), dy = support::normal<T>({6, 4}, 4);
    const Tensor<T> y = degree_linear(x, w, in, out, b), z = masked_linear(x, w, mask, b);
    CHECK(support::same_bits(y.detach(), z.detach()));
    const auto got = grad(y, {x, w, b}, {}, dy), want = grad(z, {x, w, b}, {}, dy);
    for (std::size_t i = 0; i < 3; ++i) CHECK(support::close(got[i], want[i], 0));
}

TEST_CASE("masked_linear: gradient by degrees") {
    const Tensor<int64_t> in{1, 2, 3}, out{0, 3, 1, 2};
    CHECK_GRAD([&](const auto& v) { return degree_linear(v[0], v[1], in, out, v[2]); },
               {support::normal<double>({2, 3}), support::normal<double>({4, 3}, 2),
                support::normal<double>({4}, 3)},
               2);
}

TEST_CASE("masked_linear: errors") {
    const auto call = [](Shape x, Shape w, Shape m) {
        return support::message<ShapeError>(
            [&] { static_cast<void>(masked_linear(zeros<float>(x), zeros<float>(w), zeros<float>(m))); });
    };
    CHECK(call({3}, {2, 3}, {3, 2}) == "masked_linear: weight (2, 3) and mask (3, 2) differ");
    CHECK(
        call({4}, {2, 3}, {2, 3}) ==
        "linear: x (4,) and weight (2, 3) do not fit: the last size of x must be the second of weight (out, "
        "in)");
    CHECK(support::message<ShapeError>([] {
              const Tensor<int64_t> in{1, 2}, out{1, 2, 3};
              static_cast<void>(degree_linear(zeros<float>({3}), zeros<float>({2, 3}), in, out));
          }) == "degree_linear: weight (2, 3) and degrees (2,) of inputs and (3,) of outputs do not fit");
}
