#include <tapegrad/ops/ids.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("ids: checked ones are what they are, wrapped ones count from the end") {
    const Tensor<int64_t> ids{{0, 2}, {1, 1}};
    CHECK(detail::checked_ids("op", ids, {3, 2}, 0).is_same(ids));
    CHECK(detail::wrapped_ids("op", ids, {3, 2}, 0).is_same(ids));
    CHECK(to_vector(detail::checked_ids("op", support::spread(ids), {3}, 0)) == to_vector(ids));
    CHECK(to_vector(detail::wrapped_ids("op", Tensor<int64_t>{-3, 2, -1}, {3}, 0)) ==
          std::vector<int64_t>{0, 2, 2});
    CHECK(detail::wrapped_ids("op", empty<int64_t>({0, 2}), {0}, 0).shape() == Shape{0, 2});
    CHECK(detail::position_of(17, {2, 3, 4}) == Dims{1, 1, 1});
}

TEST_CASE("ids: errors name the place and the value") {
    const Tensor<int64_t> ids{{0, 2}, {-4, 3}};
    CHECK(message<IndexError>([&] {
              detail::checked_ids("op", ids, {3, 5}, 0);
          }) == "op: ids hold -4 at (1, 0), outside axis 0 of x (3, 5) of size 3");
    CHECK(message<IndexError>([&] {
              detail::wrapped_ids("op", ids, {5, 3}, 1);
          }) == "op: ids hold -4 at (1, 0), outside axis 1 of x (5, 3) of size 3");
    CHECK(message<IndexError>([&] { detail::wrapped_ids("op", Tensor<int64_t>(int64_t{0}), {0}, 0); }) ==
          "op: ids hold 0 at (), outside axis 0 of x (0,) of size 0");
}
