// A thread that has no memory after so many allocations: what an operation leaves behind when it fails in the middle.
#pragma once

#include <tapegrad/core/storage.hpp>

namespace support {

/// While it lives, this thread is given `count` more blocks by the pool, then OutOfMemory.
class Scarcity {
public:
    explicit Scarcity(std::int64_t count) {
        using namespace tapegrad::pool::detail;
        // A thread that never asked has no cache that could be opened again, nor one that ends with it.
        tapegrad::pool::deallocate(tapegrad::pool::allocate(1), 1);
        Depot& d = depot();
        const std::lock_guard lock(d.mutex);
        // Without a cache of its own, a thread asks the depot for every block.
        cache.phase = Phase::retired;
        flush(d, cache);
        d.allowance = count;
    }
    ~Scarcity() {
        using namespace tapegrad::pool::detail;
        Depot& d = depot();
        const std::lock_guard lock(d.mutex);
        d.allowance = -1;
        cache.phase = Phase::open;
        flush(d, cache);
    }
    Scarcity(const Scarcity&) = delete;
    Scarcity& operator=(const Scarcity&) = delete;
};

}
