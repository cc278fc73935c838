// The threads behind `parallel_for`.
//
// A worker joins a job by raising the count in `state_` while the job is open; the caller closes the job when
// its chunks are gone and waits for those who joined. So a worker that the system did not schedule delays
// nobody. Waiting threads spin for a moment, then sleep. One job runs at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

using std::int64_t;

namespace detail {

inline constexpr int max_threads = 1024;

// True on a worker, and on a caller while its job runs.
inline constinit thread_local bool inside_parallel = false;

TAPEGRAD_INLINE void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

inline int64_t now_ns() {
    std::timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Spins until `ready()` or for about `budget` nanoseconds; true when it became ready.
template <class Ready>
bool spin(int64_t budget, Ready ready) {
    int64_t start = 0;
    for (;;) {
        for (int i = 0; i < 64; ++i) {
            if (ready()) return true;
            pause();
        }
        const int64_t now = now_ns();
        if (start == 0)
            start = now;
        else if (now - start > budget)
            return false;
    }
}

using ChunkFunction = void (*)(void* body, int64_t begin, int64_t end);

struct Job {
    ChunkFunction call = nullptr;
    void* body = nullptr;
    int64_t n = 0, grain = 1, chunks = 0;

    void run(int64_t chunk) const {
        const int64_t begin = chunk * grain;
        call(body, begin, chunk + 1 == chunks ? n : begin + grain);
    }
};

/// A template, as what follows: a program that starts no job does not compile it.
template <class Thread = std::thread>
class ThreadPool {
public:
    /// Runs the job with the workers; false when another job is running.
    bool run(const Job& job, int threads) {
        if (busy_.exchange(true, std::memory_order_acquire)) return false;
        if (closed_) {
            busy_.store(false, std::memory_order_release);
            return false;
        }
        inside_parallel = true;
        grow(threads);
        job_ = job;
        next_.store(0, std::memory_order_relaxed);
        const uint32_t epoch = (state_.load(std::memory_order_relaxed) & epoch_mask) + epoch_one;
        state_.store(epoch | open_bit, std::memory_order_seq_cst);
        if (sleepers_.load(std::memory_order_seq_cst) > 0) wake(job.chunks - 1);
        work();
        state_.fetch_and(~open_bit, std::memory_order_acq_rel);
        wait_for_workers();
        const std::exception_ptr error = std::exchange(error_, nullptr);
        failed_.store(false, std::memory_order_relaxed);
        inside_parallel = false;
        busy_.store(false, std::memory_order_release);
        if (error != nullptr) std::rethrow_exception(error);
        return true;
    }

    /// Ends the workers. They come again with the next job, unless `closed`.
    void stop(bool closed) {
        while (busy_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
        {
            const std::lock_guard lock(mutex_);
            stopping_.store(true, std::memory_order_release);
        }
        work_.notify_all();
        for (Thread& t : workers_) t.join();
        workers_.clear();
        stopping_.store(false, std::memory_order_release);
        closed_ = closed;
        busy_.store(false, std::memory_order_release);
    }

private:
    // state_: how many workers joined, whether the job may be joined, and the number of the job.
    static constexpr uint32_t active_mask = (1u << 11) - 1, open_bit = 1u << 11, epoch_one = 1u << 12;
    static constexpr uint32_t epoch_mask = ~(epoch_one - 1);
    static_assert(max_threads <= active_mask);

    void grow(int threads) {
        const auto wanted = static_cast<std::size_t>(threads - 1);
        if (workers_.size() >= wanted) return;
        // Threads that have no core of their own must not spin: they would hold up those that work.
        spin_ns_ = threads <= static_cast<int>(Thread::hardware_concurrency()) ? 30'000 : 1'000;
        const uint32_t seen = state_.load(std::memory_order_relaxed) & epoch_mask;
        try {
            workers_.reserve(wanted);
            while (workers_.size() < wanted) workers_.emplace_back([this, seen] { serve(seen); });
        } catch (const std::exception&) {
            // The system gives no more threads. Those that are there do all chunks.
        }
    }

    void work() {
        const Job job = job_;
        try {
            for (;;) {
                const int64_t chunk = next_.fetch_add(1, std::memory_order_relaxed);
                if (chunk >= job.chunks) return;
                job.run(chunk);
            }
        } catch (...) {
            next_.store(job.chunks, std::memory_order_relaxed);
            if (!failed_.exchange(true, std::memory_order_acq_rel)) error_ = std::current_exception();
        }
    }

    void serve(uint32_t seen) {
        inside_parallel = true;
        const int64_t budget = spin_ns_;
        for (;;) {
            const auto called = [&] {
                return (state_.load(std::memory_order_acquire) & epoch_mask) != seen ||
                       stopping_.load(std::memory_order_acquire);
            };
            if (!spin(budget, called)) sleep(seen);
            if (stopping_.load(std::memory_order_acquire)) return;
            uint32_t state = state_.load(std::memory_order_relaxed);
            seen = state & epoch_mask;
            bool joined = false;
            while ((state & open_bit) != 0 && (state & epoch_mask) == seen && !joined)
                joined = state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                                      std::memory_order_relaxed);
            if (!joined) continue;
            work();
            // The last to leave a closed job tells the caller, if it sleeps. Both sides write their own flag
            // before they read the other's (sequentially consistent), so that at least one sees the other.
            const uint32_t before = state_.fetch_sub(1, std::memory_order_seq_cst);
            if ((before & (open_bit | active_mask)) == 1 && caller_sleeps_.load(std::memory_order_seq_cst)) {
                { const std::lock_guard lock(mutex_); }
                done_.notify_one();
            }
        }
    }

    void sleep(uint32_t seen) {
        std::unique_lock lock(mutex_);
        sleepers_.fetch_add(1, std::memory_order_seq_cst);
        while ((state_.load(std::memory_order_seq_cst) & epoch_mask) == seen &&
               !stopping_.load(std::memory_order_acquire))
            work_.wait(lock);
        sleepers_.fetch_sub(1, std::memory_order_relaxed);
    }

    void wake(int64_t count) {
        { const std::lock_guard lock(mutex_); }
        if (count >= sleepers_.load(std::memory_order_relaxed)) return work_.notify_all();
        for (int64_t i = 0; i < count; ++i) work_.notify_one();
    }

    void wait_for_workers() {
        const auto idle = [&] { return (state_.load(std::memory_order_seq_cst) & active_mask) == 0; };
        if (spin(spin_ns_, idle)) return;
        std::unique_lock lock(mutex_);
        caller_sleeps_.store(true, std::memory_order_seq_cst);
        while (!idle()) done_.wait(lock);
        caller_sleeps_.store(false, std::memory_order_relaxed);
    }

    // The counters that all threads hammer lie on lines of their own.
    alignas(64) std::atomic<uint32_t> state_{0};
    alignas(64) std::atomic<int64_t> next_{0};
    alignas(64) std::atomic<bool> busy_{false};
    std::atomic<bool> failed_{false};
    std::exception_ptr error_;  // of the one that set failed_
    alignas(64) Job job_;
    bool closed_ = false;
    int64_t spin_ns_ = 30'000;
    std::atomic<bool> stopping_{false}, caller_sleeps_{false};
    std::atomic<int> sleepers_{0};
    std::mutex mutex_;
    std::condition_variable work_, done_;
    std::vector<Thread> workers_;
};

/// The pool of the process. It is never destroyed; its threads end with the static objects.
template <class Thread = std::thread>
ThreadPool<Thread>& thread_pool() {
    static auto* const pool = new ThreadPool<Thread>;
    struct AtExit {
        // exit() inside a body: the job will never end, so its threads are left to the system.
        ~AtExit() {
            if (!inside_parallel) pool->stop(true);
        }
    };
    static const AtExit at_exit;
    return *pool;
}

}
}
