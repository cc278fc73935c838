// A count of references. A locked instruction takes some 20 cycles, and a small operation counts a dozen
// times: so while the process has one thread, as the C library knows, counts move without the lock.
#pragma once

#include <atomic>
#include <cstdint>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

#include "config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// True when no other thread has been started; thread creation orders what was written before it.
inline bool single_threaded() {
#if __has_include(<sys/single_threaded.h>)
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

class RefCount {
public:
    explicit RefCount(std::int32_t count) : count_(count) {}

    void up() noexcept {
        if (single_threaded())
            count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        else
            count_.fetch_add(1, std::memory_order_relaxed);
    }
    /// True when that was the last reference; what others did with theirs has happened before.
    [[nodiscard]] bool down() noexcept {
        if (!single_threaded()) return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
        const std::int32_t left = count_.load(std::memory_order_relaxed) - 1;
        count_.store(left, std::memory_order_relaxed);
        return left == 0;
    }
    std::int32_t value() const noexcept { return count_.load(std::memory_order_relaxed); }
    /// True when there is one reference, and what others did with theirs has happened before.
    bool is_one() const noexcept { return count_.load(std::memory_order_acquire) == 1; }

private:
    std::atomic<std::int32_t> count_;
};

}
