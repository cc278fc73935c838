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

template <class T>
Tensor<T> seed_for(const char* op, const Tensor<T>& y, const Tensor<T>& dy) {
    if (dy.defined()) {
        if (dy.shape() != y.shape())
            fail<ShapeError>(op, "gradient ", dy.shape(), " of a result ", y.shape(),
                             "; the shapes must be equal");
        return dy;
    }
    if (y.numel() != 1)
        fail<ShapeError>(op, "a result ", y.shape(), " is not one number; sum it, or pass its gradient");
    return full_like(y, T(1.0F));
}

}

/// Adds d y / d leaf, weighted by dy, to the gradient of every leaf that y depends on.
/// Shape    y (any), dy of the same shape; without dy y has one element
/// Throws   AutogradError: y depends on no leaf, its graph was freed, a saved tensor was written to, or an
/// operation
///          on the way has no derivative; ShapeError: y has several elements and dy is missing
template <class T>
void backward(const Tensor<T>& y, const Tensor<T>& dy = {}, BackwardOptions options = {}) {
    detail::Slot* const root = detail::slot_of("backward", y);
    Tensor<T> seed = detail::seed_for("backward", y, dy);
    if (root == nullptr) {
        TensorBase& total = y.leaf_state()->grad;
        const detail::GradientType& type = detail::GradientTypeOf<T>::table;
        total = total.defined() ? type.add(std::move(total), seed) : type.own(std::move(seed));
        return;
    }
    detail::Pass pass(detail::Tape::current(), options, {}, false);
    pass.seed(*root, std::move(seed));
    pass.run();
}

template <class T>
void Tensor<T>::backward() const {
    tapegrad::backward(*this);
}

namespace detail {

template <class T>
void collect_gradients(const Tensor<T>& y, const Tensor<T>& dy, std::span<Wanted> wanted,
                       BackwardOptions options) {
    Slot* const root = slot_of("grad", y);
    Tensor<T> seed = seed_for("grad", y, dy);
    for (Wanted& w : wanted)
        if (root == nullptr && w.leaf == &y.body()) w.gradient = seed;
    if (root == nullptr) return;
    Pass pass(Tape::current(), options, wanted, true);
    pass.seed(*root, std::move(seed));
    pass.run();
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
    detail::collect_gradients(y, dy, wanted, options);
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

template <class T, std::size_t N, class Composed>
std::array<Tensor<T>, N> composed_gradients(const Composed& composed, const std::array<Tensor<T>, N>& inputs,
                                            const Tensor<T>& dy, Needs needs) {
    // Each wanted input passes through a slot of its own, behind which everything is newly recorded: the
    // inner pass stays in that region, and its results are functions of the inputs.
    std::array<Tensor<T>, N> local;
    std::array<Wanted, N> wanted;
    std::size_t count = 0;
    std::array<std::size_t, N> place{};
    for (std::size_t i = 0; i < N; ++i) {
        if (!inputs[i].defined()) continue;
        if (!needs[i]) {
            local[i] = with_node(inputs[i], nullptr);
            if (local[i].requires_grad()) local[i] = local[i].detach();
            continue;
        }
        local[i] = record("input", inputs[i], {inputs[i]}, [](const Tensor<T>& d) { return d; });
        place[i] = count;
        wanted[count++] = want(local[i], i);
    }
    const Tensor<T> y = [&]<std::size_t... I>(std::index_sequence<I...>) { return composed(local[I]...); }
    (std::make_index_sequence<N>());
    collect_gradients(y, dy, std::span(wanted.data(), count), {.create_graph = true});
    std::array<Tensor<T>, N> result;
    for (std::size_t i = 0; i < N; ++i)
        if (local[i].defined() && needs[i]) result[i] = cast_handle<T>(wanted[place[i]].gradient);
    return result;
}

}

}
