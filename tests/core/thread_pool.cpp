#include <tapegrad/core/thread_pool.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace tapegrad;
using detail::Job;
using ThreadPool = detail::ThreadPool<>;

namespace {

// Counts the elements of the chunks that it is called with.
void count(void* body, int64_t begin, int64_t end) {
    *static_cast<std::atomic<int64_t>*>(body) += end - begin;
}

}

TEST_CASE("thread_pool: a job is done when run returns") {
    ThreadPool pool;
    for (int64_t n = 2; n < 40; ++n) {
        std::atomic<int64_t> total{0};
        CHECK(pool.run({&count, &total, n, 2, (n - 1) / 2 + 1}, 3));
        CHECK(total == n);
        CHECK_FALSE(detail::inside_parallel);
    }
    pool.stop(false);
}

TEST_CASE("thread_pool: while a job runs there is no other") {
    ThreadPool pool;
    struct Body {
        ThreadPool& pool;
        std::atomic<int> refused{0};
    } body{pool};
    const auto nested = [](void* p, int64_t, int64_t) {
        auto& b = *static_cast<Body*>(p);
        std::atomic<int64_t> total{0};
        if (!b.pool.run({&count, &total, 10, 1, 10}, 2) && total == 0) ++b.refused;
    };
    CHECK(pool.run({nested, &body, 6, 1, 6}, 2));
    CHECK(body.refused == 6);
    pool.stop(false);
}

TEST_CASE("thread_pool: stopped workers come again, those of a closed pool do not") {
    ThreadPool pool;
    std::atomic<int64_t> total{0};
    const Job job{&count, &total, 100, 1, 100};
    for (int round = 0; round < 5; ++round) {
        CHECK(pool.run(job, 4));
        pool.stop(false);
    }
    CHECK(total == 500);
    pool.stop(true);
    CHECK_FALSE(pool.run(job, 4));
    CHECK(total == 500);
}

TEST_CASE("thread_pool: after an exception the rest is dropped and the next job runs") {
    ThreadPool pool;
    std::atomic<int64_t> done{0};
    const auto fails = [](void* body, int64_t begin, int64_t) {
        if (begin == 3) throw std::runtime_error("three");
        ++*static_cast<std::atomic<int64_t>*>(body);
    };
    CHECK_THROWS_WITH_AS(pool.run({fails, &done, 100'000, 1, 100'000}, 2), "three", std::runtime_error);
    CHECK(done < 100'000);
    CHECK_FALSE(detail::inside_parallel);
    std::atomic<int64_t> total{0};
    CHECK(pool.run({&count, &total, 100, 1, 100}, 2));
    CHECK(total == 100);
    pool.stop(false);
}

TEST_CASE("thread_pool: spin ends when it is time, or when all is ready") {
    int calls = 0;
    CHECK(detail::spin(1'000'000'000, [&] { return ++calls == 100; }));
    CHECK(calls == 100);
    const int64_t start = detail::now_ns();
    CHECK_FALSE(detail::spin(200'000, [] { return false; }));
    CHECK(detail::now_ns() - start >= 200'000);
}
