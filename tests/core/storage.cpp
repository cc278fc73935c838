#include <tapegrad/core/storage.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace tapegrad;

namespace {

struct Held {
    void* p;
    std::size_t bytes;
};

bool aligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; }

// Fills a block with a pattern of its own, or checks it.
void paint(const Held& h) { std::memset(h.p, static_cast<int>(h.bytes % 251), h.bytes); }
bool intact(const Held& h) {
    const auto* const bytes = static_cast<const unsigned char*>(h.p);
    for (std::size_t i = 0; i < h.bytes; ++i)
        if (bytes[i] != h.bytes % 251) return false;
    return true;
}

std::string out_of_memory(std::size_t bytes) {
    try {
        pool::deallocate(pool::allocate(bytes), bytes);
    } catch (const OutOfMemory& e) {
        return e.what();
    }
    return "no OutOfMemory";
}

// Outlives the thread's cache: its members were constructed before the pool was used.
struct Late {
    Held held{nullptr, 0};
    ~Late() {
        if (held.p == nullptr) return;
        pool::deallocate(held.p, held.bytes);
        for (const std::size_t bytes : {std::size_t{64}, std::size_t{5000}, std::size_t{3} << 20}) {
            Scratch<char> again(static_cast<std::int64_t>(bytes));
            again[0] = 1;
        }
    }
};
Late at_program_end;

}

TEST_CASE("storage: blocks are aligned, apart, and as large as asked for") {
    std::vector<Held> held;
    int wrong = 0;
    for (std::size_t bytes = 0; bytes <= 5000; bytes += bytes < 300 ? 1 : 61)
        held.push_back({pool::allocate(bytes), bytes});
    for (std::size_t power = 13; power <= 23; ++power)
        for (const std::size_t bytes :
             {(std::size_t{1} << power) - 1, std::size_t{1} << power, (std::size_t{1} << power) + 1})
            held.push_back({pool::allocate(bytes), bytes});
    for (const Held& h : held) {
        wrong += h.p == nullptr || !aligned(h.p);
        paint(h);
    }
    for (const Held& h : held) wrong += !intact(h);
    for (const Held& h : held) pool::deallocate(h.p, h.bytes);
    CHECK(wrong == 0);
    pool::deallocate(nullptr, 64);
}

TEST_CASE("storage: statistics count what is live") {
    const auto before = pool::statistics();
    pool::reset_peak();
    CHECK(pool::statistics().peak_bytes == before.live_bytes);
    void* const a = pool::allocate(100);                   // a block of 128
    void* const b = pool::allocate(std::size_t{5} << 20);  // of 5 MiB
    auto now = pool::statistics();
    CHECK(now.live_bytes == before.live_bytes + 128 + (5 << 20));
    CHECK(now.peak_bytes == now.live_bytes);
    pool::deallocate(b, std::size_t{5} << 20);
    const std::int64_t peak = now.peak_bytes;
    now = pool::statistics();
    CHECK(now.live_bytes == before.live_bytes + 128);
    CHECK(now.peak_bytes == peak);
    CHECK(now.cached_bytes >= 5 << 20);
    pool::reset_peak();
    CHECK(pool::statistics().peak_bytes == now.live_bytes);
    pool::deallocate(a, 100);
    CHECK(pool::statistics().live_bytes == before.live_bytes);
}

