#include <tapegrad/core/ref_count.hpp>

#include <doctest/doctest.h>

#include <thread>

using tapegrad::detail::RefCount;

TEST_CASE("ref_count: counts, and tells the last") {
    RefCount count(1);
    CHECK(count.is_one());
    count.up();
    CHECK_FALSE(count.is_one());
    CHECK_FALSE(count.down());
    CHECK(count.is_one());
    CHECK(count.down());
}

TEST_CASE("ref_count: threads lose no reference") {
    RefCount count(1);
    const auto work = [&] {
        for (int i = 0; i < 100000; ++i) count.up();
        for (int i = 0; i < 100000; ++i) static_cast<void>(count.down());
    };
    std::thread other(work);
    CHECK_FALSE(tapegrad::detail::single_threaded());
    work();
    other.join();
    CHECK(count.is_one());
}

TEST_CASE("ref_count: what was counted alone stays counted when a thread comes") {
    RefCount count(1);
    count.up();
    std::thread([&] { CHECK_FALSE(count.down()); }).join();
    CHECK(count.down());
}
