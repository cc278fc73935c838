// One backward pass: a loop over the tape from the last slot that has a gradient down to the first. No
// recursion, no sort, no search: creation order is a topological order.
//
// A backward may ask for gradients itself. Such an inner pass may meet slots in which gradients of the outer one
// wait: it puts aside what it finds there, and puts it back at its end.
#pragma once

#include "accumulate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct BackwardOptions {
    /// Keep what the operations saved, so that another backward may pass here.
    bool retain_graph = false;
    /// Record the gradients, so that they have gradients themselves; implies retain_graph.
    bool create_graph = false;
};

namespace detail {

/// A tensor whose gradient is asked for, and the gradient when it is known.
struct Wanted {
    Slot* slot = nullptr;
    Body* leaf = nullptr;
    TensorBase gradient;
};

class Pass : Sink {
public:
    /// With a list of wanted tensors only the paths to those are walked, and no leaf collects anything.
    Pass(Tape& tape, BackwardOptions options, std::span<Wanted> wanted, bool pruned)
        : tape_(tape), options_(options), wanted_(wanted), pruned_(pruned) {}
    /// A pass that stays within the slots from `begin` on. Wanted are tensors before them that they read; what
    /// arrives at those is theirs from here alone, not yet all of their gradient.
    Pass(Tape& tape, BackwardOptions options, std::span<Wanted> wanted, int64_t begin)
        : Pass(tape, options, wanted, true) {
        begin_ = begin;
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    /// Drops what still waits when an exception ended the pass.
    ~Pass() {
        for (int64_t i = last_; waiting_ > 0 && i >= 0; --i) {
            Slot* const slot = i < tape_.end() ? tape_.at(i) : nullptr;
            if (slot == nullptr || !slot->gradient.defined()) continue;
            slot->gradient = TensorBase();
            --waiting_;
            slot->release();
        }
        for (const Wanted& w : wanted_)
            if (w.slot != nullptr && requesting_) w.slot->requested = false;
        while (!aside_.empty()) {  // a slot may be there twice: its first entry is the oldest
            Aside& a = aside_.back();
            a.slot->gradient = std::move(a.gradient);
            a.slot->requested = a.requested;
            a.slot->on_path = a.on_path;
            a.slot->release();
            aside_.pop_back();
        }
        running_backward = outer_;
    }

    /// Starts at the result, which is all that is differentiated.
    void start(Slot& root, TensorBase gradient) {
        if (pruned_ || outer_ != nullptr) walk_down(root);
        wait_in(root, std::move(gradient));
    }
    /// The gradient of a result, which may be what is wanted itself.
    void seed(const Wanted& result, TensorBase gradient) {
        const Edge edge{result.slot, result.leaf};
        if (edge.slot != nullptr && edge.slot->index >= begin_)
            wait_in(*edge.slot, std::move(gradient));
        else if (Wanted* const w = wanted_at(edge))
            add_to(w->gradient, std::move(gradient));
    }

    void run() {
        if (pruned_) mark_region();
        const FlagScope mode(grad_mode, options_.create_graph);
        const bool keep = options_.retain_graph || options_.create_graph;
        for (int64_t i = last_; waiting_ > 0; --i) {
            Slot* const slot = tape_.at(i);
            if (slot == nullptr || !slot->gradient.defined()) continue;
            TensorBase dy = std::move(slot->gradient);
            const Held held{slot};
            --waiting_;
            last_ = i;
            running_backward = slot->name;
            if (slot->hooks != nullptr) dy = slot->hooks->apply(std::move(dy));
            if (slot->requested) note(*slot, dy);
            if (slot->run == nullptr) {
                if (slot->requested && !wants_before(*slot)) continue;
                fail_freed(*slot);
            }
            const Needs needs = needs_of(*slot);
            if (!needs.any()) continue;
            from_ = slot;
            const WatchedBackward watching(watcher, slot->name, dy);
            slot->run(slot->state, *slot, dy, needs, *this);
            if (!keep) slot->free_saved();
        }
        if (begin_ < 0) finish_leaves();
    }

private:
    struct Held {  // the reference that waiting in a slot took
        Slot* slot;
        ~Held() { slot->release(); }
    };

    void put(std::size_t input, TensorBase gradient) override {
        const Edge edge = from_->edges[input];
        if (!gradient.defined() || !is_needed(edge)) return;
        const Shape& shape = edge.slot != nullptr ? edge.slot->shape : edge.leaf->shape;
        const GradientType& type = gradient_type(gradient.dtype());
        if (gradient.shape() != shape) gradient = type.sum_to(gradient, shape);
        if (anomaly_mode && !type.finite(gradient)) fail_not_finite(from_->name, "gradient");
        if (edge.slot != nullptr && edge.slot->index >= begin_)
            return wait_in(*edge.slot, std::move(gradient));
        if (pruned_) return add_to(wanted_at(edge)->gradient, std::move(gradient));
        if (edge.leaf->leaf->hooks != nullptr)
            add_to(hooked_leaf(edge.leaf), std::move(gradient));
        else
            keep_in(*edge.leaf, std::move(gradient));
    }
    void* gathered(std::size_t input, DType dtype) override {
        const Edge edge = from_->edges[input];
        if (options_.create_graph || anomaly_mode || !is_needed(edge)) return nullptr;
        const bool inside = edge.slot != nullptr && edge.slot->index >= begin_;
        if (!inside && !pruned_ && edge.leaf->leaf->hooks != nullptr) return nullptr;
        const TensorBase& total = inside    ? edge.slot->gradient
                                  : pruned_ ? wanted_at(edge)->gradient
                                            : edge.leaf->leaf->grad;
        const bool free = total.defined() && total.dtype() == dtype && total.node() == nullptr &&
                          total.is_unique() && total.is_contiguous();
        return free ? total.body().data : nullptr;
    }
    /// A leaf may keep its gradient for long and write to it: it must be nobody else's memory.
    static void keep_in(Body& leaf, TensorBase gradient) {
        TensorBase& total = leaf.leaf->grad;
        if (total.defined())
            add_to(total, std::move(gradient));
        else
            total = gradient_type(gradient.dtype()).own(std::move(gradient));
    }

    /// Where the gradient of a leaf gathers that hooks wait for.
    TensorBase& hooked_leaf(Body* leaf) {
        for (auto& [handle, gradient] : hooked_)
            if (&handle.body() == leaf) return gradient;
        leaf->retain();
        return hooked_.emplace_back(TensorBase(leaf), TensorBase()).second;
    }
    /// Shows the gradients of leaves, now that all of them has arrived, to their hooks.
    void finish_leaves() {
        for (auto& [handle, gradient] : hooked_)
            keep_in(handle.body(), handle.leaf_state()->hooks->apply(std::move(gradient)));
        for (Wanted& w : wanted_)
            if (w.leaf != nullptr && w.leaf->leaf->hooks != nullptr && w.gradient.defined())
                w.gradient = w.leaf->leaf->hooks->apply(std::move(w.gradient));
    }

    /// What an outer pass keeps in a slot.
    struct Aside {
        Slot* slot;
        TensorBase gradient;
        bool requested, on_path;
    };
    void put_aside(Slot& slot) {
        if (outer_ == nullptr || !(slot.gradient.defined() || slot.requested || slot.on_path)) return;
        aside_.push_back({&slot, TensorBase(), slot.requested, slot.on_path});
        slot.retain();
        aside_.back().gradient = std::exchange(slot.gradient, TensorBase());
    }

    void wait_in(Slot& slot, TensorBase gradient) {
        if (slot.gradient.defined()) return add_to(slot.gradient, std::move(gradient));
        slot.gradient = std::move(gradient);
        slot.retain();
        ++waiting_;
        if (slot.index > last_) last_ = slot.index;
    }
    static void add_to(TensorBase& total, TensorBase gradient) {
        if (!total.defined())
            total = std::move(gradient);
        else
            gradient_type(total.dtype()).add(total, gradient);
    }

    Wanted* wanted_at(const Edge& e) const {
        for (Wanted& w : wanted_)
            if (w.leaf == e.leaf && w.slot == e.slot) return &w;
        return nullptr;
    }
    void note(const Slot& slot, const TensorBase& dy) {
        for (Wanted& w : wanted_)
            if (w.slot == &slot) w.gradient = dy;
    }
    bool is_needed(const Edge& e) const {
        if (e.slot != nullptr && e.slot->index >= begin_)
            return !pruned_ || (e.slot->index >= first_ && e.slot->on_path);
        return (e.slot != nullptr || e.leaf != nullptr) && (!pruned_ || wanted_at(e) != nullptr);
    }
    Needs needs_of(const Slot& slot) const {
        Needs needs;
        for (std::size_t i = 0; i < slot.edge_count; ++i)
            if (is_needed(slot.edges[i])) needs.set(i);
        return needs;
    }
    /// True when something wanted may lie beyond the slot.
    bool wants_before(const Slot& slot) const {
        for (const Wanted& w : wanted_)
            if (w.leaf != nullptr || (w.slot != nullptr && w.slot->index < slot.index)) return true;
        return false;
    }
    /// Finds the slots that the root depends on, as far down as something wanted may lie, and marks those of them
    /// that a wanted tensor flows into. Other slots are not touched: they may be of an outer pass, and many.
    void walk_down(Slot& root) {
        int64_t floor = pruned_ ? root.index : 0;
        for (const Wanted& w : wanted_) {
            const int64_t at = w.slot != nullptr ? w.slot->index : 0;
            floor = at < floor ? at : floor;
            if (w.slot != nullptr) put_aside(*w.slot);
        }
        requesting_ = true;
        for (const Wanted& w : wanted_)
            if (w.slot != nullptr) w.slot->requested = true;
        root.reached = true;
        first_ = root.index;
        for (int64_t i = root.index; i >= first_; --i) {
            const Slot* const slot = tape_.at(i);
            if (slot == nullptr || !slot->reached) continue;
            for (std::size_t e = 0; e < slot->edge_count; ++e) {
                Slot* const before = slot->edges[e].slot;
                if (before == nullptr || before->index < floor) continue;
                before->reached = true;
                first_ = before->index < first_ ? before->index : first_;
            }
        }
        int64_t at = first_;
        try {
            for (; at <= root.index; ++at) {
                Slot* const slot = tape_.at(at);
                if (slot == nullptr) continue;
                // The loop over the tape would take what waits between the slots of this pass for its own.
                if (slot->reached || slot->gradient.defined()) put_aside(*slot);
                if (std::exchange(slot->reached, false)) mark(*slot);
            }
        } catch (...) {
            for (; at <= root.index; ++at)
                if (Slot* const slot = tape_.at(at)) slot->reached = false;
            throw;
        }
    }
    /// Marks all slots from `begin` on, which are this pass's alone.
    void mark_region() {
        if (begin_ < 0) return;
        first_ = begin_;
        for (int64_t i = first_; i <= last_; ++i)
            if (Slot* const slot = tape_.at(i)) mark(*slot);
    }
    void mark(Slot& slot) const {
        // A freed slot no longer knows its inputs: to reach it is an error, never a zero.
        slot.on_path = slot.requested || slot.run == nullptr;
        for (std::size_t e = 0; e < slot.edge_count; ++e) slot.on_path |= is_needed(slot.edges[e]);
    }
    [[noreturn, gnu::cold]] static void fail_freed(const Slot& slot) {
        fail<AutogradError>("backward", "what ", slot.name, " saved was freed by an earlier backward; pass ",
                            "{.retain_graph = true} to that one");
    }

    Tape& tape_;
    BackwardOptions options_;
    std::span<Wanted> wanted_;
    bool pruned_;
    bool requesting_ = false;                                // the wanted slots are marked
    const char* outer_ = running_backward;                   // the operation whose backward asks, or null
    std::vector<Aside> aside_;                               // what to put back
    std::vector<std::pair<TensorBase, TensorBase>> hooked_;  // leaves with hooks, and their gradients
    int64_t begin_ = -1;
    int64_t first_ = 0;
    int64_t last_ = -1;
    int64_t waiting_ = 0;
    Slot* from_ = nullptr;
};

}
}
