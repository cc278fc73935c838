#include <tapegrad/core/parallel.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace tapegrad;

namespace {

struct Threads {
    int before = num_threads();
    explicit Threads(int n) { set_num_threads(n); }
    ~Threads() { set_num_threads(before); }
};

template <class E, class F>
std::string message(F&& f) {
    try {
        f();
    } catch (const E& e) {
        return e.what();
    }
    return "nothing thrown";
}

// How often each chunk boundary pair was seen, by the chunk's number; -1 for a chunk that should not be.
std::vector<int> chunks_of(int64_t n, int64_t grain) {
    const int64_t step = std::max<int64_t>(grain, 1), count = n <= 0 ? 0 : (n + step - 1) / step;
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
    std::atomic<int> wrong{0};
    parallel_for(n, grain, [&](int64_t begin, int64_t end) {
        if (begin % step != 0 || end != std::min(n, begin + step) || begin >= n)
            ++wrong;
        else
            ++seen[static_cast<std::size_t>(begin / step)];
    });
    std::vector<int> out;
    for (const auto& s : seen) out.push_back(wrong != 0 ? -1 : s.load());
    return out;
}

}

TEST_CASE("parallel: every chunk once, with the same bounds for any number of threads") {
    for (const int threads : {1, 2, 3, 4, 9}) {
        const Threads set(threads);
        CHECK(num_threads() == threads);
        for (const int64_t n : {0, -5, 1, 2, 7, 8, 9, 100, 1001})
            for (const int64_t grain : {-1, 0, 1, 3, 8, 100, 5000}) {
                const auto seen = chunks_of(n, grain);
                CHECK(std::count(seen.begin(), seen.end(), 1) == static_cast<std::ptrdiff_t>(seen.size()));
            }
    }
}

TEST_CASE("parallel: the work is shared") {
    const Threads set(2);
    // Each chunk waits for the other to have begun: alone, one thread could never finish.
    std::atomic<int> begun{0};
    parallel_for(2, 1, [&](int64_t, int64_t) {
        ++begun;
        while (begun < 2) std::this_thread::yield();
    });
    CHECK(begun == 2);
}

TEST_CASE("parallel: workers that fell asleep come back, many times") {
    for (const int threads : {2, 5}) {
        const Threads set(threads);
        std::atomic<int64_t> total{0};
        for (int job = 0; job < 300; ++job) {
            if (job % 10 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
            parallel_for(64, 1, [&](int64_t begin, int64_t) { total += begin; });
        }
        CHECK(total == 300 * (63 * 64 / 2));
    }
}

TEST_CASE("parallel: one chunk, one thread and nested calls stay on the caller, in order") {
    const auto self = std::this_thread::get_id();
    {
        const Threads set(4);
        int calls = 0;
        parallel_for(10, 10, [&](int64_t begin, int64_t end) {
            CHECK((begin == 0 && end == 10 && std::this_thread::get_id() == self));
            ++calls;
        });
        CHECK(calls == 1);
        std::atomic<int> wrong{0};
        parallel_for(8, 1, [&](int64_t, int64_t) {
            const auto outer = std::this_thread::get_id();
            int64_t expected = 0;
            parallel_for(100, 7, [&](int64_t begin, int64_t end) {
                if (begin != expected || std::this_thread::get_id() != outer) ++wrong;
                expected = end;
            });
            if (expected != 100) ++wrong;
        });
        CHECK(wrong == 0);
    }
    const Threads set(1);
    std::vector<int64_t> begins;
    parallel_for(5, 2, [&](int64_t begin, int64_t) { begins.push_back(begin); });
    CHECK(begins == std::vector<int64_t>{0, 2, 4});
}

TEST_CASE("parallel: an exception reaches the caller, and the pool goes on") {
    for (const int threads : {1, 2, 4}) {
        const Threads set(threads);
        for (int64_t bad = 0; bad < 20; ++bad) {
            std::atomic<int> running{0};
            CHECK(message<ValueError>([&] {
                      parallel_for(20, 1, [&](int64_t begin, int64_t) {
                          ++running;
                          if (begin == bad) {
                              --running;
                              throw ValueError("chunk " + std::to_string(begin));
                          }
                          --running;
                      });
                  }) == "chunk " + std::to_string(bad));
            CHECK(running == 0);
        }
        const auto seen = chunks_of(50, 3);
        CHECK(std::count(seen.begin(), seen.end(), 1) == 17);
    }
}

TEST_CASE("parallel: calls from many threads at once") {
    const Threads set(3);
    std::vector<int64_t> totals(6);
    std::vector<std::thread> users;
    for (std::size_t u = 0; u < totals.size(); ++u)
        users.emplace_back([&totals, u] {
            for (int job = 0; job < 200; ++job)
                totals[u] += parallel_reduce(
                    1000, 10, int64_t{0},
                    [](int64_t begin, int64_t end) {
                        int64_t sum = 0;
                        for (int64_t i = begin; i < end; ++i) sum += i;
                        return sum;
                    },
                    [](int64_t a, int64_t b) { return a + b; });
        });
    for (auto& t : users) t.join();
    for (const int64_t total : totals) CHECK(total == 200 * 499500);
}

TEST_CASE_TEMPLATE("parallel: a reduction has the same bits for any number of threads", T, float, double) {
    const auto sum = [] {
        return parallel_reduce(
            100'003, 97, T(0),
            [](int64_t begin, int64_t end) {
                T s = 0;
                for (int64_t i = begin; i < end; ++i) s += T(1) / static_cast<T>(i + 1);
                return s;
            },
            [](T a, T b) { return a + b; });
    };
    T one = 0;
    {
        const Threads set(1);
        one = sum();
    }
    // H(100003), from the asymptotic series; the tolerance covers 1100 additions in float.
    CHECK(static_cast<double>(one) == doctest::Approx(12.0901761).epsilon(1e-5));
    for (const int threads : {2, 3, 4}) {
        const Threads set(threads);
        for (int repeat = 0; repeat < 20; ++repeat) CHECK(sum() == one);
    }
    const auto none = [](int64_t, int64_t) { return T(1); };
    const auto add = [](T a, T b) { return a + b; };
    CHECK(parallel_reduce(0, 10, T(7), none, add) == T(7));
    CHECK(parallel_reduce(10, 10, T(7), none, add) == T(8));
    CHECK(parallel_reduce(10, 0, T(7), none, add) == T(17));
}

TEST_CASE("parallel: bodies may be const, and hold what cannot be copied") {
    const Threads set(2);
    std::atomic<int> calls{0};
    const auto body = [&calls, only = std::vector<std::atomic<int>>(1)](int64_t, int64_t) { ++calls; };
    parallel_for(10, 1, body);
    CHECK(calls == 10);
}

TEST_CASE("parallel: errors") {
    CHECK(message<ValueError>([] { set_num_threads(0); }) == "set_num_threads: 0 is outside [1, 1024]");
    CHECK(message<ValueError>([] { set_num_threads(1025); }) == "set_num_threads: 1025 is outside [1, 1024]");
    const Threads set(2);
    CHECK(message<Error>([] { parallel_for(2, 1, [](int64_t, int64_t) { set_num_threads(3); }); }) ==
          "set_num_threads: called inside a parallel_for");
    CHECK(num_threads() == 2);
}
