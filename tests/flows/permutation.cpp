#include <tapegrad/flows/permutation.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Permutation: inverses and volumes", T, float, double) {
    Generator generator(3);
    support::check_bijector(Permutation::reversed(4), support::normal<T>({3, 4}));
    support::check_bijector(Permutation::random(5, generator), support::normal<T>({2, 5, 2, 1}));
    support::check_bijector(Permutation(Tensor<int64_t>{2, 0, 1}), support::normal<T>({3, 3}));
}

TEST_CASE("Permutation: where channels go") {
    const Tensor<float> x{{1.0F, 2.0F, 3.0F}};
    CHECK(support::same_bits(Permutation(Tensor<int64_t>{2, 0, 1}).forward(x).value, {{3.0F, 1.0F, 2.0F}}));
    CHECK(support::same_bits(Permutation::reversed(3).forward(x).value, {{3.0F, 2.0F, 1.0F}}));
    CHECK(state_dict(Permutation::reversed(3)).contains("order"));
    CHECK(parameters<float>(Permutation::reversed(3)).empty());
}

TEST_CASE("Permutation: errors") {
    CHECK(message<ValueError>([] {
              Permutation(Tensor<int64_t>{0, 3, 1});
          }) == "Permutation: order[1] is 3, which is outside [0, 3)");
    CHECK(message<ValueError>([] {
              Permutation(Tensor<int64_t>{0, 1, 1});
          }) == "Permutation: order[2] is 1, which is there already, in [0, 3)");
    CHECK(message<ShapeError>([] { Permutation(Tensor<int64_t>(int64_t{0})); }) ==
          "Permutation: order () is no list");
    CHECK(message<ShapeError>([] {
              Permutation::reversed(3).inverse(zeros<float>({2, 4}));
          }) == "Permutation: x (2, 4) is not (n, 3, ...)");
}
