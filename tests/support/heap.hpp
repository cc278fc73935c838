// operator new of the tests: it counts what lives, and has no memory when a test says so.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace support {

/// What operator new and delete did on this thread.
struct Heap {
    long calls = 0;         // of operator new
    long live = 0;          // blocks given less blocks taken back
    long allowance = -1;    // blocks that are still given; -1: no end
    bool recovers = false;  // gives again after the first refusal
    long refusals = 0;

    void* give(std::size_t bytes, std::size_t alignment) {
        ++calls;
        if (allowance == 0) {
            ++refusals;
            if (recovers) allowance = -1;
            return nullptr;
        }
        if (allowance > 0) --allowance;
        ++live;
        bytes += bytes == 0;
        if (alignment == 0) return std::malloc(bytes);
        return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    }
    void* give_or_throw(std::size_t bytes, std::size_t alignment = 0) {
        if (void* const p = give(bytes, alignment)) return p;
        throw std::bad_alloc();
    }
    void take(void* p) {
        if (p == nullptr) return;
        --live;
        std::free(p);
    }
};
inline constinit thread_local Heap heap{};

/// While it lives, operator new gives this thread `count` more blocks, then throws: each time or, where it
/// recovers, once.
class ScarceHeap {
public:
    explicit ScarceHeap(long count, bool recovers = false) {
        heap.allowance = count;
        heap.recovers = recovers;
        heap.refusals = 0;
    }
    ~ScarceHeap() { heap.allowance = -1; }
    ScarceHeap(const ScarceHeap&) = delete;
    ScarceHeap& operator=(const ScarceHeap&) = delete;
    /// True when a block was refused; stays true behind the scope.
    static bool struck() { return heap.refusals > 0; }
};

}

// Weak: every test that includes this defines them, and the linker keeps one.
// clang-format off
[[gnu::weak]] void* operator new(std::size_t n) { return support::heap.give_or_throw(n); }
[[gnu::weak]] void* operator new[](std::size_t n) { return support::heap.give_or_throw(n); }
[[gnu::weak]] void* operator new(std::size_t n, std::align_val_t a) { return support::heap.give_or_throw(n, static_cast<std::size_t>(a)); }
[[gnu::weak]] void* operator new[](std::size_t n, std::align_val_t a) { return support::heap.give_or_throw(n, static_cast<std::size_t>(a)); }
[[gnu::weak]] void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return support::heap.give(n, 0); }
[[gnu::weak]] void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return support::heap.give(n, 0); }
[[gnu::weak]] void operator delete(void* p) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete[](void* p) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete(void* p, std::size_t) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete[](void* p, std::size_t) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete(void* p, std::align_val_t) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete[](void* p, std::align_val_t) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete(void* p, const std::nothrow_t&) noexcept { support::heap.take(p); }
[[gnu::weak]] void operator delete[](void* p, const std::nothrow_t&) noexcept { support::heap.take(p); }
// clang-format on
