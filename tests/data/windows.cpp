#include <tapegrad/data/windows.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("windows: y follows x, every start occurs") {
    Generator generator(1);
    const auto tokens = arange<int64_t>(20);
    bool seen[20]{};
    for (int i = 0; i < 100; ++i) {
        const TokenBatch batch = random_windows(tokens, 3, 5, generator);
        CHECK(batch.x.shape() == Shape{3, 5});
        for (int b = 0; b < 3; ++b) {
            seen[batch.x(b, 0)] = true;
            for (int t = 0; t < 5; ++t) {
                CHECK(batch.x(b, t) == batch.x(b, 0) + t);
                CHECK(batch.y(b, t) == batch.x(b, t) + 1);
            }
        }
    }
    for (int start = 0; start < 20; ++start) CHECK(seen[start] == (start < 15));
}

TEST_CASE("windows: a function of the generator's state") {
    const auto tokens = arange<int64_t>(1000);
    Generator a(3), b(3);
    CHECK(to_vector(random_windows(tokens, 4, 8, a).x) == to_vector(random_windows(tokens, 4, 8, b).x));
    CHECK(to_vector(random_windows(tokens, 4, 8, a).y) == to_vector(random_windows(tokens, 4, 8, b).y));
}

TEST_CASE("windows: split") {
    const auto [train, validation] = split_tokens(arange<int64_t>(25));
    CHECK(train.numel() == 22);
    CHECK(validation.numel() == 3);
    CHECK(validation(0) == 22);
    CHECK(split_tokens(arange<int64_t>(4), 1).validation.numel() == 0);
}

TEST_CASE("windows: errors") {
    Generator g;
    CHECK_THROWS_WITH_AS(random_windows(arange<int64_t>(5), 1, 5, g),
                         "random_windows: tokens (5,) must be one row longer than 5", ShapeError);
    CHECK_NOTHROW(random_windows(arange<int64_t>(6), 1, 5, g));
    CHECK_THROWS_AS(random_windows(arange<int64_t>(5), 0, 2, g), ValueError);
    CHECK_THROWS_AS(split_tokens(arange<int64_t>(5), 1.5), ValueError);
    CHECK_THROWS_AS(split_tokens(zeros<int64_t>({2, 2})), ShapeError);
}