TEST_CASE("storage: the same sizes again make no system call") {
    const auto step = [] {
        std::vector<Held> held;
        for (int i = 0; i < 3000; ++i) {
            const auto bytes = static_cast<std::size_t>(i * 7919 % 3000);
            held.push_back({pool::allocate(bytes), bytes});
        }
        for (int i = 0; i < 60; ++i) {
            const auto bytes = static_cast<std::size_t>(i * 50'021);
            held.push_back({pool::allocate(bytes), bytes});
        }
        for (std::size_t i = 0; i < held.size(); i += 2) pool::deallocate(held[i].p, held[i].bytes);
        for (std::size_t i = 1; i < held.size(); i += 2) pool::deallocate(held[i].p, held[i].bytes);
    };
    step();
    const auto warm = pool::statistics();
    for (int i = 0; i < 5; ++i) step();
    const auto after = pool::statistics();
    CHECK(after.system_calls == warm.system_calls);
    CHECK(after.live_bytes == warm.live_bytes);
    CHECK(after.cached_bytes == warm.cached_bytes);
}

TEST_CASE("storage: trim gives everything back that is not in use") {
    pool::trim();
    const auto before = pool::statistics();
    std::vector<Held> held;
    for (int round = 0; round < 2000; ++round)
        for (const std::size_t bytes :
             {std::size_t{64}, std::size_t{200}, std::size_t{4096}, std::size_t{9000}})
            held.push_back({pool::allocate(bytes), bytes});
    held.push_back({pool::allocate(std::size_t{3} << 20), std::size_t{3} << 20});
    // One small block in each hundred stays, and with it its chunk.
    std::vector<Held> kept;
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (i % 400 == 0 && held[i].bytes == 64) {
            kept.push_back(held[i]);
            paint(held[i]);
        } else {
            pool::deallocate(held[i].p, held[i].bytes);
        }
    }
    pool::trim();
    for (const Held& h : kept) CHECK(intact(h));
    // 2000 blocks of 64 bytes lie in two chunks, of which both hold a block that stays.
    auto now = pool::statistics();
    CHECK(now.live_bytes == before.live_bytes + 64 * static_cast<std::int64_t>(kept.size()));
    CHECK(now.cached_bytes <= before.cached_bytes + 2 * 64 * 1024);
    // What trim kept back can be handed out again.
    std::vector<Held> again;
    for (int i = 0; i < 2000; ++i) again.push_back({pool::allocate(64), 64});
    CHECK(pool::statistics().system_calls <= now.system_calls + 1);
    for (const Held& h : again) paint(h);
    for (const Held& h : kept) CHECK(intact(h));
    for (const Held& h : again) pool::deallocate(h.p, h.bytes);
    for (const Held& h : kept) pool::deallocate(h.p, h.bytes);
    pool::trim();
    now = pool::statistics();
    CHECK(now.live_bytes == before.live_bytes);
    CHECK(now.cached_bytes <= before.cached_bytes);
}

TEST_CASE("storage: blocks freed on another thread come back") {
    const auto before = pool::statistics();
    std::mutex mutex;
    std::deque<Held> queue;
    bool done = false;
    int wrong = 0;
    std::int64_t after_first = 0;
    for (int round = 0; round < 4; ++round) {
        done = false;
        std::thread consumer([&] {
            for (;;) {
                Held h{nullptr, 0};
                {
                    const std::lock_guard lock(mutex);
                    if (queue.empty() && done) return;
                    if (!queue.empty()) {
                        h = queue.front();
                        queue.pop_front();
                    }
                }
                if (h.p == nullptr) {
                    std::this_thread::yield();
                    continue;
                }
                wrong += !intact(h);
                pool::deallocate(h.p, h.bytes);
            }
        });
        for (int i = 0; i < 5000; ++i) {
            const auto bytes = static_cast<std::size_t>(i * 37 % 2000);
            const Held h{pool::allocate(bytes), bytes};
            paint(h);
            for (bool queued = false; !queued;) {
                const std::lock_guard lock(mutex);
                queued = queue.size() < 500;
                if (queued) queue.push_back(h);
            }
        }
        {
            const std::lock_guard lock(mutex);
            done = true;
        }
        consumer.join();
        if (round == 0) after_first = pool::statistics().cached_bytes;
    }
    CHECK(wrong == 0);
    const auto after = pool::statistics();
    CHECK(after.live_bytes == before.live_bytes);
    // 20,000 blocks of a mean of 1000 bytes went one way: memory that did not come back would be 20 MB. What
    // may grow is how many were on their way at once: 500, and two magazines of 64 in each of 24 classes.
    CHECK(after.cached_bytes < after_first + 4'000'000);
}

