// The tape: the recorded operations of a thread as slots in creation order, which is a topological order.
//
// A slot is counted by the tensors that it made and by the slots that read them. When nobody can reach it,
// what it saved is released; dead slots at the end are popped and chunks without a living slot are reused, so
// a forward pass that is never differentiated leaves nothing behind. Nothing here recurses: a chain may be as
// long as memory allows.
//
// Gradients accumulate: a leaf's gradient grows with `+=` until `zero_grad()`; the first contribution is
// moved in.
#pragma once

#include <mutex>
#include <vector>

#include "../tensor/tensor.hpp"
#include "grad_mode.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Which inputs of an operation want a gradient; inputs past the 64th always do.
struct Needs {
    uint64_t bits = 0;
    bool operator[](std::size_t i) const { return i >= 64 || ((bits >> i) & 1) != 0; }
    void set(std::size_t i) { bits |= i < 64 ? uint64_t{1} << i : 0; }
    bool any() const { return bits != 0; }
};

namespace detail {

class Tape;
struct Slot;

/// What the engine does with gradients of one element type.
struct GradientType {
    void (*add)(TensorBase& into, const TensorBase& more);  // where it throws, `into` stays
    TensorBase (*sum_to)(const TensorBase& gradient, const Shape& shape);
    TensorBase (*own)(TensorBase gradient);
    bool (*finite)(const TensorBase& x);
};
// By element type; filled in by what records or sends gradients of that type, so that a program of floats
// does not compile those of doubles.
inline constinit std::atomic<const GradientType*> gradient_types[8]{};

inline const GradientType& gradient_type(DType dtype) {
    const GradientType* const type =
        gradient_types[static_cast<std::size_t>(dtype)].load(std::memory_order_relaxed);
    if (type == nullptr)
        fail<DtypeError>("backward", "no operation of this program has a gradient of ", name(dtype));
    return *type;
}

// While `checkpoint` calls its function for the first time: operations note their inputs, and save nothing.
inline constinit thread_local bool forgetting_captures = false;

/// An input of a recorded operation: the slot that made it, or a leaf, or neither (no gradient wanted).
struct Edge {
    Slot* slot = nullptr;
    Body* leaf = nullptr;
};

/// Where a backward puts the gradients of its inputs.
class Sink {
public:
    virtual void put(std::size_t input, TensorBase gradient) = 0;
    /// Row-major memory in which the gradient of an input gathers, for a backward that adds to a part of it; null
    /// when there is none yet, or somebody sees it.
    virtual void* gathered(std::size_t input, DType dtype) = 0;
    virtual ~Sink() = default;
};

struct Slot : GraphNode {
    static constexpr std::size_t inline_bytes = 104;
    static constexpr std::size_t inline_edges = 3;
    using Run = void (*)(void* state, Slot&, const TensorBase& dy, Needs, Sink&);

    Tape* tape = nullptr;
    int64_t index = 0;
    const char* name = nullptr;
    Run run = nullptr;              // null: freed by an earlier backward
    void (*drop)(void*) = nullptr;  // destroys the state
    void* state = nullptr;          // the backward and what it saved
    std::size_t state_bytes = 0;    // 0: inline
    Edge* edges = nullptr;
    std::size_t edge_count = 0;
    Slot* next_dead = nullptr;
    TensorBase gradient;  // gathered while a backward is on its way here
    GradientHooks* hooks = nullptr;
    Shape shape;
    bool alive = false;
    bool requested = false;  // an input of the `grad` that runs
    bool on_path = false;    // depends on one
    bool reached = false;    // its result depends on this; false between passes
    Edge edge_room[inline_edges];
    alignas(16) std::byte room[inline_bytes];

