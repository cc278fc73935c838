// What the threads share of the pool: magazines of free blocks, by class, and the memory they come from.
//
// A magazine is a linked list of free blocks. It changes hands as a whole: nobody walks one, except to cut a
// new chunk and to trim. Small blocks are cut from chunks; each larger one is memory of its own.
#pragma once

#include <cstdlib>
#include <mutex>
#include <utility>

#include "size_class.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TAPEGRAD_POISONS_
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TAPEGRAD_POISONS_
#endif
#endif
#if defined(TAPEGRAD_POISONS_)
#include <sanitizer/asan_interface.h>
#endif

namespace tapegrad::inline TAPEGRAD_ISA::pool::detail {

inline constexpr std::size_t chunk_bytes = 64 * 1024;
inline constexpr std::size_t huge_page = 2 * 1024 * 1024;

/// A free block. `next_magazine` and `count` mean something in the first block of a magazine in the depot.
struct Block {
    Block* next;
    Block* next_magazine;
    std::uint32_t count;
};

/// Head of a chunk, which is aligned to its size, so that a block finds its chunk. `free` is scratch of
/// `trim`.
struct Chunk {
    Chunk* next;
    std::uint32_t blocks;
    std::uint32_t free;
};

// A free block is poisoned behind its links: AddressSanitizer then sees a write past the end of a tensor, or
// through a dead one, although the memory never left the process.
inline void poison([[maybe_unused]] void* p, [[maybe_unused]] std::size_t bytes) {
#if defined(TAPEGRAD_POISONS_)
    __asan_poison_memory_region(static_cast<char*>(p) + sizeof(Block), bytes - sizeof(Block));
#endif
}
inline void unpoison([[maybe_unused]] void* p, [[maybe_unused]] std::size_t bytes) {
#if defined(TAPEGRAD_POISONS_)
    __asan_unpoison_memory_region(p, bytes);
#endif
}

struct Cache;

/// Everything but the mutex is read and written with the mutex held, here and in the functions below.
struct Depot {
    std::mutex mutex;
    Block* magazines[class_count]{};
    Chunk* chunks[chunk_classes]{};
    Cache* caches = nullptr;  // of the threads
    std::int64_t live = 0, peak = 0, system_bytes = 0, system_calls = 0;
    std::int64_t allowance = -1;  // magazines that are still given out, for tests of scarcity; -1: no end
};

/// The depot of the process. It is never destroyed, so that static tensors may outlive anything.
union ImmortalDepot {
    Depot depot;
    constexpr ImmortalDepot() : depot() {}
    ~ImmortalDepot() {}
};
inline constinit ImmortalDepot immortal_depot{};
inline Depot& depot() { return immortal_depot.depot; }

inline void give(Depot& d, unsigned c, Block* magazine, std::uint32_t count) {
    if (magazine == nullptr) return;
    magazine->count = count;
    magazine->next_magazine = d.magazines[c];
    d.magazines[c] = magazine;
}

/// Null when there is no memory.
inline void* from_system(Depot& d, std::size_t bytes, std::size_t align) {
    void* p = nullptr;
    ++d.system_calls;
    if (posix_memalign(&p, align, bytes) != 0) return nullptr;
    d.system_bytes += static_cast<std::int64_t>(bytes);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // One fault for 512 pages: the first touch of 16 MiB takes 1.8 ms instead of 8.5.
    if (align == huge_page) madvise(p, bytes, MADV_HUGEPAGE);
#endif
    return p;
}
inline void to_system(Depot& d, void* p, std::size_t bytes) {
    unpoison(p, bytes);
    std::free(p);
    d.system_bytes -= static_cast<std::int64_t>(bytes);
    ++d.system_calls;
}

/// Adds the blocks of a new chunk to the depot.
inline void cut_chunk(Depot& d, unsigned c) {
    void* const p = from_system(d, chunk_bytes, chunk_bytes);
    if (p == nullptr) return;
    const std::size_t bytes = class_bytes(c);
    auto* const chunk = static_cast<Chunk*>(p);
    *chunk = {d.chunks[c], static_cast<std::uint32_t>((chunk_bytes - alignment) / bytes), 0};
    d.chunks[c] = chunk;
    char* at = static_cast<char*>(p) + alignment;
    Block* magazine = nullptr;
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < chunk->blocks; ++i, at += bytes) {
        void* const place = at;
        auto* const b = static_cast<Block*>(place);
        b->next = magazine;
        poison(b, bytes);
        magazine = b;
        if (++count == magazine_size(c)) {
            give(d, c, magazine, count);
            magazine = nullptr;
            count = 0;
        }
    }
    give(d, c, magazine, count);
}

/// A magazine of class c, its `count` set, from the depot or from the system; null when there is no memory.
inline Block* take(Depot& d, unsigned c) {
    if (d.allowance == 0) return nullptr;
    if (d.allowance > 0) --d.allowance;
    if (d.magazines[c] == nullptr) {
        if (c < chunk_classes) {
            cut_chunk(d, c);
        } else {
            const std::size_t bytes = class_bytes(c);
            auto* const b =
                static_cast<Block*>(from_system(d, bytes, bytes >= huge_page ? huge_page : alignment));
            if (b != nullptr) {
                b->next = nullptr;
                poison(b, bytes);
            }
            give(d, c, b, 1);
        }
    }
    Block* const magazine = d.magazines[c];
    if (magazine != nullptr) d.magazines[c] = magazine->next_magazine;
    return magazine;
}

/// All free blocks of class c in the depot, as one list.
inline Block* take_all(Depot& d, unsigned c) {
    Block* all = nullptr;
    for (Block* magazine = std::exchange(d.magazines[c], nullptr); magazine != nullptr;) {
        Block* const next_magazine = magazine->next_magazine;
        for (Block *b = magazine, *next = nullptr; b != nullptr; b = next) {
            next = b->next;
            b->next = all;
            all = b;
        }
        magazine = next_magazine;
    }
    return all;
}

/// Frees the chunks of which every block is in the depot.
inline void trim_chunks(Depot& d, unsigned c) {
    const auto chunk_of = [](Block* b) {
        return reinterpret_cast<Chunk*>(reinterpret_cast<std::uintptr_t>(b) &
                                        ~std::uintptr_t{chunk_bytes - 1});
    };
    Block* const all = take_all(d, c);
    for (Block* b = all; b != nullptr; b = b->next) ++chunk_of(b)->free;
    Block* magazine = nullptr;
    std::uint32_t count = 0;
    for (Block *b = all, *next = nullptr; b != nullptr; b = next) {
        next = b->next;
        if (chunk_of(b)->free == chunk_of(b)->blocks) continue;
        b->next = magazine;
        magazine = b;
        if (++count == magazine_size(c))
            give(d, c, std::exchange(magazine, nullptr), std::exchange(count, 0u));
    }
    give(d, c, magazine, count);
    for (Chunk** link = &d.chunks[c]; *link != nullptr;) {
        Chunk* const chunk = *link;
        if (chunk->free == chunk->blocks) {
            *link = chunk->next;
            to_system(d, chunk, chunk_bytes);
        } else {
            chunk->free = 0;
            link = &chunk->next;
        }
    }
}

/// Gives the free memory of the depot back to the system.
inline void trim(Depot& d) {
    for (unsigned c = 0; c < chunk_classes; ++c) trim_chunks(d, c);
    for (unsigned c = chunk_classes; c < class_count; ++c)
        for (Block *b = take_all(d, c), *next = nullptr; b != nullptr; b = next) {
            next = b->next;
            to_system(d, b, class_bytes(c));
        }
}

}
#undef TAPEGRAD_POISONS_
