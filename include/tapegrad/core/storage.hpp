// The caching pool behind every tensor and every scratch buffer.
//
// Each thread keeps, for each size class up to 1 MiB, two magazines: linked lists of free blocks that no
// other thread sees. When both are empty (or full) a whole magazine is taken from (or given to) the depot,
// under a mutex. Larger blocks live in the depot.
//
// Nothing goes back to the system before `trim()`: the page faults of memory that comes and goes with every
// training step cost more than the arithmetic. A block may be freed on another thread than the one that asked
// for it. All state is trivially destroyed, so that tensors in static and thread-local variables may outlive
// anything.
#pragma once

#include <algorithm>
#include <atomic>
#include <span>
#include <type_traits>

#include "depot.hpp"
#include "error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// No memory for a tensor or a buffer, even after the cache was given back.
struct OutOfMemory : Error {
    using Error::Error;
};

namespace pool {

/// What the pool holds, in bytes of whole blocks.
struct Statistics {
    std::int64_t live_bytes;    // in use
    std::int64_t peak_bytes;    // most in use since the start or `reset_peak`
    std::int64_t cached_bytes;  // held for reuse
    std::int64_t system_calls;  // requests to the system's allocator, for memory and to give it back
};

namespace detail {

struct Bin {
    Block* head;     // magazine in use
    Block* reserve;  // a full magazine or none
    uint32_t room;   // blocks that `head` still takes; 0 also before the first use and after the last
};

enum class Phase : uint8_t { fresh, open, retired };

/// What one thread owns. Only it writes; the counters are atomic, and never contended, for `statistics`.
struct Cache {
    Bin bins[thread_classes];
    std::atomic<std::int64_t> live;  // bytes given out less taken back since the last visit to the depot
    std::atomic<std::int64_t> peak;  // the largest `live` since then
    Cache* next;
    Phase phase;
};
inline constinit thread_local Cache cache{};

TAPEGRAD_INLINE void add_live(Cache& t, std::int64_t bytes) {
    const std::int64_t live = t.live.load(std::memory_order_relaxed) + bytes;
    t.live.store(live, std::memory_order_relaxed);
    if (bytes > 0 && live > t.peak.load(std::memory_order_relaxed))
        t.peak.store(live, std::memory_order_relaxed);
}

// The functions below are called with the mutex held.

/// Moves the thread's counters to the depot. Between two visits they cannot drift by more than the thread's
/// magazines.
inline void publish(Depot& d, Cache& t) {
    const std::int64_t top = d.live + t.peak.load(std::memory_order_relaxed);
    if (top > d.peak) d.peak = top;
    d.live += t.live.load(std::memory_order_relaxed);
    t.live.store(0, std::memory_order_relaxed);
    t.peak.store(0, std::memory_order_relaxed);
}

/// Empties the thread's magazines into the depot.
inline void flush(Depot& d, Cache& t) {
    for (unsigned c = 0; c < thread_classes; ++c) {
        Bin& bin = t.bins[c];
        if (bin.head != nullptr) give(d, c, bin.head, magazine_size(c) - bin.room);
        give(d, c, bin.reserve, magazine_size(c));
        bin = Bin{nullptr, nullptr, t.phase == Phase::open ? magazine_size(c) : 0};
    }
    publish(d, t);
}

/// At thread exit the magazines go to the depot; what still comes later goes there directly.
inline void retire() {
    Depot& d = depot();
    const std::lock_guard lock(d.mutex);
    cache.phase = Phase::retired;
    flush(d, cache);
    for (Cache** link = &d.caches; *link != nullptr; link = &(*link)->next) {
        if (*link != &cache) continue;
        *link = cache.next;
        break;
    }
}

inline void open(Depot& d) {
    struct Retirement {
        ~Retirement() { retire(); }
    };
    static thread_local Retirement at_exit;
    static_cast<void>(at_exit);
    cache.phase = Phase::open;
    for (unsigned c = 0; c < thread_classes; ++c) cache.bins[c].room = magazine_size(c);
    const std::lock_guard lock(d.mutex);
    cache.next = d.caches;
    d.caches = &cache;
}

[[gnu::cold, gnu::noinline]] inline void* allocate_slow(std::size_t bytes, unsigned c) {
    if (bytes > max_bytes) tapegrad::detail::fail<OutOfMemory>("allocate", "no memory for ", bytes, " bytes");
    Depot& d = depot();
    if (cache.phase == Phase::fresh) open(d);
    const bool caching = c < thread_classes && cache.phase == Phase::open;
    if (caching && cache.bins[c].reserve != nullptr) {
        cache.bins[c].head = std::exchange(cache.bins[c].reserve, nullptr);
        cache.bins[c].room = 0;
    }
    Block* b = caching ? cache.bins[c].head : nullptr;
    if (b == nullptr) {
        const std::lock_guard lock(d.mutex);
        b = take(d, c);
        if (b == nullptr) {
            if (cache.phase == Phase::open) flush(d, cache);
            trim(d);
            b = take(d, c);
        }
        if (b == nullptr)
            tapegrad::detail::fail<OutOfMemory>("allocate", "no memory for ", bytes, " bytes; ", d.live,
                                                " bytes are in use");
        if (caching)
            cache.bins[c].room = magazine_size(c) - b->count;
        else
            give(d, c, b->next, b->count - 1);
        add_live(cache, static_cast<std::int64_t>(class_bytes(c)));
        publish(d, cache);
    } else {
        add_live(cache, static_cast<std::int64_t>(class_bytes(c)));
    }
    if (caching) {
        cache.bins[c].head = b->next;
        ++cache.bins[c].room;
    }
    unpoison(b, bytes);
    return b;
}

[[gnu::cold, gnu::noinline]] inline void deallocate_slow(Block* b, unsigned c) noexcept {
    Depot& d = depot();
    if (cache.phase == Phase::fresh) open(d);
    const bool caching = c < thread_classes && cache.phase == Phase::open;
    if (!caching || cache.bins[c].reserve != nullptr) {
        const std::lock_guard lock(d.mutex);
        publish(d, cache);
        if (caching) {
            give(d, c, cache.bins[c].reserve, magazine_size(c));
        } else {
            b->next = nullptr;
            give(d, c, b, 1);
            return;
        }
    }
    Bin& bin = cache.bins[c];
    if (bin.room == 0) {
        bin.reserve = std::exchange(bin.head, nullptr);
        bin.room = magazine_size(c);
    }
    b->next = bin.head;
    bin.head = b;
    --bin.room;
}

}

/// At least `bytes` bytes, aligned to 64, not initialised.
/// Throws   OutOfMemory: the system has none left after `trim`
TAPEGRAD_INLINE void* allocate(std::size_t bytes) {
    const unsigned c = detail::class_of(bytes);
    if (c < detail::thread_classes) {
        detail::Bin& bin = detail::cache.bins[c];
        if (detail::Block* const b = bin.head) {
            bin.head = b->next;
            ++bin.room;
            detail::add_live(detail::cache, static_cast<std::int64_t>(detail::class_bytes(c)));
            detail::unpoison(b, bytes);
            return b;
        }
    }
    return detail::allocate_slow(bytes, c);
}

/// Takes back what `allocate(bytes)` gave, on any thread; null is ignored.
TAPEGRAD_INLINE void deallocate(void* p, std::size_t bytes) noexcept {
    if (p == nullptr) return;
    const unsigned c = detail::class_of(bytes);
    auto* const b = static_cast<detail::Block*>(p);
    detail::unpoison(b, sizeof(detail::Block));
    detail::poison(b, detail::class_bytes(c));
    detail::add_live(detail::cache, -static_cast<std::int64_t>(detail::class_bytes(c)));
    if (c < detail::thread_classes) {
        detail::Bin& bin = detail::cache.bins[c];
        if (bin.room != 0) {
            b->next = bin.head;
            bin.head = b;
            --bin.room;
            return;
        }
    }
    detail::deallocate_slow(b, c);
}

/// Exact while no other thread allocates. With several threads the peak may be off by what their magazines
/// hold.
inline Statistics statistics() {
    detail::Depot& d = detail::depot();
    const std::lock_guard lock(d.mutex);
    std::int64_t live = d.live, top = d.live;
    for (const detail::Cache* t = d.caches; t != nullptr; t = t->next) {
        live += t->live.load(std::memory_order_relaxed);
        top += t->peak.load(std::memory_order_relaxed);
    }
    return {live, top > d.peak ? top : d.peak, d.system_bytes - live, d.system_calls};
}

/// Lets `peak_bytes` start again from what is live now.
inline void reset_peak() {
    detail::Depot& d = detail::depot();
    const std::lock_guard lock(d.mutex);
    if (detail::cache.phase == detail::Phase::open) detail::publish(d, detail::cache);
    for (detail::Cache* t = d.caches; t != nullptr; t = t->next)
        t->peak.store(std::max(t->live.load(std::memory_order_relaxed), std::int64_t{0}),
                      std::memory_order_relaxed);
    d.peak = d.live;
}

/// Gives the cached blocks back to the system, except those that other threads hold for themselves.
inline void trim() {
    detail::Depot& d = detail::depot();
    const std::lock_guard lock(d.mutex);
    if (detail::cache.phase == detail::Phase::open) detail::flush(d, detail::cache);
    detail::trim(d);
}

}