    /// Room for a state of that size.
    void reserve(std::size_t bytes) {
        state = bytes <= inline_bytes ? room : pool::allocate(bytes);
        state_bytes = bytes <= inline_bytes ? 0 : bytes;
    }
    /// Keeps what `make()` returns, built in the reserved room: its tensors are copied once, as saved ones.
    template <class Make>
    void hold(const Make& make) {
        using S = std::invoke_result_t<const Make&>;
        if (forgetting_captures) [[unlikely]] {
            run = &fail_forgotten;
            return;
        }
        static_assert(alignof(S) <= 16, "a backward's captures are aligned to 16 bytes at most");
        const FlagScope saving(saving_captures, true);
        new (state) S(make());
        drop = [](void* p) { static_cast<S*>(p)->~S(); };
        run = &S::run;
    }
    [[noreturn, gnu::cold]] static void fail_forgotten(void*, Slot& slot, const TensorBase&, Needs, Sink&) {
        fail<AutogradError>("checkpoint", "a gradient was asked through ", slot.name,
                            " inside the function, where nothing is saved the first time");
    }
    Edge* make_edges(std::size_t count) {
        edges = count <= inline_edges ? edge_room : static_cast<Edge*>(pool::allocate(count * sizeof(Edge)));
        for (std::size_t i = 0; i < count; ++i) edges[i] = Edge{};
        edge_count = count;
        return edges;
    }
    /// Lets go of everything that the backward needed.
    void free_saved() {
        run = nullptr;
        if (drop != nullptr) std::exchange(drop, nullptr)(state);
        if (state_bytes != 0) pool::deallocate(state, std::exchange(state_bytes, 0));
        Edge* const list = std::exchange(edges, nullptr);
        const std::size_t count = std::exchange(edge_count, 0);
        for (std::size_t i = 0; i < count; ++i) {
            if (list[i].slot != nullptr) list[i].slot->release();
            if (list[i].leaf != nullptr) list[i].leaf->release();
        }
        if (list != nullptr && list != edge_room) pool::deallocate(list, count * sizeof(Edge));
    }
};

class Tape {
public:
    /// The tape of this thread.
    static Tape& current() {
        if (current_ == nullptr) [[unlikely]]
            begin_thread();
        return *current_;
    }

    /// A new slot at the end, with one reference.
    Slot& append() {
        if (has_foreign_.load(std::memory_order_relaxed)) drain_foreign();
        const int64_t index = next_;
        const auto c = static_cast<std::size_t>(index / chunk_slots);
        if (c == chunks_.size()) chunks_.push_back(nullptr);
        if (chunks_[c] == nullptr) chunks_[c] = new_chunk();
        ++next_;  // now that nothing can fail
        Chunk& chunk = *chunks_[c];
        ++chunk.living;
        Slot& slot = *new (&chunk.slots()[index % chunk_slots]) Slot;
        slot.tape = this;
        slot.index = index;
        slot.alive = true;
        slot.unreachable = &on_unreachable;
        return slot;
    }

    /// The slot at `index`; null when it is dead.
    Slot* at(int64_t index) const {
        const Chunk* chunk = chunks_[static_cast<std::size_t>(index / chunk_slots)];
        if (chunk == nullptr) return nullptr;
        Slot& slot = chunk->slots()[index % chunk_slots];
        return slot.alive ? &slot : nullptr;
    }
    /// One past the last slot.
    int64_t end() const { return next_; }
    /// Slots that somebody can reach.
    int64_t living() const {
        int64_t n = 0;
        for (const Chunk* chunk : chunks_) n += chunk != nullptr ? chunk->living : 0;
        return n;
    }

private:
    static constexpr int64_t chunk_slots = 64;
    struct Chunk {
        int64_t living = 0;
        Slot* slots() const {
            return reinterpret_cast<Slot*>(reinterpret_cast<std::byte*>(const_cast<Chunk*>(this)) + 64);
        }
    };
    static constexpr std::size_t chunk_bytes = 64 + sizeof(Slot) * chunk_slots;

    struct Owner;
    static void begin_thread();

    static Slot* empty_slot(Chunk* chunk, int64_t i) { return &chunk->slots()[i]; }