TEST_CASE("storage: threads allocate and free at random") {
    const auto before = pool::statistics();
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t)
        threads.emplace_back([t, &wrong] {
            unsigned random = t * 2654435761u + 1;
            std::vector<Held> held;
            for (int i = 0; i < 20'000; ++i) {
                random = random * 1664525u + 1013904223u;
                if (held.size() < 50 || (random >> 31) != 0) {
                    const std::size_t bytes = (random >> 8) % ((random >> 28) == 0 ? 200'000 : 1500);
                    held.push_back({pool::allocate(bytes), bytes});
                    paint(held.back());
                } else {
                    const std::size_t at = (random >> 8) % held.size();
                    std::swap(held[at], held.back());
                    if (!intact(held.back())) ++wrong;
                    pool::deallocate(held.back().p, held.back().bytes);
                    held.pop_back();
                }
                if (i % 5000 == 4999) pool::trim();
            }
            for (const Held& h : held) pool::deallocate(h.p, h.bytes);
        });
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(pool::statistics().live_bytes == before.live_bytes);
}

TEST_CASE("storage: the cache of a thread that ends serves others") {
    std::thread([] { Scratch<char> block(300'000); }).join();
    const auto before = pool::statistics();
    std::thread([] { Scratch<char> block(300'000); }).join();
    CHECK(pool::statistics().system_calls == before.system_calls);
    CHECK(pool::statistics().live_bytes == before.live_bytes);
}

TEST_CASE("storage: use after the thread's cache is gone") {
    const auto before = pool::statistics();
    std::thread([] {
        static thread_local Late late;  // constructed before the cache opens, so destroyed after it retired
        static_cast<void>(&late);
        late.held = {pool::allocate(1000), 1000};
    }).join();
    CHECK(pool::statistics().live_bytes == before.live_bytes);
    at_program_end.held = {pool::allocate(5000), 5000};
}

TEST_CASE("storage: exhaustion is an OutOfMemory that names the bytes") {
    CHECK(out_of_memory(std::size_t{1} << 50) == "allocate: no memory for 1125899906842624 bytes");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__linux__)
    // The whole address space of a process: refused by the system, after a trim.
    const Scratch<char> keep(100);
    pool::deallocate(pool::allocate(std::size_t{7} << 20), std::size_t{7} << 20);
    const std::string text = out_of_memory(std::size_t{1} << 47);
    CHECK(text.rfind("allocate: no memory for 140737488355328 bytes; ", 0) == 0);
    CHECK(text.substr(text.size() - 17) == " bytes are in use");
    CHECK(pool::statistics().cached_bytes < 7 << 20);
#endif
    CHECK_THROWS_AS(Scratch<double>(std::int64_t{1} << 61), OutOfMemory);
    CHECK_THROWS_WITH_AS(Scratch<double>(-1), "scratch: size -1 is negative", ValueError);
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("storage: AddressSanitizer sees what is outside a block, and a dead block") {
    for (const std::size_t bytes :
         {std::size_t{40}, std::size_t{1000}, std::size_t{70'000}, std::size_t{3} << 20}) {
        auto* const p = static_cast<char*>(pool::allocate(bytes));
        CHECK_FALSE(__asan_address_is_poisoned(p + bytes - 1));
        CHECK(__asan_address_is_poisoned(p + bytes));
        pool::deallocate(p, bytes);
        CHECK(__asan_address_is_poisoned(p + bytes - 1));
    }
}
#endif

TEST_CASE_TEMPLATE("storage: scratch", T, float, double, bool) {
    const auto before = pool::statistics();
    {
        Scratch<T> none;
        CHECK((none.data() == nullptr && none.size() == 0 && none.span().empty()));
        Scratch<T> a(1000);
        CHECK((a.size() == 1000 && aligned(a.data()) && a.span().size() == 1000));
        for (std::int64_t i = 0; i < 1000; ++i) a[i] = T(i % 2);
        const T* const place = a.data();
        Scratch<T> b(std::move(a));
        CHECK((b.data() == place && a.data() == nullptr && a.size() == 0));
        Scratch<T> c(5);
        c = std::move(b);
        CHECK((c.data() == place && c.size() == 1000 && c[999] == T(1)));
        const Scratch<T>& constant = c;
        CHECK((constant.data() == place && constant[1] == T(1) && constant.span().data() == place));
        CHECK(Scratch<T>(0).size() == 0);
    }
    CHECK(pool::statistics().live_bytes == before.live_bytes);
    static_assert(!std::is_copy_constructible_v<Scratch<T>> &&
                  std::is_nothrow_move_constructible_v<Scratch<T>>);
}
