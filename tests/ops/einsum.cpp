#include <tapegrad/ops/einsum.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// The sum of products by its definition, over all places of all labels.
Tensor<double> reference(const char* equation, const std::vector<Tensor<double>>& x) {
    std::vector<Shape> shapes;
    for (const auto& t : x) shapes.push_back(t.shape());
    const detail::Equation e(equation, shapes);
    std::vector<int64_t> labels;
    int64_t places = 1;
    for (int64_t label = 0; label < static_cast<int64_t>(detail::label_count); ++label)
        if (e.size(label) >= 0) {
            labels.push_back(label);
            places *= e.size(label);
        }
    Shape shape;
    for (const int64_t label : e.output()) shape.push_back(e.size(label));
    Tensor<double> y = zeros<double>(shape);
    std::array<int64_t, detail::label_count> at{};
    for (int64_t p = 0; p < places; ++p) {
        int64_t rest = p;
        for (const int64_t label : labels) {
            at[static_cast<std::size_t>(label)] = rest % e.size(label);
            rest /= e.size(label);
        }
        const auto offset = [&](const Dims& list, const Tensor<double>& t) {
            int64_t i = 0;
            for (int axis = 0; axis < list.rank(); ++axis)
                i += t.shape()[axis] == 1 ? 0 : at[static_cast<std::size_t>(list[axis])] * t.strides()[axis];
            return i;
        };
        double product = 1;
        for (std::size_t k = 0; k < x.size(); ++k) product *= x[k].data()[offset(e.operands()[k], x[k])];
        detail::output(y)[offset(e.output(), y)] += product;
    }
    return y;
}

struct Case {
    const char* equation;
    std::vector<Shape> shapes;
};
const Case cases[] = {
    {"ij,jk->ik", {{2, 3}, {3, 4}}},
    {"ij,jk", {{2, 3}, {3, 4}}},
    {"ij->ji", {{2, 3}}},
    {"ij", {{2, 3}}},
    {"ji", {{2, 3}}},
    {"ij->", {{2, 3}}},
    {"->", {{}}},
    {",->", {{}, {}}},
    {",ij", {{}, {2, 3}}},
    {"ii->i", {{3, 3}}},
    {"iii->i", {{3, 3, 3}}},
    {"iijj->ji", {{2, 2, 3, 3}}},
    {"iij,jj->i", {{2, 2, 3}, {3, 3}}},
    {"ii,ii->i", {{3, 3}, {3, 3}}},
    {"ii", {{1, 1}}},
    {"ij,ij,ij->ij", {{2, 3}, {2, 3}, {2, 3}}},
    {"i,i,i,i->", {{3}, {3}, {3}, {3}}},
    {"i,j,k,l->lkji", {{2}, {3}, {4}, {2}}},
    {"...ij,...jk->...ik", {{4, 1, 2, 3}, {5, 3, 2}}},
    {"...,...->...", {{4, 1}, {3}}},
    {"...,...", {{2, 3}, {}}},
    {"i...->...", {{2, 3, 2}}},
    {"...ii->...i", {{2, 3, 3}}},
    {"b...h,h...b->...", {{2, 3, 4}, {4, 3, 2}}},
    {"ij,jk->ik", {{2, 1}, {3, 4}}},
    {"ij,jk->ijk", {{2, 1}, {3, 4}}},
    {"ij,ij->ij", {{1, 3}, {2, 1}}},
    {"ij,jk->k", {{1, 1}, {1, 1}}},
    {"bij,bjk->bik", {{1, 2, 3}, {4, 3, 2}}},
    {"bhqd,bhkd,bhke->bqhe", {{2, 2, 3, 4}, {2, 2, 2, 4}, {2, 2, 2, 3}}},
    {"ab,bc,cd,de,ef,fg,gh,ha->", {{2, 3}, {3, 2}, {2, 4}, {4, 2}, {2, 3}, {3, 2}, {2, 2}, {2, 2}}},
    {"ab,ac,ad,ae,af,ag,ah,ai->a", {{2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}}},
    {"abcdefgh,hgfedcba->", {{2, 1, 2, 1, 2, 1, 2, 2}, {2, 2, 1, 2, 1, 2, 1, 2}}},
    {"Zz,zA->AZ", {{2, 3}, {3, 4}}},
    {"ij,jk->ik", {{2, 0}, {0, 4}}},
    {"ij,jk->ik", {{0, 2}, {2, 4}}},
    {"bij,bjk->bik", {{0, 2, 3}, {0, 3, 2}}},
    {"ij,kl->jl", {{2, 3}, {4, 5}}},
    {"i,ij,j->", {{40}, {40, 33}, {33}}},
};

