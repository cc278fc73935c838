#include <tapegrad/optim/schedule.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("schedule: rise, cosine, floor") {
    constexpr WarmupOptions o{.warmup = 100, .total = 2000, .max_lr = 1e-3, .min_lr = 1e-4};
    CHECK(cosine_with_warmup(0, o) == doctest::Approx(1e-3 / 101));
    CHECK(cosine_with_warmup(99, o) == doctest::Approx(1e-3 * 100 / 101));
    CHECK(cosine_with_warmup(100, o) == doctest::Approx(1e-3));
    CHECK(cosine_with_warmup(1050, o) == doctest::Approx(5.5e-4));
    CHECK(cosine_with_warmup(575, o) == doctest::Approx(1e-4 + 9e-4 * 0.5 * (1 + std::sqrt(0.5))));
    CHECK(cosine_with_warmup(2000, o) == 1e-4);
    CHECK(cosine_with_warmup(1'000'000, o) == 1e-4);
}

TEST_CASE("schedule: without a rise, without a way") {
    CHECK(cosine_with_warmup(0, {.total = 10, .max_lr = 1}) == 1);
    CHECK(cosine_with_warmup(0, {.max_lr = 1, .min_lr = 0.5}) == 0.5);
    CHECK(cosine_with_warmup(5, {.warmup = 5, .total = 5, .max_lr = 1, .min_lr = 0.5}) == 0.5);
}
