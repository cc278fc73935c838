#include <tapegrad/ops/contraction_order.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;
using detail::ContractionOrder;
using detail::LabelSet;

namespace {

constexpr LabelSet A = 1, B = 2, C = 4, D = 8;

/// Every label of the size that stands at its place, 2 past the end.
std::array<int64_t, detail::label_count> sizes(std::initializer_list<int64_t> first) {
    std::array<int64_t, detail::label_count> all;
    all.fill(2);
    std::copy(first.begin(), first.end(), all.begin());
    return all;
}
std::vector<std::pair<std::size_t, std::size_t>> order(std::vector<LabelSet> terms, LabelSet output,
                                                       const std::array<int64_t, detail::label_count>& size) {
    std::vector<std::pair<std::size_t, std::size_t>> steps;
    for (const auto& step : ContractionOrder(std::move(terms), output, size).steps())
        steps.emplace_back(std::min(step.a, step.b), std::max(step.a, step.b));
    return steps;
}
using Steps = std::vector<std::pair<std::size_t, std::size_t>>;

}

TEST_CASE("contraction_order: the cheapest of a few") {
    CHECK(order({A}, A, sizes({})) == Steps{});
    CHECK(order({A | B, B}, A, sizes({})) == Steps{{0, 1}});
    // (2, 100) (100, 3) (3, 100): the left product first; from the other end the right one.
    CHECK(order({A | B, B | C, C | D}, A | D, sizes({2, 100, 3, 100})) == Steps{{0, 1}, {2, 3}});
    CHECK(order({A | B, B | C, C | D}, A | D, sizes({100, 3, 100, 2})) == Steps{{1, 2}, {0, 3}});
    // What is far apart in the list may belong together.
    CHECK(order({A | B, C | D, A | B, C | D}, 0, sizes({})) == Steps{{0, 2}, {1, 3}, {4, 5}});
    // A chain of matrices against all orders: 10 x 30 x 5 x 60 takes 4500 products, not 27000.
    CHECK(order({A | B, B | C, C | D}, A | D, sizes({10, 30, 5, 60})) == Steps{{0, 1}, {2, 3}});
}

TEST_CASE("contraction_order: many are joined greedily, every one once") {
    std::vector<LabelSet> chain;
    for (int i = 0; i < 20; ++i) chain.push_back(LabelSet{3} << i);
    const auto steps = order(chain, LabelSet{1} | LabelSet{1} << 20, sizes({}));
    REQUIRE(steps.size() == 19);
    std::vector<bool> used(39);
    for (const auto& [a, b] : steps) {
        CHECK_FALSE(used[a]);
        CHECK_FALSE(used[b]);
        used[a] = used[b] = true;
    }
    CHECK_FALSE(used[38]);
}

TEST_CASE("contraction_order: a result in between of more than eight axes") {
    // Two operands that share nothing, of five kept labels each, and a third that sums them.
    const LabelSet low = 31, high = LabelSet{31} << 5;
    CHECK(order({low, high, low | high}, 0, sizes({})) == Steps{{0, 2}, {1, 3}});
    CHECK(order({low, high}, low | high, sizes({})).empty());
}
