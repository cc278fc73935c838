#include <tapegrad/ops/contract.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using detail::Labelled;
using detail::LabelSet;

namespace {

/// The product by its definition.
Tensor<double> reference(const Labelled<double>& a, const Labelled<double>& b, const Dims& result) {
    Dims labels = result;
    for (const Labelled<double>* x : {&a, &b})
        for (const int64_t label : x->labels)
            if (!labels.contains(label)) labels.push_back(label);
    const auto size = [&](int64_t label) {
        for (const Labelled<double>* x : {&a, &b})
            for (int i = 0; i < x->labels.rank(); ++i)
                if (x->labels[i] == label) return x->x.shape()[i];
        return int64_t{1};
    };
    Shape all, shape;
    for (const int64_t label : labels) all.push_back(size(label));
    for (const int64_t label : result) shape.push_back(size(label));
    const auto at = [&](const Dims& place, const Dims& wanted, const Strides& strides) {
        int64_t offset = 0;
        for (int i = 0; i < wanted.rank(); ++i)
            for (int k = 0; k < labels.rank(); ++k)
                if (labels[k] == wanted[i]) offset += place[k] * strides[i];
        return offset;
    };
    Tensor<double> y = zeros<double>(shape);
    support::for_each_place(all, [&](const Dims& place, int64_t) {
        detail::output(y)[at(place, result, y.strides())] +=
            a.x.data()[at(place, a.labels, a.x.strides())] * b.x.data()[at(place, b.labels, b.x.strides())];
    });
    return y;
}

struct Case {
    Dims a, b;
    LabelSet kept;
};
// Sizes are 2, 3, 4, 5 for the labels 0 to 3, and 2 above.
const Case cases[] = {{{0, 1}, {1, 2}, 0},
                      {{1, 0}, {2, 1}, 0},
                      {{0, 1}, {0, 1}, 1},
                      {{0, 1}, {0, 1}, 3},
                      {{0, 1}, {1, 0}, 0},
                      {{0}, {1}, 0},
                      {{}, {0, 1}, 0},
                      {{0, 1}, {}, 0},
                      {{}, {}, 0},
                      {{3, 0, 1}, {1, 0, 2}, 1},
                      {{0, 1, 2}, {3, 2, 0}, 4},
                      {{0}, {0, 1, 2}, 1},
                      {{0, 1, 2}, {1}, 2},
                      {{0, 1, 2}, {2, 1, 0}, 5},
                      {{4, 5, 6, 7, 8, 9, 10, 0}, {10, 9, 8, 7, 6, 5, 4, 0}, 127 << 4},
                      {{4, 5, 6, 7, 8, 9, 10}, {4, 5, 6, 7, 8, 9, 10, 1}, 127 << 4}};

Tensor<double> of(const Dims& labels, std::uint64_t seed) {
    const int64_t sizes[] = {2, 3, 4, 5};
    Shape shape;
    for (const int64_t label : labels) shape.push_back(label < 4 ? sizes[label] : 2);
    return support::normal<double>(shape, seed);
}

}

TEST_CASE("contract: value over every role that a label can have") {
    for (const Case& c : cases) {
        CAPTURE(c.a.to_string());
        CAPTURE(c.b.to_string());
        const Labelled<double> a{of(c.a, 1), c.a}, b{of(c.b, 2), c.b};
        const auto y = detail::contract(a, b, c.kept);
        CHECK(support::close(y.x, reference(a, b, y.labels), 1e-13));
        const auto apart = detail::contract(Labelled<double>{support::spread(a.x), c.a},
                                            Labelled<double>{support::spread(b.x), c.b}, c.kept);
        CHECK(support::close(apart.x, y.x, 1e-13));
    }
}

TEST_CASE("contract: gradients to the third order") {
    for (const Case& c : cases) {
        const Tensor<double> a = of(c.a, 1), b = of(c.b, 2);
        if (a.numel() * b.numel() > 1000) continue;
        CHECK_GRAD(
            [&](const auto& v) {
                return detail::contract(Labelled<double>{v[0], c.a}, Labelled<double>{v[1], c.b}, c.kept).x;
            },
            {a, b}, a.numel() + b.numel() < 20 ? 3 : 1);
    }
}

TEST_CASE("contract: sums over nothing are zeros") {
    const Labelled<double> a{zeros<double>({2, 0}), {0, 1}}, b{zeros<double>({0, 3}), {1, 2}};
    CHECK(support::same_bits(detail::contract(a, b, 0).x, zeros<double>({2, 3})));
    CHECK(detail::contract(a, Labelled<double>{ones<double>({3}), {2}}, 0).x.shape() == Shape{2, 0, 3});
}
