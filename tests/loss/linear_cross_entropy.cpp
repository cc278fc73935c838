#include <tapegrad/loss/linear_cross_entropy.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/logical.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

Tensor<int64_t> some_targets(int64_t rows, int64_t classes) {
    Generator generator(2);
    return randint(-1, classes, {rows}, generator);  // -1 is ignored
}

}

TEST_CASE_TEMPLATE("linear_cross_entropy: chunks of any size give the loss and gradients of the parts", T,
                   float, double) {
    const Tensor<T> x = support::normal<T>({13, 6}).requires_grad_(),
                    w = support::normal<T>({9, 6}, 2).requires_grad_();
    const Tensor<int64_t> targets = some_targets(13, 9);
    for (const Reduction reduction : {Reduction::mean, Reduction::sum})
        for (const double smoothing : {0.0, 0.2}) {
            const CrossEntropyOptions o{
                .ignore_index = -1, .label_smoothing = smoothing, .reduction = reduction};
            const Tensor<T> want = cross_entropy(linear(x, w), targets, o);
            const auto d = grad(want * T(3), {x, w});
            for (const int64_t chunk : {1, 4, 13, 100}) {
                const Tensor<T> y = detail::chunked_cross_entropy(x, w, targets, o, chunk);
                CHECK(support::close(y, want, 2e-6));
                const auto g = grad(y * T(3), {x, w});
                CHECK(support::close(g[0], d[0], 1e-5));
                CHECK(support::close(g[1], d[1], 1e-5));
            }
        }
}

TEST_CASE("linear_cross_entropy: gradients to the second order, and asked for twice") {
    const Tensor<int64_t> targets = some_targets(5, 4);
    const CrossEntropyOptions o{.ignore_index = -1};
    const std::vector<Tensor<double>> v{support::normal<double>({5, 3}), support::normal<double>({4, 3}, 2)};
    const auto f = [&](const auto& x) { return detail::chunked_cross_entropy(x[0], x[1], targets, o, 2); };
    CHECK_GRAD(f, v, 2);
    Tensor<double> x = v[0].detach().requires_grad_(), w = v[1].detach().requires_grad_();
    const Tensor<double> y = detail::chunked_cross_entropy(x, w, targets, o, 2);
    backward(y, {}, {.retain_graph = true});
    const Tensor<double> first = w.grad().detach() * 2.0;
    y.backward();
    CHECK(support::close(w.grad(), first, 1e-14));
}

TEST_CASE("linear_cross_entropy: frozen parts, and many classes") {
    const Tensor<float> x = support::normal<float>({300, 4}),
                        w = support::normal<float>({60000, 4}, 2).requires_grad_();
    const Tensor<int64_t> targets = some_targets(300, 60000);
    const CrossEntropyOptions o{.ignore_index = -1};
    const Tensor<float> y = linear_cross_entropy(x, w, targets, o);  // in two chunks
    CHECK(support::close(y, cross_entropy(linear(x, w), targets, o), 1e-5));
    y.backward();
    CHECK(w.grad().shape() == w.shape());
    const no_grad scope;
    CHECK_FALSE(linear_cross_entropy(x, w, targets, o).requires_grad());
}

TEST_CASE("linear_cross_entropy: nothing that counts, and errors") {
    const Tensor<float> x = support::normal<float>({3, 2}).requires_grad_(),
                        w = support::normal<float>({4, 2}, 2).requires_grad_();
    const Tensor<int64_t> none = full<int64_t>({3}, -100);
    const Tensor<float> y = detail::chunked_cross_entropy(x, w, none, {}, 2);
    CHECK(std::isnan(y.item()));
    y.backward();
    CHECK(support::same_bits(w.grad(), zeros<float>({4, 2})));
    const Tensor<float> empty = detail::chunked_cross_entropy(zeros<float>({0, 2}), w, zeros<int64_t>({0}),
                                                              {.reduction = Reduction::sum}, 2);
    CHECK(empty.item() == 0);
    CHECK(message<IndexError>([&] {
              static_cast<void>(detail::chunked_cross_entropy(x, w, Tensor<int64_t>{0, 4, 1}, {}, 2));
          }) == "cross_entropy: target 4 at place 1 is outside [0, 4)");
    CHECK(message<ValueError>([&] {
              static_cast<void>(linear_cross_entropy(x, w, none, {.reduction = Reduction::none}));
          }) == "linear_cross_entropy: the losses of rows must be reduced to a mean or a sum");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(linear_cross_entropy(x, zeros<float>({4, 3}), none));
          }) == "linear_cross_entropy: x (3, 2) and weight (4, 3) do not fit: weight is (classes, width)");
    CHECK(message<ShapeError>([&] { static_cast<void>(linear_cross_entropy(x, w, zeros<int64_t>({2}))); }) ==
          "linear_cross_entropy: x (3, 2) and targets (2,) do not fit: targets have the axes of x without "
          "the last");
}