/// A buffer of n uninitialised T from the pool.
/// Throws   ValueError: n is negative; OutOfMemory
template <class T>
class Scratch {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    static_assert(alignof(T) <= pool::detail::alignment);

public:
    Scratch() = default;
    explicit Scratch(std::int64_t n) : size_(n) {
        std::int64_t bytes = 0;
        if (n < 0) detail::fail<ValueError>("scratch", "size ", n, " is negative");
        if (__builtin_mul_overflow(n, static_cast<std::int64_t>(sizeof(T)), &bytes))
            detail::fail<OutOfMemory>("scratch", "no memory for ", n, " elements of ", sizeof(T), " bytes");
        data_ = static_cast<T*>(pool::allocate(static_cast<std::size_t>(bytes)));
    }
    Scratch(Scratch&& o) noexcept
        : data_(std::exchange(o.data_, nullptr)), size_(std::exchange(o.size_, 0)) {}
    Scratch& operator=(Scratch&& o) noexcept {
        std::swap(data_, o.data_);
        std::swap(size_, o.size_);
        return *this;
    }
    ~Scratch() { pool::deallocate(data_, static_cast<std::size_t>(size_) * sizeof(T)); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    std::int64_t size() const { return size_; }
    T& operator[](std::int64_t i) { return data_[i]; }
    const T& operator[](std::int64_t i) const { return data_[i]; }
    std::span<T> span() { return {data_, static_cast<std::size_t>(size_)}; }
    std::span<const T> span() const { return {data_, static_cast<std::size_t>(size_)}; }

private:
    T* data_ = nullptr;
    std::int64_t size_ = 0;
};

}