    Chunk* new_chunk() {
        if (spare_ != nullptr) return std::exchange(spare_, nullptr);
        auto* chunk = new (pool::allocate(chunk_bytes)) Chunk;
        for (int64_t i = 0; i < chunk_slots; ++i) new (empty_slot(chunk, i)) Slot;
        return chunk;
    }
    void free_chunk(Chunk*& chunk) {
        if (spare_ == nullptr)
            spare_ = chunk;
        else
            pool::deallocate(chunk, chunk_bytes);
        chunk = nullptr;
    }

    static void on_unreachable(GraphNode* node) noexcept {
        auto* slot = static_cast<Slot*>(node);
        Tape* tape = slot->tape;
        if (tape == current_) return tape->collect(slot);
        tape->mutex_.lock();
        if (tape->orphaned_) {
            tape->collect(slot);
            return tape->unlock_or_delete();
        }
        slot->next_dead = tape->foreign_;
        tape->foreign_ = slot;
        tape->has_foreign_.store(true, std::memory_order_relaxed);
        tape->mutex_.unlock();
    }
    void drain_foreign() {
        mutex_.lock();
        Slot* list = std::exchange(foreign_, nullptr);
        has_foreign_.store(false, std::memory_order_relaxed);
        mutex_.unlock();
        collect(list);
    }
    void unlock_or_delete() {
        const bool empty = living() == 0;
        mutex_.unlock();
        if (empty) delete this;
    }

    /// Frees the slots of a list and those that die with them; a slot that dies meanwhile joins the list.
    void collect(Slot* list) noexcept {
        while (list != nullptr) {
            Slot* const next = std::exchange(list->next_dead, nullptr);
            list->next_dead = dead_;
            dead_ = list;
            list = next;
        }
        if (collecting_) return;
        collecting_ = true;
        while (dead_ != nullptr) {
            Slot& slot = *std::exchange(dead_, dead_->next_dead);
            slot.free_saved();
            slot.gradient = TensorBase();
            if (slot.hooks != nullptr) std::exchange(slot.hooks, nullptr)->release();
            slot.alive = false;
            const int64_t index = slot.index;
            Chunk*& chunk = chunks_[static_cast<std::size_t>(index / chunk_slots)];
            --chunk->living;
            if (index + 1 == next_)
                pop_dead_tail();
            else if (chunk->living == 0 && index / chunk_slots != (next_ - 1) / chunk_slots)
                free_chunk(chunk);
        }
        collecting_ = false;
    }
    void pop_dead_tail() {
        while (next_ > 0) {
            const auto c = static_cast<std::size_t>((next_ - 1) / chunk_slots);
            if (chunks_[c] == nullptr || chunks_[c]->living == 0) {
                if (chunks_[c] != nullptr) free_chunk(chunks_[c]);
                next_ = static_cast<int64_t>(c) * chunk_slots;
                chunks_.resize(c);
            } else if (at(next_ - 1) == nullptr) {
                --next_;
            } else {
                return;
            }
        }
    }

    Tape() = default;
    ~Tape() {
        for (Chunk* chunk : chunks_)
            if (chunk != nullptr) pool::deallocate(chunk, chunk_bytes);
        if (spare_ != nullptr) pool::deallocate(spare_, chunk_bytes);
    }

    inline static constinit thread_local Tape* current_ = nullptr;

    std::vector<Chunk*> chunks_;
    Chunk* spare_ = nullptr;
    int64_t next_ = 0;
    Slot* dead_ = nullptr;
    bool collecting_ = false;
    std::recursive_mutex mutex_;  // what an orphan drops may be slots of the same orphan
    Slot* foreign_ = nullptr;
    std::atomic<bool> has_foreign_{false};
    bool orphaned_ = false;
};

// The tape outlives its thread while tensors on other threads hold slots of it.
struct Tape::Owner {
    Tape* tape = new Tape;
    ~Owner() {
        current_ = nullptr;
        tape->mutex_.lock();
        tape->orphaned_ = true;
        tape->collect(std::exchange(tape->foreign_, nullptr));
        tape->unlock_or_delete();
    }
};
inline void Tape::begin_thread() {
    static thread_local Owner owner;
    current_ = owner.tape;
}

}
}