std::vector<Tensor<double>> inputs(const Case& c) {
    std::vector<Tensor<double>> x;
    for (const Shape& shape : c.shapes) x.push_back(support::normal<double>(shape, x.size() + 1));
    return x;
}
Tensor<double> run(const char* equation, const std::vector<Tensor<double>>& x) {
    return einsum(equation, std::span<const Tensor<double>>(x));
}

}

TEST_CASE("einsum: value of every kind of equation") {
    for (const Case& c : cases) {
        CAPTURE(c.equation);
        const auto x = inputs(c);
        const Tensor<double> want = reference(c.equation, x);
        CHECK(support::close(run(c.equation, x), want, 1e-12));
        std::vector<Tensor<double>> apart;
        std::vector<Tensor<float>> floats;
        for (const auto& t : x) {
            apart.push_back(support::spread(t));
            floats.push_back(detail::cast<float>(t));
        }
        CHECK(support::close(run(c.equation, apart), want, 1e-12));
        CHECK(support::close(einsum(c.equation, std::span<const Tensor<float>>(floats)), want, 1e-4));
    }
}

TEST_CASE("einsum: gradients") {
    for (const Case& c : cases) {
        CAPTURE(c.equation);
        const auto x = inputs(c);
        int64_t elements = 0;
        for (const auto& t : x) elements += t.numel();
        if (elements > 200) continue;
        CHECK_GRAD([&](const auto& v) { return run(c.equation, v); }, x,
                   elements <= 12   ? 3
                   : elements <= 20 ? 2
                                    : 1);
    }
    CHECK_GRAD([](const auto& v) { return einsum("ij,ji,ii->i", v[0], v[0], v[0]); },
               {support::normal<double>({3, 3})}, 3);
}

TEST_CASE("einsum: a product of matrices has the bits of matmul") {
    const Tensor<float> a = support::normal<float>({33, 40}), b = support::normal<float>({40, 17}, 2);
    CHECK(support::same_bits(einsum("ij,jk->ik", a, b), matmul(a, b)));
    CHECK(support::same_bits(einsum("kj,ik->ij", b, a), matmul(a, b)));
    const Tensor<float> q = support::normal<float>({2, 3, 20, 8}, 3),
                        k = support::normal<float>({2, 3, 30, 8}, 4);
    CHECK(support::same_bits(einsum("bhqd,bhkd->bhqk", q, k), matmul(q, transpose(k))));
    for (const int threads : {2, 3}) {
        const Tensor<float> one = einsum("bhqd,bhkd->qbhk", q, k);
        const support::Threads scope(threads);
        CHECK(support::same_bits(einsum("bhqd,bhkd->qbhk", q, k), one));
    }
}

TEST_CASE("einsum: views stay views") {
    const Tensor<float> x = support::normal<float>({3, 3});
    CHECK(einsum("ij->ji", x).data() == x.data());
    CHECK(einsum("ii->i", x).data() == x.data());
    CHECK(einsum("ii->i", x).strides() == Strides{4});
}

TEST_CASE("einsum: the order is that of the cost") {
    // From the left this would make a matrix of 4096 x 4096; from the right, vectors.
    const Tensor<float> a = support::normal<float>({4096, 2}), b = support::normal<float>({2, 4096}, 2),
                        x = support::normal<float>({4096}, 3);
    pool::reset_peak();
    const int64_t before = pool::statistics().live_bytes;
    const Tensor<float> y = einsum("ij,jk,k->i", a, b, x);
    CHECK(pool::statistics().peak_bytes - before < 256 * 1024);
    CHECK(support::close(y, matmul(a, matmul(b, x)), 1e-4));
}

