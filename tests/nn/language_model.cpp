#include <tapegrad/nn/language_model.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;

namespace {

struct Cache {
    int64_t length() const { return 3; }
};

}

TEST_CASE_TEMPLATE("language_model: positions go on behind the cached tokens", T, float, double) {
    Cache cache;
    const Tensor<int64_t> ids{{5, 6}};
    LanguageModelInput<Cache, T> input;
    CHECK(to_vector(detail::positions_of(ids, input)) == std::vector<int64_t>{0, 1});
    input.cache = &cache;
    CHECK(to_vector(detail::positions_of(ids, input)) == std::vector<int64_t>{3, 4});
    input.mask = full<bool>({1, 5}, true);
    input.positions = Tensor<int64_t>{{7, 8}};
    CHECK(to_vector(detail::positions_of(ids, input)) == std::vector<int64_t>{7, 8});
    input.mask = full<bool>({1, 2}, true);
    CHECK(support::message<ShapeError>([&] { static_cast<void>(detail::positions_of(ids, input)); }) ==
          "language model: mask (1, 2) must be (1, 5): the cached tokens and these");
}
