#include <tapegrad/data/prefetch.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <string>

using namespace tapegrad;

namespace {
int64_t number(const Prefetch::Thing& thing) { return *std::static_pointer_cast<int64_t>(thing); }
}

TEST_CASE("prefetch: things come in order, whoever makes them, and no more than asked are ahead") {
    for (const int workers : {1, 2, 5}) {
        std::atomic<int64_t> made{0}, taken{0}, most{0};
        {
            Prefetch prefetch(workers, 3);
            prefetch.start(10, 200, [&](int64_t i) {
                const int64_t ahead = ++made - taken;
                for (int64_t seen = most; ahead > seen && !most.compare_exchange_weak(seen, ahead);) {
                }
                return std::make_shared<int64_t>(i * i);
            });
            for (int64_t i = 10; i < 200; ++i) {
                CHECK(number(prefetch.take()) == i * i);
                ++taken;
            }
            CHECK_THROWS_WITH_AS(prefetch.take(), "prefetch: there is nothing more to take", Error);
        }
        CHECK(made == 190);
        // The one that was handed out is not counted as taken yet.
        CHECK(most <= 3 + 1);
    }
}

TEST_CASE("prefetch: another start forgets the first, and leaving does not wait for what nobody takes") {
    Prefetch prefetch(2, 4);
    prefetch.start(0, 1'000'000, [](int64_t i) { return std::make_shared<int64_t>(i); });
    CHECK(number(prefetch.take()) == 0);
    prefetch.start(7, 1'000'000, [](int64_t i) { return std::make_shared<int64_t>(-i); });
    CHECK(number(prefetch.take()) == -7);
    CHECK(number(prefetch.take()) == -8);
}

TEST_CASE("prefetch: a failure comes at its place, and the next thing after it") {
    Prefetch prefetch(2, 4);
    prefetch.start(0, 4, [](int64_t i) {
        if (i == 1) throw ValueError("test: number 1");
        return std::make_shared<int64_t>(i);
    });
    CHECK(number(prefetch.take()) == 0);
    CHECK_THROWS_WITH_AS(prefetch.take(), "test: number 1", ValueError);
    CHECK(number(prefetch.take()) == 2);
}

TEST_CASE("prefetch: workers record nothing") {
    Prefetch prefetch(1, 1);
    prefetch.start(0, 1, [](int64_t) { return std::make_shared<int64_t>(grad_enabled() ? 1 : 0); });
    CHECK(number(prefetch.take()) == 0);
}

TEST_CASE("prefetch: errors") {
    CHECK_THROWS_WITH_AS(Prefetch(0, 1), "prefetch: 0 workers; from 1 to 1024 are possible", ValueError);
    CHECK_THROWS_WITH_AS(Prefetch(1, 0), "prefetch: 0 things ahead; there must be 1 at least", ValueError);
}
