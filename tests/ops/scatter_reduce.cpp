#include <tapegrad/ops/scatter_reduce.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Inputs = std::vector<Tensor<double>>;

const double missing = std::numeric_limits<double>::quiet_NaN();
constexpr Reduce all_ways[] = {Reduce::sum, Reduce::prod, Reduce::mean, Reduce::amax, Reduce::amin};

}

TEST_CASE_TEMPLATE("scatter_reduce: value", T, float, double) {
    const Tensor<T> x{2, 3, 4};
    const Tensor<int64_t> ids{0, 2, 0};
    const Tensor<T> s{5, 7, -6};
    const auto values = [&](Reduce how, bool self) {
        return to_vector(scatter_reduce(x, 0, ids, s, how, {.include_self = self}));
    };
    CHECK(values(Reduce::sum, true) == std::vector<T>{1, 3, 11});
    CHECK(values(Reduce::sum, false) == std::vector<T>{-1, 3, 7});
    CHECK(values(Reduce::prod, true) == std::vector<T>{-60, 3, 28});
    CHECK(values(Reduce::prod, false) == std::vector<T>{-30, 3, 7});
    CHECK(values(Reduce::mean, true) == std::vector<T>{T(1) / 3, 3, T(5.5)});
    CHECK(values(Reduce::mean, false) == std::vector<T>{T(-0.5), 3, 7});
    CHECK(values(Reduce::amax, true) == std::vector<T>{5, 3, 7});
    CHECK(values(Reduce::amin, false) == std::vector<T>{-6, 3, 7});
    CHECK(scatter_reduce(zeros<T>({0}), 0, empty<int64_t>({0}), zeros<T>({0}), Reduce::prod).numel() == 0);
}

TEST_CASE("scatter_reduce: NaN is any extreme, and stays where it is") {
    for (const Reduce how : all_ways) {
        const auto y = scatter_reduce(Tensor<double>{1, 2, missing}, 0, Tensor<int64_t>{0, 0, 1},
                                      Tensor<double>{missing, 3, 4}, how);
        CHECK((y(0) != y(0) && y(1) == y(1) && y(2) != y(2)));
    }
}

TEST_CASE("scatter_reduce: gradient to the third order") {
    const auto x = support::normal<double>({3}), s = support::normal<double>({4}, 2);
    const Tensor<int64_t> ids{0, 2, 0, 0};
    for (const Reduce how : all_ways)
        for (const bool self : {true, false})
            CHECK_GRAD(
                [&](const Inputs& in) {
                    return scatter_reduce(in[0] * in[0], 0, ids,
                                          in[1] * index_select(in[0], 0, Tensor<int64_t>{0}), how,
                                          {.include_self = self});
                },
                {x, s}, 3);
}

TEST_CASE("scatter_reduce: a tie is shared, and a factor 0 has the product of the others as its derivative") {
    const Tensor<int64_t> ids{0, 0, 0, 1};
    const auto gradients = [&](const Tensor<double>& x, const Tensor<double>& s, Reduce how) {
        const std::vector<Tensor<double>> leaves{detail::copy(x).requires_grad_(),
                                                 detail::copy(s).requires_grad_()};
        const auto d =
            grad(scatter_reduce(leaves[0], 0, ids, leaves[1], how), leaves, {}, Tensor<double>{6, 6});
        return std::pair(to_vector(d[0]), to_vector(d[1]));
    };
    using Pair = std::pair<std::vector<double>, std::vector<double>>;
    CHECK(gradients({2, 1}, {2, 0, 2, 9}, Reduce::amax) == Pair({2, 0}, {2, 0, 2, 6}));
    CHECK(gradients({5, 2}, {3, 0, 4, 0}, Reduce::prod) == Pair({0, 0}, {0, 360, 0, 12}));
    CHECK(gradients({5, 2}, {3, 0, 0, 1}, Reduce::prod) == Pair({0, 6}, {0, 0, 0, 12}));
    CHECK(gradients({0, 2}, {3, 4, 5, 1}, Reduce::prod) == Pair({360, 6}, {0, 0, 0, 12}));
    // One 0 in a place: derivatives of every order.
    CHECK_GRAD([&](const Inputs& in) { return scatter_reduce(in[0], 0, ids, in[1], Reduce::prod); },
               {Tensor<double>{0, 2}, Tensor<double>{3, 0, 4, 2}}, 2);
}

TEST_CASE("scatter_reduce: errors") {
    const auto x = zeros<double>({2}), s = zeros<double>({2}).requires_grad_();
    const Tensor<int64_t> ids{0, 0};
    CHECK(message<IndexError>([&] {
              scatter_reduce(x, 0, Tensor<int64_t>{0, 2}, s, Reduce::sum);
          }) == "scatter_reduce: ids hold 2 at (1,), outside axis 0 of x (2,) of size 2");
    CHECK(message<AutogradError>([&] {
              grad(scatter_reduce(x, 0, ids, s, Reduce::prod), {s}, {.create_graph = true},
                   ones<double>({2}));
          }) == "scatter_reduce: a product of several zeros has no gradient of a gradient here");
}