TEST_CASE("einsum: a NaN and an infinity reach what they are part of") {
    Tensor<double> a = support::normal<double>({3, 4});
    a.set({1, 2}, std::numeric_limits<double>::quiet_NaN());
    const Tensor<double> y = einsum("ij,jk->ik", a, support::normal<double>({4, 5}, 2));
    for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 5; ++j) CHECK(std::isnan(y(i, j)) == (i == 1));
    a.set({1, 2}, std::numeric_limits<double>::infinity());
    CHECK(einsum("ij->", a).item() == std::numeric_limits<double>::infinity());
}

TEST_CASE("einsum: errors") {
    const Tensor<double> a = zeros<double>({2, 3}), b = zeros<double>({4, 5}),
                         wide = zeros<double>({1, 2, 2, 2, 2, 2});
    CHECK(message<ShapeError>([&] { static_cast<void>(einsum("ij,jk->ik", a, b)); }) ==
          "einsum: 'ij,jk->ik': label 'j' has size 3 in operand 0 (2, 3) and size 4 in operand 1 (4, 5)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(einsum("abcdef,ghijkl->abcdefghijkl", wide, wide));
          }) == "shape: 9 axes; at most 8 are supported");
    // Three that share three axes with each other and keep two: any two of them have ten.
    const Tensor<double> x = zeros<double>({2, 2, 2, 2, 2, 2, 2, 2});
    CHECK(message<ShapeError>(
              [&] { static_cast<void>(einsum("abcdefuv,abcghiwx,defghiyz->uvwxyz", x, x, x)); }) ==
          "einsum: 'abcdefuv,abcghiwx,defghiyz->uvwxyz': a product of some of the operands has more than 8 "
          "axes");
}

TEST_CASE("tensordot: value and shape") {
    const Tensor<double> a = support::normal<double>({2, 3, 4}), b = support::normal<double>({4, 3, 5}, 2);
    const Tensor<double> y = tensordot(a, b, {1, 2}, {1, 0});
    CHECK(support::close(y, reference("ijk,kjl->il", {a, b}), 1e-13));
    CHECK(support::close(tensordot(a, b, {-2, -1}, {-2, -3}), y, 1e-13));
    CHECK(support::close(tensordot(a, b, 1), reference("ijk,klm->ijlm", {a, b}), 1e-13));
    CHECK(support::close(tensordot(a, transpose(b, 0, 1)), y, 1e-13));
    CHECK(tensordot(a, b, 0).shape() == Shape{2, 3, 4, 4, 3, 5});
    CHECK(tensordot(a, a, {0, 1, 2}, {0, 1, 2}).rank() == 0);
    CHECK_GRAD([](const auto& v) { return tensordot(v[0], v[1], {0}, {1}); },
               {support::normal<double>({3, 2}), support::normal<double>({2, 3}, 2)}, 3);
}

TEST_CASE("tensordot: errors") {
    const Tensor<double> a = zeros<double>({2, 3}), b = zeros<double>({4, 5});
    CHECK(message<ShapeError>([&] {
              static_cast<void>(tensordot(a, b, {0, 1}, {0}));
          }) == "tensordot: axes (0, 1) of a and (0,) of b: as many are needed of both");
    CHECK(message<ShapeError>([&] { static_cast<void>(tensordot(a, b, {1}, {0})); }) ==
          "tensordot: axis 1 of a (2, 3) and axis 0 of b (4, 5) differ: sizes 3 and 4");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(tensordot(a, a, {1, -1}, {0, 1}));
          }) == "tensordot: axis 1 of a (2, 3) and axis 0 of b (2, 3) differ: sizes 3 and 2");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(tensordot(a, a, {0, -2}, {0, 1}));
          }) == "tensordot: an axis is named twice in (0, -2)");
    CHECK(message<ShapeError>([&] { static_cast<void>(tensordot(a, b, 3)); }) ==
          "tensordot: 3 axes of a (2, 3) and b (4, 5)");
    CHECK(message<ShapeError>([&] { static_cast<void>(tensordot(a, b, {2}, {0})); }) ==
          "tensordot: axis 2 is outside [-2, 2) of a tensor of rank 2");
}
