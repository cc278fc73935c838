// Memory that ends at every allocation of something, one after the other: what is left behind?
#pragma once

#include <doctest/doctest.h>
#include <tapegrad/autograd/tape.hpp>

#include "heap.hpp"
#include "scarcity.hpp"

namespace support {

/// What lives on this thread, in bytes of the pool, blocks of operator new and slots of the tape.
struct Living {
    std::int64_t slots = tapegrad::detail::Tape::current().living();  // first: it may make the tape
    std::int64_t bytes = tapegrad::pool::statistics().live_bytes;
    long objects = heap.live;
};

enum class Memory { of_pool, of_new, of_new_that_recovers };

/// Calls f with memory for `count` blocks; true when it wanted more, which f may have coped with.
template <class F>
bool runs_out(Memory memory, std::int64_t count, const F& f) {
    try {
        if (memory == Memory::of_pool) {
            const Scarcity scarcity(count);
            f();
        } else {
            const ScarceHeap scarcity(count, memory == Memory::of_new_that_recovers);
            f();
        }
    } catch (const tapegrad::OutOfMemory&) {
        return true;
    } catch (const std::bad_alloc&) {
    }
    return memory != Memory::of_pool && ScarceHeap::struck();
}

/// Calls body(run) with memory that ends after 0, 1, 2, ... blocks, for each kind of memory, until all is done.
/// The body prepares, calls run(f), which tells whether f ran out of memory, and asks what is left. Nothing that it
/// made may live on. How many times memory ended.
template <class Body>
std::int64_t exhaust(const Body& body) {
    body([](const auto& f) { return f(), false; });  // what is made once, and kept
    std::int64_t ends = 0;
    for (const Memory memory : {Memory::of_pool, Memory::of_new, Memory::of_new_that_recovers}) {
        bool out = true;
        for (std::int64_t blocks = 0; out && blocks < 2000; ++blocks) {
            out = false;
            CAPTURE(static_cast<int>(memory));
            CAPTURE(blocks);
            const Living before;
            body([&](const auto& f) {
                const bool ended = runs_out(memory, blocks, f);
                out |= ended;
                return ended;
            });
            const Living after;
            CHECK_MESSAGE(after.bytes == before.bytes, "the pool leaks");
            CHECK_MESSAGE(after.objects == before.objects, "operator new leaks");
            CHECK_MESSAGE(after.slots == before.slots, "the tape leaks");
            ends += out;
        }
        CHECK_MESSAGE(!out, "no end");
    }
    return ends;
}

}
