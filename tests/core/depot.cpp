#include <tapegrad/core/depot.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace tapegrad::pool::detail;

namespace {

// The blocks of a magazine, which must be as many as it says.
std::set<Block*> blocks_of(Block* magazine) {
    std::set<Block*> blocks;
    for (Block* b = magazine; b != nullptr; b = b->next) REQUIRE(blocks.insert(b).second);
    REQUIRE(blocks.size() == magazine->count);
    return blocks;
}

}

TEST_CASE("depot: a chunk is cut into whole blocks that do not overlap") {
    for (const unsigned c : {0u, 1u, 15u, 16u, chunk_classes - 1}) {
        Depot d;
        const auto expected = (chunk_bytes - alignment) / class_bytes(c);
        std::set<Block*> all;
        while (all.size() < expected) {
            Block* const magazine = take(d, c);
            CHECK(magazine->count <= magazine_size(c));
            all.merge(blocks_of(magazine));
        }
        CHECK(d.system_calls == 1);
        CHECK(d.system_bytes == static_cast<std::int64_t>(chunk_bytes));
        const char* end = nullptr;
        for (Block* const b : all) {
            const void* const place = b;
            const auto* const begin = static_cast<const char*>(place);
            REQUIRE(reinterpret_cast<std::uintptr_t>(begin) % alignment == 0);
            REQUIRE((end == nullptr || begin >= end));
            end = begin + class_bytes(c);
        }
        for (Block* const b : all) {
            b->next = nullptr;
            give(d, c, b, 1);
        }
        trim(d);
        CHECK((d.system_bytes == 0 && d.system_calls == 2));
        CHECK((d.magazines[c] == nullptr && d.chunks[c] == nullptr));
    }
}

TEST_CASE("depot: what was given is taken, the last first") {
    Depot d;
    constexpr unsigned c = chunk_classes;
    Block* const a = take(d, c);
    Block* const b = take(d, c);
    CHECK((a != b && a->count == 1 && b->count == 1 && d.system_calls == 2));
    give(d, c, a, 1);
    give(d, c, b, 1);
    give(d, c, nullptr, 5);
    CHECK(take(d, c) == b);
    CHECK(take(d, c) == a);
    a->next = b;
    b->next = nullptr;
    give(d, c, a, 2);
    CHECK(d.system_calls == 2);
    trim(d);
    CHECK((d.system_bytes == 0 && d.system_calls == 4));
}

TEST_CASE("depot: trim keeps a chunk of which one block is out") {
    Depot d;
    Block* const magazine = take(d, 0);
    const std::uint32_t rest = magazine->count - 1;
    give(d, 0, magazine->next, rest);
    trim(d);
    CHECK(d.system_bytes == static_cast<std::int64_t>(chunk_bytes));
    std::set<Block*> left;
    while (d.magazines[0] != nullptr) left.merge(blocks_of(take(d, 0)));
    CHECK(left.size() == (chunk_bytes - alignment) / class_bytes(0) - 1);
    CHECK(left.count(magazine) == 0);
    for (Block* const b : left) {
        b->next = nullptr;
        give(d, 0, b, 1);
    }
    magazine->next = nullptr;
    give(d, 0, magazine, 1);
    trim(d);
    CHECK(d.system_bytes == 0);
}

TEST_CASE("depot: large blocks begin at a huge page") {
    Depot d;
    const unsigned c = class_of(huge_page);
    Block* const b = take(d, c);
    CHECK(reinterpret_cast<std::uintptr_t>(b) % huge_page == 0);
    give(d, c, b, 1);
    trim(d);
    CHECK(d.system_bytes == 0);
}
