// Gradients of a result: into the leaves (`backward`), or as tensors (`grad`).
#pragma once

#include "pass.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The slot of a result, on the tape of this thread; null for a leaf.
inline Slot* slot_of(const char* op, const TensorBase& x) {
    if (!x.requires_grad())
        fail<AutogradError>(op, "the tensor ", x.shape(),
                            " does not depend on anything that requires a gradient");
    auto* slot = static_cast<Slot*>(x.node());
    if (slot != nullptr && slot->tape != &Tape::current())
        fail<AutogradError>(op, "the tensor was recorded on another thread; differentiate it there");
    return slot;
}

/// Throws unless dy is a gradient of y: of its shape, or undefined where y is one number.
inline void check_seed(const char* op, const TensorBase& y, const TensorBase& dy) {
    if (dy.defined()) {
        if (dy.shape() != y.shape())
            fail<ShapeError>(op, "gradient ", dy.shape(), " of a result ", y.shape(),
                             "; the shapes must be equal");
    } else if (y.numel() != 1) {
        fail<ShapeError>(op, "a result ", y.shape(), " is not one number; sum it, or pass its gradient");
    }
}
template <class T>
Tensor<T> seed_for(const char* op, const Tensor<T>& y, const Tensor<T>& dy) {
    check_seed(op, y, dy);
    return dy.defined() ? dy : full_like(y, T(1.0F));
}

/// Adds `seed` as the gradient of y to the leaves below.
inline void send_back(const TensorBase& y, TensorBase seed, BackwardOptions options) {
    Slot* const root = slot_of("backward", y);
    if (root == nullptr) {
        TensorBase& total = y.leaf_state()->grad;
        const GradientType& type = gradient_type(y.dtype());
        if (total.defined()) return type.add(total, seed);
        total = type.own(std::move(seed));
        return;
    }
    Pass pass(Tape::current(), options, {}, false);
    pass.start(*root, std::move(seed));
    pass.run();
}

}

/// Adds d y / d leaf, weighted by dy, to the gradient of every leaf that y depends on.
/// A leaf that it came to before it threw has got its part; the others have what they had.
/// Shape    y (any), dy of the same shape; without dy y has one element
/// Throws   AutogradError: y depends on no leaf, its graph was freed, a saved tensor was written to, or an
///          operation on the way has no derivative; ShapeError: y has several elements and dy is missing
template <class T>
void backward(const Tensor<T>& y, const Tensor<T>& dy = {}, BackwardOptions options = {}) {
    detail::slot_of("backward", y);
    detail::use_gradients<T>();
    detail::send_back(y, detail::seed_for("backward", y, dy), options);
}

template <class T>
void Tensor<T>::backward() const {
    tapegrad::backward(*this);
}

namespace detail {

/// The gradients of the wanted tensors, of y weighted by `seed`.
inline void collect_gradients(const TensorBase& y, TensorBase seed, std::span<Wanted> wanted,
                              BackwardOptions options) {
    Slot* const root = slot_of("grad", y);
    for (Wanted& w : wanted)
        if (root == nullptr && w.leaf == &y.body()) w.gradient = seed;
    if (root == nullptr) return;
    {
        Pass pass(Tape::current(), options, wanted, true);
        pass.start(*root, std::move(seed));
        pass.run();
    }
    // A leaf that is asked for twice gathers in its first place.
    for (Wanted& w : wanted)
        for (const Wanted& first : wanted)
            if (w.leaf != nullptr && first.leaf == w.leaf && !w.gradient.defined())
                w.gradient = first.gradient;
}

inline Wanted want(const TensorBase& x, std::size_t i) {
    if (!x.requires_grad())
        fail<AutogradError>("grad", "input ", i, " of shape ", x.shape(), " requires no gradient");
    if (x.node() != nullptr) return {static_cast<Slot*>(x.node()), nullptr, {}};
    return {nullptr, const_cast<Body*>(&x.body()), {}};
}

}

/// d y / d input, weighted by dy, for each input; zeros for an input that y does not depend on.
///   grad(y, {x}, {.create_graph = true}) has gradients itself, to any order
/// Shape    as in backward; each result has the shape of its input
/// Throws   as backward; AutogradError: an input requires no gradient
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& y, std::span<const Tensor<T>> inputs,
                            BackwardOptions options = {}, const Tensor<T>& dy = {}) {
    std::vector<detail::Wanted> wanted;
    wanted.reserve(inputs.size());
    for (const Tensor<T>& x : inputs) wanted.push_back(detail::want(x, wanted.size()));
    detail::slot_of("grad", y);
    detail::use_gradients<T>();
    detail::collect_gradients(y, detail::seed_for("grad", y, dy), wanted, options);
    std::vector<Tensor<T>> result;
    result.reserve(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        result.push_back(wanted[i].gradient.defined() ? detail::cast_handle<T>(wanted[i].gradient)
                                                      : zeros_like(inputs[i]));
    return result;
}
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& y, const std::vector<Tensor<T>>& inputs,
                            BackwardOptions options = {}, const Tensor<T>& dy = {}) {
    return grad(y, std::span<const Tensor<T>>(inputs), options, dy);
}
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& y, std::initializer_list<Tensor<T>> inputs,
                            BackwardOptions options = {}, const Tensor<T>& dy = {}) {
    return grad(y, std::span<const Tensor<T>>(inputs.begin(), inputs.size()), options, dy);
}

namespace detail {

/// The state of a slot that hands its gradient on.
struct PassOn {
    static void run(void*, Slot&, const TensorBase& dy, Needs, Sink& sink) { sink.put(0, dy); }
};

inline void composed_gradients(Compose compose, const void* self, std::span<const TensorBase> inputs,
                               const TensorBase& dy, Needs needs, Sink& sink) {
    // Each wanted input passes through a slot of its own, behind which everything is newly recorded: the
    // inner pass stays in that region, and its results are functions of the inputs.
    std::array<TensorBase, max_composed> local;
    std::array<Wanted, max_composed> wanted;
    std::array<std::size_t, max_composed> place{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].defined()) continue;
        if (!needs[i]) {
            // Nothing is sent there, but what is sent elsewhere is a function of it too.
            local[i] = inputs[i];
            continue;
        }
        local[i] = with_node(inputs[i], nullptr);
        const Input input[] = {inputs[i]};
        local[i] = append_slot("input", local[i], input, [] { return PassOn{}; });
        place[count] = i;
        wanted[count] = want(local[i], i);
        ++count;
    }
    collect_gradients(compose(self, std::span(local.data(), inputs.size())), dy,
                      std::span(wanted.data(), count), {.create_graph = true});
    for (std::size_t k = 0; k < count; ++k) sink.put(place[k], std::move(wanted[k].gradient));
}

}

}
