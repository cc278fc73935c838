#include <tapegrad/data/split.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace tapegrad;

namespace {
struct Numbers {
    int64_t n;
    int64_t size() const { return n; }
    int64_t operator[](int64_t i) const { return i; }
};
}

TEST_CASE("split: the order of an epoch is a function of size, seed and epoch") {
    const auto order = epoch_order(100, 7, 3);
    CHECK(order == epoch_order(100, 7, 3));
    CHECK(order != epoch_order(100, 7, 4));
    CHECK(order != epoch_order(100, 8, 3));
    CHECK(std::set<int64_t>(order.begin(), order.end()).size() == 100);
    CHECK(*std::max_element(order.begin(), order.end()) == 99);
    CHECK(epoch_order(0, 1, 1).empty());
}

TEST_CASE("split: sizes of fractions and of numbers") {
    using Sizes = std::vector<int64_t>;
    CHECK(split_sizes(10, {0.8, 0.2}) == Sizes{8, 2});
    CHECK(split_sizes(10, {0.1, 0.2, 0.7}) == Sizes{1, 2, 7});
    // torch.utils.data.random_split: what the rounding leaves goes to the first parts.
    CHECK(split_sizes(10, {1.0 / 3, 1.0 / 3, 1.0 / 3}) == Sizes{4, 3, 3});
    CHECK(split_sizes(11, {0.5, 0.5}) == Sizes{6, 5});
    CHECK(split_sizes(10, {7, 3, 0}) == Sizes{7, 3, 0});
    CHECK(split_sizes(1, {1}) == Sizes{1});
    CHECK(split_sizes(0, {0.5, 0.5}) == Sizes{0, 0});
    CHECK_THROWS_WITH_AS(split_sizes(10, {7, 4}), "split: parts of 11 examples in all, there are 10",
                         ValueError);
    CHECK_THROWS_WITH_AS(split_sizes(10, {-1, 11}), "split: a part of -1", ValueError);
    CHECK_THROWS_WITH_AS(split_sizes(10, {2.5, 7.5}), "split: a part of 2.5 examples", ValueError);
    CHECK_THROWS_AS(split_sizes(10, {std::numeric_limits<double>::quiet_NaN()}), ValueError);
}

TEST_CASE("split: parts share nothing and are all") {
    const auto parts = random_split(Numbers{57}, {0.7, 0.2, 0.1}, 5);
    std::multiset<int64_t> seen;
    for (const auto& part : parts) seen.insert(part.indices().begin(), part.indices().end());
    CHECK(parts.size() == 3);
    CHECK(parts[0].size() == 40);
    CHECK(seen.size() == 57);
    CHECK(std::set<int64_t>(seen.begin(), seen.end()).size() == 57);
    CHECK(parts[0].indices() == random_split(Numbers{57}, {0.7, 0.2, 0.1}, 5)[0].indices());
    CHECK(parts[0].indices() != random_split(Numbers{57}, {0.7, 0.2, 0.1}, 6)[0].indices());
}

TEST_CASE("split: every example is in the validation part of one fold") {
    std::multiset<int64_t> seen;
    for (int64_t fold = 0; fold < 4; ++fold) {
        const auto [train, validation] = k_fold(Numbers{10}, 4, fold, 3);
        CHECK(train.size() + validation.size() == 10);
        std::set<int64_t> both(train.indices().begin(), train.indices().end());
        both.insert(validation.indices().begin(), validation.indices().end());
        CHECK(both.size() == 10);
        seen.insert(validation.indices().begin(), validation.indices().end());
    }
    CHECK(seen.size() == 10);
    CHECK(std::set<int64_t>(seen.begin(), seen.end()).size() == 10);
    CHECK_THROWS_WITH_AS(k_fold(Numbers{3}, 4, 0, 1), "k_fold: fold 0 of 4 over 3 examples", ValueError);
}
