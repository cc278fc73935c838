// `checkpoint`: memory for time. A function whose intermediate results are not kept for backward, but computed
// again there.
//
// The first call records which tensors the function reads, and forgets the rest: the parameters that it
// captures get their gradients as if it had been recorded. In backward it runs again, recorded, as a region at
// the end of the tape, and a pass of its own goes through that region.
#pragma once

#include <tuple>

#include "../core/random.hpp"
#include "backward.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The edges by which the slots from `begin` on, and y, reach what lies before them: each once, held.
template <std::same_as<Edge> E>
class Frontier {
public:
    // Delegates, so that what it holds is let go of where it throws.
    Frontier(const Tape& tape, int64_t begin, const TensorBase& y) : Frontier(begin) {
        for (int64_t i = begin; i < tape.end(); ++i)
            if (const Slot* slot = tape.at(i))
                for (std::size_t e = 0; e < slot->edge_count; ++e) add(slot->edges[e]);
        if (!y.requires_grad()) return;
        const Wanted root = want(y, 0);
        add({root.slot, root.leaf});
    }
    Frontier(const Frontier&) = delete;
    Frontier& operator=(const Frontier&) = delete;
    ~Frontier() {
        for (const E& e : edges_) {
            if (e.slot != nullptr) e.slot->release();
            if (e.leaf != nullptr) e.leaf->release();
        }
    }

    bool empty() const { return edges_.empty(); }
    /// Moves the edges to a slot that has none.
    void connect(Slot& slot) {
        Edge* const to = slot.make_edges(edges_.size());
        std::copy(edges_.begin(), edges_.end(), to);
        edges_.clear();
    }

private:
    explicit Frontier(int64_t begin) : begin_(begin) {}
    void add(const E& e) {
        if (e.leaf == nullptr && (e.slot == nullptr || e.slot->index >= begin_)) return;
        for (const E& known : edges_)
            if (known.slot == e.slot && known.leaf == e.leaf) return;
        edges_.push_back(e);
        if (e.slot != nullptr) e.slot->retain();
        if (e.leaf != nullptr) e.leaf->retain();
    }

    int64_t begin_;
    std::vector<E> edges_;
};

/// Puts the gradients of y, which the slots from `begin` on have computed, by the inputs of a slot before.
template <std::same_as<Wanted> W = Wanted>
void send_through_region(const TensorBase& y, const TensorBase& dy, int64_t begin, const Slot& slot,
                         Needs needs, Sink& sink) {
    if (y.shape() != slot.shape)
        fail<AutogradError>("checkpoint", "the function gave ", slot.shape, " at first and ", y.shape(),
                            " when it was called again; it must compute the same each time");
    std::vector<W> wanted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < slot.edge_count; ++i) {
        if (!needs[i]) continue;
        wanted.push_back({slot.edges[i].slot, slot.edges[i].leaf, {}});
        places.push_back(i);
    }
    if (y.requires_grad()) {
        Pass pass(*slot.tape, {.create_graph = grad_enabled()}, wanted, begin);
        pass.seed(want(y, 0), dy);
        pass.run();
    }
    for (std::size_t k = 0; k < wanted.size(); ++k) sink.put(places[k], std::move(wanted[k].gradient));
}

/// Puts a generator back where it was.
class GeneratorScope {
public:
    GeneratorScope(Generator& generator, const RandomState& state)
        : generator_(generator), before_(generator.state()) {
        generator.set_state(state);
    }
    ~GeneratorScope() { generator_.set_state(before_); }
    GeneratorScope(const GeneratorScope&) = delete;
    GeneratorScope& operator=(const GeneratorScope&) = delete;

private:
    Generator& generator_;
    RandomState before_;
};

/// What a checkpoint keeps: the function, its inputs and the state of the random numbers.
template <class F, class... Inputs>
struct Checkpointed {
    F f;
    std::tuple<Inputs...> inputs;
    RandomState random;

    static void run(void* state, Slot& slot, const TensorBase& dy, Needs needs, Sink& sink) {
        const auto& self = *static_cast<const Checkpointed*>(state);
        const int64_t begin = slot.tape->end();
        TensorBase y;
        {
            const enable_grad recording;
            const GeneratorScope same(default_generator(), self.random);
            F f = self.f;
            std::tuple<Inputs...> inputs = self.inputs;
            y = std::apply(f, inputs);
        }
        send_through_region(y, dy, begin, slot, needs, sink);
    }
};

}

/// f(inputs...), of which backward keeps the inputs alone: it calls f again for the rest.
///   y = checkpoint([&](const Tensor<float>& x) { return block(x); }, x);
/// The bits of result and gradients are those without a checkpoint, if f computes the same when it is called
/// again: the default generator of the thread is put back to where it was, and so are a Generator among the
/// inputs and one that f captures by value (f is copied for each call); one that f captures by reference is
/// not. Parameters that f captures get their gradients; checkpoints may contain checkpoints.
/// Shape    inputs: tensors of any type, generators, numbers; f returns one tensor
/// Grad     by the inputs and by what f captures, to any order;  saves the inputs and a copy of f
/// Throws   what f throws; in backward AutogradError: an input was written to since, f gave another shape, or f
///          itself asks for a gradient of what it computes
/// Source   Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016
template <class F, class... Inputs>
auto checkpoint(const F& f, Inputs&&... inputs) {
    using Result = std::remove_cvref_t<decltype(F(f)(inputs...))>;
    using T = typename Result::value_type;
    F first = f;
    if (!grad_enabled()) return Result(first(inputs...));
    const auto kept = std::make_tuple(inputs...);
    const RandomState random = default_generator().state();
    detail::Tape& tape = detail::Tape::current();
    const int64_t begin = tape.end();
    Result y;
    {
        const detail::FlagScope forgetting(detail::forgetting_captures, true);
        y = first(inputs...);
    }
    detail::Frontier<detail::Edge> frontier(tape, begin, y);
    y = detail::with_node(y, nullptr);
    if (frontier.empty()) return y;
    if (y.requires_grad()) y = y.detach();  // f gave a leaf back
    using State = detail::Checkpointed<F, std::remove_cvref_t<Inputs>...>;
    y = Result(detail::open_slot("checkpoint", y, {}, sizeof(State)));
    auto& slot = *static_cast<detail::Slot*>(y.node());
    frontier.connect(slot);
    detail::use_gradients<T>();
    slot.hold([&] { return State{f, kept, random}; });
    return y;
}

}
