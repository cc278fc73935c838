#include <tapegrad/core/size_class.hpp>

#include <doctest/doctest.h>

using namespace tapegrad::pool::detail;

TEST_CASE("size_class: a block wastes at most an eighth, or 63 bytes") {
    std::size_t previous = 0;
    for (unsigned c = 0; c < class_count; ++c) {
        const std::size_t bytes = class_bytes(c);
        REQUIRE(bytes > previous);
        REQUIRE(bytes % alignment == 0);
        REQUIRE(class_of(bytes) == c);
        REQUIRE(class_of(previous + 1) == c);
        REQUIRE((bytes - previous <= 64 || (bytes - previous) * 8 <= bytes));
        previous = bytes;
    }
    CHECK(previous == max_bytes);
    CHECK(class_of(0) == 0);
}

TEST_CASE("size_class: every size up to a few pages") {
    int wrong = 0;
    for (std::size_t bytes = 1; bytes <= 20'000; ++bytes) {
        const unsigned c = class_of(bytes);
        wrong += class_bytes(c) < bytes || (c > 0 && class_bytes(c - 1) >= bytes);
    }
    CHECK(wrong == 0);
}

TEST_CASE("size_class: limits and magazines") {
    CHECK(class_bytes(thread_classes - 1) == 1 << 20);
    CHECK(class_bytes(chunk_classes - 1) == 4096);
    for (unsigned c = 0; c < thread_classes; ++c) {
        REQUIRE(magazine_size(c) >= 1);
        REQUIRE(magazine_size(c) <= 64);
        REQUIRE((magazine_size(c) == 1 || magazine_size(c) * class_bytes(c) <= 128 * 1024));
    }
}
