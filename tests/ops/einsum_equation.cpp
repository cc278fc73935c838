#include <tapegrad/ops/einsum_equation.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;
using detail::Equation;
using support::message;

namespace {
std::string wrong(const char* equation, const std::vector<Shape>& shapes) {
    return message<ShapeError>([&] { Equation(equation, shapes); });
}
const int64_t i = detail::label_of('i'), j = detail::label_of('j'), k = detail::label_of('k');
constexpr int64_t e = detail::ellipsis_label;
}

TEST_CASE("einsum_equation: labels, sizes and the output") {
    const Equation product(" ij, jk -> ik ", std::vector<Shape>{{2, 3}, {3, 4}});
    CHECK(product.operands()[0] == Dims{i, j});
    CHECK(product.operands()[1] == Dims{j, k});
    CHECK(product.output() == Dims{i, k});
    CHECK(product.size(j) == 3);
    // A size of 1 gives way, whichever comes first.
    CHECK(Equation("ij,jk", std::vector<Shape>{{2, 1}, {3, 4}}).size(j) == 3);
    CHECK(Equation("ij,jk", std::vector<Shape>{{2, 3}, {1, 4}}).size(j) == 3);
    CHECK(Equation("ij,jk", std::vector<Shape>{{2, 0}, {0, 4}}).size(j) == 0);
    CHECK(Equation("->", std::vector<Shape>{{}}).output().empty());
}

TEST_CASE("einsum_equation: an output that is implied") {
    CHECK(Equation("kj,ji", std::vector<Shape>{{2, 3}, {3, 4}}).output() == Dims{i, k});
    CHECK(Equation("ii", std::vector<Shape>{{3, 3}}).output().empty());
    CHECK(Equation("aB", std::vector<Shape>{{3, 3}}).output() ==
          Dims{detail::label_of('B'), detail::label_of('a')});
    CHECK(Equation("i...j,j", std::vector<Shape>{{2, 5, 6, 3}, {3}}).output() == Dims{e + 1, e, i});
}

TEST_CASE("einsum_equation: ellipses of different lengths are counted from their ends") {
    const Equation both("...i,i...->...", std::vector<Shape>{{4, 5, 3}, {3, 5}});
    CHECK(both.operands()[0] == Dims{e + 1, e, i});
    CHECK(both.operands()[1] == Dims{i, e});
    CHECK(both.output() == Dims{e + 1, e});
    CHECK(both.size(e) == 5);
    CHECK(Equation("...i->i...", std::vector<Shape>{{3}}).output() == Dims{i});
}

TEST_CASE("einsum_equation: errors") {
    CHECK(wrong("ij,jk", {{2, 3}}) == "einsum: 'ij,jk': subscripts of 2 operands for 1");
    CHECK(wrong("ij", {}) == "einsum: 'ij': subscripts of 1 operand for 0");
    CHECK(wrong("ij,jk->ik", {{2, 3}, {4, 5}}) ==
          "einsum: 'ij,jk->ik': label 'j' has size 3 in operand 0 (2, 3) and size 4 in operand 1 (4, 5)");
    CHECK(wrong("ijk", {{2, 3}}) == "einsum: 'ijk': operand 0 (2, 3) has 2 axes, its subscript names 3");
    CHECK(wrong("i", {{2, 3}}) == "einsum: 'i': operand 0 (2, 3) has 2 axes, its subscript names 1");
    CHECK(wrong("i,i...j", {{2}, {2}}) ==
          "einsum: 'i,i...j': operand 1 (2,) has 1 axis, its subscript names 2");
    CHECK(wrong("ii", {{2, 3}}) == "einsum: 'ii': label 'i' repeats in operand 0 (2, 3) with sizes 2 and 3");
    CHECK(wrong("ij->ik", {{2, 3}}) == "einsum: 'ij->ik': output label 'k' is in no operand");
    CHECK(wrong("ij->ii", {{2, 3}}) == "einsum: 'ij->ii': label 'i' appears twice in the output");
    CHECK(wrong("i1", {{2, 3}}) ==
          "einsum: 'i1': '1' in operand 0 (2, 3) is neither a letter nor part of '...'");
    CHECK(wrong("i.j", {{2, 3}}) ==
          "einsum: 'i.j': '.' in operand 0 (2, 3) is neither a letter nor part of '...'");
    CHECK(wrong("ij->i->", {{2, 3}}) ==
          "einsum: 'ij->i->': '-' in the output is neither a letter nor part of '...'");
    CHECK(wrong("i......", {{2, 3}}) == "einsum: 'i......': a second ellipsis in operand 0 (2, 3)");
    CHECK(wrong("...,...", {{2, 3}, {2, 4}}) ==
          "einsum: '...,...': axis -1 of the ellipsis has size 3 in operand 0 (2, 3) and size 4 in operand 1 "
          "(2, "
          "4)");
}
