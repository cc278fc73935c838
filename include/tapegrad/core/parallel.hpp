// Loops on several threads.
//
// Work is cut into chunks by size, never by the number of threads, and reductions combine chunks in order:
// the bits of a result do not depend on how many threads there are. Chunks are handed out by a counter. A
// call from inside a body, and a call while another thread's job runs, does its chunks itself.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <type_traits>
#include <utility>

#include "storage.hpp"
#include "thread_pool.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

// 0: not asked for yet.
inline constinit std::atomic<int> thread_count{0};

[[gnu::cold, gnu::noinline]] inline int initial_thread_count() {
    int n = static_cast<int>(std::thread::hardware_concurrency());
    if (const char* const text = std::getenv("TAPEGRAD_NUM_THREADS"); text != nullptr && *text != '\0') {
        char* end = nullptr;
        const long asked = std::strtol(text, &end, 10);
        if (*end != '\0' || asked < 1 || asked > max_threads)
            fail<ValueError>("TAPEGRAD_NUM_THREADS", '"', text, "\" is not a number from 1 to ", max_threads);
        n = static_cast<int>(asked);
    }
    n = n < 1 ? 1 : n > max_threads ? max_threads : n;
    int unset = 0;
    return thread_count.compare_exchange_strong(unset, n) ? n : unset;
}

template <class F>
[[gnu::noinline]] void call_chunk(void* body, int64_t begin, int64_t end) {
    (*static_cast<F*>(body))(begin, end);
}

template <std::same_as<Job> J>
[[gnu::noinline]] void run_job(const J& job, int threads) {
    if (threads > 1 && !inside_parallel && thread_pool().run(job, threads)) return;
    for (int64_t chunk = 0; chunk < job.chunks; ++chunk) job.run(chunk);
}

}

/// The threads that a `parallel_for` uses, the caller included. At first TAPEGRAD_NUM_THREADS, or the cores.
/// Throws   ValueError: TAPEGRAD_NUM_THREADS is not a number from 1 to 1024
inline int num_threads() {
    const int n = detail::thread_count.load(std::memory_order_relaxed);
    return n > 0 ? n : detail::initial_thread_count();
}

/// Waits for a job that runs. Results do not depend on n.
/// Throws   ValueError: n outside [1, 1024]; Error: called inside a body
template <std::integral Int>
void set_num_threads(Int count) {
    if (std::cmp_less(count, 1) || std::cmp_greater(count, detail::max_threads))
        detail::fail<ValueError>("set_num_threads", count, " is outside [1, ", detail::max_threads, "]");
    if (detail::inside_parallel) detail::fail<Error>("set_num_threads", "called inside a parallel_for");
    const int n = static_cast<int>(count);
    if (detail::thread_count.exchange(n) != n) detail::thread_pool().stop(false);
}

/// Calls body(begin, end) for the chunks [0, grain), [grain, 2 grain), ... of [0, n), in any order, on
/// several threads. The chunks depend on n and grain alone (a grain below 1 counts as 1). With one chunk or
/// one thread, inside a body, and while a job of another thread runs, the caller does them all, in order.
/// Throws   what a body throws (one of several), after all have stopped; chunks not yet begun are dropped
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& body) {
    using Body = std::remove_reference_t<F>;
    if (n <= 0) return;
    void* const address = const_cast<void*>(static_cast<const volatile void*>(&body));
    if (n <= grain) return detail::call_chunk<Body>(address, 0, n);
    if (grain < 1) grain = 1;
    detail::run_job(detail::Job{&detail::call_chunk<Body>, address, n, grain, (n - 1) / grain + 1},
                    num_threads());
}

/// combine(... combine(combine(identity, map(chunk 0)), map(chunk 1)) ...) over the chunks of `parallel_for`:
/// the same bits for any number of threads.
/// Throws   what a body throws; OutOfMemory
template <class T, class Map, class Combine>
T parallel_reduce(int64_t n, int64_t grain, T identity, Map map, Combine combine) {
    if (n <= 0) return identity;
    if (grain < 1) grain = 1;
    if (n <= grain) return combine(identity, map(int64_t{0}, n));
    Scratch<T> results((n - 1) / grain + 1);
    parallel_for(n, grain, [&](int64_t begin, int64_t end) { results[begin / grain] = map(begin, end); });
    T total = identity;
    for (int64_t i = 0; i < results.size(); ++i) total = combine(total, results[i]);
    return total;
}

}
