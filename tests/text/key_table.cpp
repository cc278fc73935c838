#include <tapegrad/text/key_table.hpp>

#include <doctest/doctest.h>

#include <map>

using namespace tapegrad;

TEST_CASE("key table: finds what was set last, and nothing else") {
    detail::KeyTable<int> table;
    CHECK(table.find(7, -1) == -1);
    std::map<std::uint64_t, int> want;
    std::uint64_t key = 1;
    for (int i = 0; i < 2000; ++i, key = key * 6364136223846793005u + 1) {
        table.set(key | 1, i);
        want[key | 1] = i;
    }
    table.set(key = want.begin()->first, 12345);
    want[key] = 12345;
    CHECK(table.size() == want.size());
    for (const auto& [k, value] : want) {
        REQUIRE(table.find(k, -1) == value);
        REQUIRE(table.find(k + 1, -1) == -1);
    }
    std::map<std::uint64_t, int> seen;
    table.for_each([&](std::uint64_t k, int value) { seen[k] = value; });
    CHECK(seen == want);
}
