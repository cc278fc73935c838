// What a tensor handle points to: reference-counted memory (`Storage`) and a strided view of it (`Body`).
//
// A fresh tensor is one pooled block: the body, its storage record and the elements behind them. A view is a
// body of its own that shares the storage of another. The block goes back to the pool with the last of both.
#pragma once

#include <atomic>
#include <new>

#include "../core/dtype.hpp"
#include "../core/ref_count.hpp"
#include "../core/shape.hpp"
#include "../core/storage.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A place in somebody's graph that a tensor keeps alive; the tape derives its slots from it.
struct GraphNode {
    RefCount refs{1};                                    // whoever makes it holds it
    void (*unreachable)(GraphNode*) noexcept = nullptr;  // called when the last reference goes

    void retain() noexcept { refs.up(); }
    void release() noexcept {
        if (refs.down()) unreachable(this);
    }
};

/// Memory with a count of the bodies that see it and of the writes to it.
struct Storage {
    RefCount refs{1};
    std::atomic<uint32_t> version{0};
    void* block = nullptr;  // what goes back to the pool
    std::size_t block_bytes = 0;
    void (*deleter)(void*) = nullptr;  // for memory that came from outside
    void* context = nullptr;

    void retain() noexcept { refs.up(); }
    void release() noexcept {
        if (!refs.down()) return;
        if (deleter != nullptr) deleter(context);
        pool::deallocate(block, block_bytes);
    }
};

/// What only a leaf (a parameter) has: whether it wants a gradient, and the gradient. Defined by tensor.hpp.
struct LeafState;
void destroy(LeafState*) noexcept;

struct Body {
    RefCount refs{1};
    DType dtype;
    bool contiguous;
    int64_t numel;
    void* data;  // first element of this view
    Storage* storage;
    LeafState* leaf = nullptr;
    Shape shape;
    Strides strides;
    Storage own;

    Body(DType type, const Shape& s, const Strides& st, int64_t n, bool c)
        : dtype(type), contiguous(c), numel(n), shape(s), strides(st) {}

    void retain() noexcept { refs.up(); }
    void release() noexcept {
        if (refs.down()) end();
    }
    /// The last handle is gone. Out of line: every place that holds a tensor may come here.
    [[gnu::noinline]] void end() noexcept {
        if (leaf != nullptr) destroy(leaf);
        Storage* const seen = storage;
        if (seen != &own) pool::deallocate(this, sizeof(Body));
        seen->release();
    }
};

inline constexpr std::size_t body_bytes = (sizeof(Body) + 63) / 64 * 64;

/// A body with uninitialised elements behind it.
/// Throws   ShapeError: the bytes of `shape` overflow
[[gnu::noinline]] inline Body* new_body(DType dtype, const Shape& shape, const Strides& strides,
                                        int64_t numel) {
    const auto element = static_cast<int64_t>(itemsize(dtype));
    int64_t bytes = 0;
    if (__builtin_mul_overflow(numel, element, &bytes) || bytes > (int64_t{1} << 62))
        fail<ShapeError>("empty", "shape ", shape, " needs more than 2^62 bytes");
    const std::size_t block_bytes = body_bytes + static_cast<std::size_t>(bytes);
    void* const block = pool::allocate(block_bytes);
    auto* body = new (block) Body(dtype, shape, strides, numel, true);
    body->data = static_cast<std::byte*>(block) + body_bytes;
    body->own.block = block;
    body->own.block_bytes = block_bytes;
    body->storage = &body->own;
    return body;
}

/// True when the elements lie behind each other in row-major order; so do those of an empty tensor.
constexpr bool is_row_major(const Shape& shape, const Strides& strides) {
    uint64_t expected = 1;  // of an empty shape the product may wrap
    bool ordered = true;
    for (int i = shape.rank() - 1; i >= 0; --i) {
        if (shape[i] == 0) return true;
        if (shape[i] == 1) continue;
        ordered &= static_cast<uint64_t>(strides[i]) == expected;
        expected *= static_cast<uint64_t>(shape[i]);
    }
    return ordered;
}

/// A view: `shape` and `strides` over the storage of `base`, starting at `data`.
[[gnu::noinline]] inline Body* new_view(const Body& base, void* data, const Shape& shape,
                                        const Strides& strides) {
    void* const block = pool::allocate(sizeof(Body));
    auto* body = new (block) Body(base.dtype, shape, strides, numel_of(shape), is_row_major(shape, strides));
    body->data = data;
    body->storage = base.storage;
    body->storage->retain();
    return body;
}

/// A body over memory of somebody else; `deleter(context)` is called when the last view goes.
inline Body* new_borrowed(DType dtype, void* data, const Shape& shape, const Strides& strides, int64_t numel,
                          void (*deleter)(void*), void* context) {
    void* const block = pool::allocate(sizeof(Body));
    auto* body = new (block) Body(dtype, shape, strides, numel, is_row_major(shape, strides));
    body->data = data;
    body->own.block = block;
    body->own.block_bytes = sizeof(Body);
    body->own.deleter = deleter;
    body->own.context = context;
    body->storage = &body->own;
    return body;
}

}
