#include <tapegrad/text/bpe_merge.hpp>

#include <doctest/doctest.h>

#include <random>

using namespace tapegrad;

namespace {
using Symbols = std::vector<std::uint32_t>;

/// By the definition: the lowest rank, the leftmost of it, again and again.
Symbols slowly(const detail::MergeTable& table, Symbols s) {
    for (;;) {
        std::size_t best = 0;
        detail::Merge merge;
        for (std::size_t i = 0; i + 1 < s.size(); ++i)
            if (const auto m = table.find(s[i], s[i + 1]); m.rank < merge.rank) merge = m, best = i;
        if (merge.rank == detail::no_rank) return s;
        s[best] = merge.symbol;
        s.erase(s.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}
}

TEST_CASE("bpe merge: short and long ways do what the definition says") {
    std::mt19937 random(1);
    for (int trial = 0; trial < 300; ++trial) {
        // Ranks in any order, several pairs of one rank, as files may have them.
        detail::MergeTable table;
        const auto some = [&](unsigned n) { return static_cast<std::uint32_t>(random() % n); };
        const std::uint32_t alphabet = 2 + some(4), merges = 1 + some(40);
        for (std::uint32_t i = 0; i < merges; ++i)
            table.set(some(alphabet + i), some(alphabet + i),
                      {some(trial % 2 == 0 ? 8 : 1000), alphabet + i});
        Symbols symbols(some(200));
        for (auto& s : symbols) s = some(alphabet);
        const Symbols expected = slowly(table, symbols);
        Symbols short_way = symbols, long_way = symbols;
        std::vector<detail::Merge> room(symbols.size() + 1);
        short_way.resize(detail::merge_short(table, short_way.data(), room.data(), short_way.size()));
        detail::LongMerge(table, long_way);
        CHECK(short_way == expected);
        CHECK(long_way == expected);
        detail::merge_symbols(table, symbols);
        CHECK(symbols == expected);
    }
}

TEST_CASE("bpe merge: the table") {
    detail::MergeTable table;
    CHECK(table.find(0, 0).rank == detail::no_rank);
    for (std::uint32_t i = 0; i < 5000; ++i) table.set(i, i * 7, {i, i + 1});
    CHECK(table.size() == 5000);
    for (std::uint32_t i = 0; i < 5000; ++i) {
        CHECK(table.find(i, i * 7).rank == i);
        CHECK(table.find(i, i * 7 + 1).rank == detail::no_rank);
    }
    table.set(1, 7, {9, 9});
    CHECK(table.size() == 5000);
    CHECK(table.find(1, 7).rank == 9);
}

TEST_CASE("bpe merge: a million equal symbols") {
    detail::MergeTable table;
    for (std::uint32_t i = 0; i < 10; ++i) table.set(i, i, {i, i + 1});
    Symbols symbols(1 << 20, 0);
    detail::merge_symbols(table, symbols);
    CHECK(symbols == Symbols(1 << 10, 10));
}
