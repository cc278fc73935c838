#include <tapegrad/ops/scatter.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

namespace {

Tensor<int64_t> random_ids(const Shape& shape, int64_t bound) {
    Generator generator(3);
    Tensor<int64_t> ids = empty<int64_t>(shape);
    fill_randint(detail::output(ids), ids.numel(), generator, 0, bound);
    return ids;
}

}

TEST_CASE_TEMPLATE("scatter and scatter_add: value along every axis", T, float, double, int32_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<double>({3, 4, 5}));
    for (int axis = 0; axis < 3; ++axis)
        for (Shape shape : {Shape{3, 4, 5}, Shape{2, 3, 1}, Shape{3, 0, 5}}) {
            if (shape[axis] != 0) shape[axis] = 7;
            const auto ids = random_ids(shape, x.shape()[axis]);
            Shape larger = shape;
            ++larger[axis];
            const Tensor<T> source = detail::cast<T>(support::normal<double>(larger, 2));
            Tensor<T> set = detail::copy(x), added = detail::copy(x);
            support::for_each_place(shape, [&](const Dims& p, int64_t) {
                Dims to = p;
                to[axis] = ids(p[0], p[1], p[2]);
                const T value = source(p[0], p[1], p[2]);
                set.set(to, value);
                added.set(to, static_cast<T>(added(to[0], to[1], to[2]) + value));
            });
            CHECK(support::same_bits(scatter(support::spread(x), axis, ids, source), set));
            CHECK(support::same_bits(scatter_add(x, axis - 3, support::spread(ids), support::spread(source)),
                                     added));
        }
    CHECK(to_vector(scatter(zeros<T>({3}), 0, Tensor<int64_t>{2, 0}, 1)) == std::vector<T>{T(1), T(0), T(1)});
}

TEST_CASE("scatter and scatter_add: gradient; of equal places only the last is read") {
    using Inputs = std::vector<Tensor<double>>;
    const auto x = support::normal<double>({3, 2}), s = support::normal<double>({2, 3}, 2);
    const Tensor<int64_t> ids{{0, 2}, {0, 1}};
    CHECK_GRAD([&](const Inputs& in) { return scatter(in[0] * in[0], 0, ids, in[1] * in[1]) * in[0]; },
               {x, s});
    CHECK_GRAD([&](const Inputs& in) { return scatter_add(in[0] * in[0], 0, ids, in[1] * in[1]) * in[0]; },
               {x, s});
    const auto leaf = detail::copy(s).requires_grad_();
    const auto d = grad(scatter(x, 0, ids, leaf), {leaf}, {}, ones<double>({3, 2}))[0];
    CHECK(to_vector(d) == std::vector<double>{0, 1, 0, 1, 1, 0});
}

TEST_CASE("scatter_add: the bits do not depend on the number of threads") {
    const auto ids = random_ids({100000}, 30);
    const auto source = support::normal<float>({100000}, 2);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        return scatter_add(zeros<float>({30}), 0, ids, source);
    };
    for (const int threads : {2, 3, 5}) CHECK(support::same_bits(run(threads), run(1)));
}

TEST_CASE("scatter: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<IndexError>([&] {
              scatter(x, 1, Tensor<int64_t>{{0, 3}}, x);
          }) == "scatter: ids hold 3 at (0, 1), outside axis 1 of x (2, 3) of size 3");
    CHECK(message<IndexError>([&] {
              scatter_add(x, 0, Tensor<int64_t>{{0}, {-1}}, x);
          }) == "scatter_add: ids hold -1 at (1, 0), outside axis 0 of x (2, 3) of size 2");
    CHECK(message<ShapeError>([&] { scatter(x, 1, Tensor<int64_t>{0}, x); }) ==
          "scatter: ids (1,) do not fit x (2, 3): they need its rank, and no larger size beside axis 1");
    CHECK(message<ShapeError>([&] {
              scatter(x, 1, Tensor<int64_t>{{0, 1, 2, 0}}, x);
          }) == "scatter: source (2, 3) is smaller than ids (1, 4), or of another rank");
    CHECK(message<ShapeError>([&] { scatter_add(x, 2, Tensor<int64_t>{{0}}, x); }) ==
          "scatter_add: axis 2 is outside [-2, 2) of a tensor of rank 2");
}
