// `record`: appends an operation to the tape. The backward is a lambda whose captures are what is saved; each
// tensor among them notes its version as it is copied into the tape, so that a later write to it is found
// out.
//
//   return record("exp", y, {x}, [](const Tensor<T>& dy, const Tensor<T>& y) { return dy * y; });
//
// A backward takes dy, or (dy, y) when it reads the output, or (dy, needs) or (dy, y, needs) when it can
// leave out what nobody wants; it returns one gradient, or a std::array or std::vector of them in the order
// of the inputs. One whose gradient fills but a part of its only input takes (dy, T* total) and adds to `total`
// where that is not null, the row-major memory in which that gradient gathers; it returns an undefined tensor
// then. A gradient of a larger shape than its input is summed to that shape by the engine:
// un-broadcasting happens there only.
//
// A fused kernel adds its composed definition, a lambda from its inputs to its output written in operations:
// gradients of gradients run through that. A backward that is itself written in operations needs none.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "tape.hpp"
#include "watch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline bool any_requires_grad(std::span<const Input> inputs) {
    for (const Input& in : inputs)
        if (in.tensor->requires_grad()) return true;
    return false;
}

inline void connect(Slot& slot, std::span<const Input> inputs) {
    Edge* edges = slot.make_edges(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const TensorBase& t = *inputs[i].tensor;
        if (!t.requires_grad()) continue;
        if (t.node() != nullptr) {
            edges[i].slot = static_cast<Slot*>(t.node());
            edges[i].slot->retain();
            if (edges[i].slot->tape != slot.tape)
                fail<AutogradError>(slot.name, "input ", i, " was recorded on another thread; detach() it");
        } else {
            edges[i].leaf = const_cast<Body*>(&t.body());
            edges[i].leaf->retain();
        }
    }
}

/// The arithmetic of gradients of T; accumulate.hpp defines it.
template <class T>
struct GradientTypeOf;
template <class T>
void use_gradients() {
    gradient_types[static_cast<std::size_t>(dtype_of<T>)].store(&GradientTypeOf<T>::table,
                                                                std::memory_order_relaxed);
}

template <class T>
void deliver(Sink& sink, Tensor<T> gradient) {
    use_gradients<T>();
    sink.put(0, std::move(gradient));
}
template <class T, std::size_t N>
void deliver(Sink& sink, std::array<Tensor<T>, N> gradients) {
    use_gradients<T>();
    for (std::size_t i = 0; i < N; ++i) sink.put(i, std::move(gradients[i]));
}
template <class T>
void deliver(Sink& sink, std::vector<Tensor<T>> gradients) {
    use_gradients<T>();
    for (std::size_t i = 0; i < gradients.size(); ++i) sink.put(i, std::move(gradients[i]));
}

struct NotComposed {};

/// A composed definition as a function of its inputs.
using Compose = TensorBase (*)(const void* self, std::span<const TensorBase> inputs);

inline constexpr std::size_t max_composed = 9;  // inputs of a composed definition

/// Puts the gradients of `compose(self, inputs)`, as recorded operations; defined in backward.hpp.
void composed_gradients(Compose compose, const void* self, std::span<const TensorBase> inputs,
                        const TensorBase& dy, Needs needs, Sink& sink);

/// A backward with what it needs beside its captures.
template <class T, class Backward, std::size_t N = 0, class Composed = NotComposed>
struct Recorded {
    static constexpr bool reads_output =
        std::is_invocable_v<const Backward&, const Tensor<T>&, const Tensor<T>&> ||
        std::is_invocable_v<const Backward&, const Tensor<T>&, const Tensor<T>&, Needs>;
    Backward backward;
    Composed composed;
    std::array<TensorBase, N> inputs;                          // for `composed`
    std::conditional_t<reads_output, Tensor<T>, bool> output;  // for a backward that reads it

    static auto keep(const Tensor<T>& y) {
        if constexpr (reads_output)
            return y;
        else
            return false;
    }
    static TensorBase compose(const void* self, std::span<const TensorBase> inputs) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return (*static_cast<const Composed*>(self))(cast_handle<T>(inputs[I])...);
        }
        (std::make_index_sequence<N>());
    }
    static void run(void* state, Slot& slot, const TensorBase& gradient, Needs needs, Sink& sink) {
        const auto& self = *static_cast<const Recorded*>(state);
        const Tensor<T> dy = cast_handle<T>(gradient);
        if constexpr (N > 0) {
            if (grad_enabled())
                return composed_gradients(&compose, &self.composed, self.inputs, dy, needs, sink);
        }
        const Backward& f = self.backward;
        if constexpr (reads_output) {
            // In a gradient of a gradient the output is a function of the inputs too: give it its place in
            // the graph.
            const Tensor<T> y = with_node(self.output, grad_enabled() ? &slot : nullptr);
            if constexpr (std::is_invocable_v<const Backward&, const Tensor<T>&, const Tensor<T>&, Needs>)
                deliver(sink, f(dy, y, needs));
            else
                deliver(sink, f(dy, y));
        } else if constexpr (std::is_invocable_v<const Backward&, const Tensor<T>&, Needs>) {
            deliver(sink, f(dy, needs));
        } else if constexpr (std::is_invocable_v<const Backward&, const Tensor<T>&, T*>) {
            deliver(sink, f(dy, static_cast<T*>(sink.gathered(0, dtype_of<T>))));
        } else {
            deliver(sink, f(dy));
        }
    }
};

[[noreturn, gnu::cold]] inline void fail_not_finite(const char* name, const char* what) {
    fail<AutogradError>(name, "the ", what, " has a NaN or an Inf (found by detect_anomaly)");
}

/// y as the result of a fresh slot at the end of the tape, which is connected to its inputs and has room for
/// a state.
[[gnu::noinline]] inline TensorBase open_slot(const char* name, const TensorBase& y,
                                              std::span<const Input> inputs, std::size_t state_bytes) {
    y.check_saved();
    Slot& slot = Tape::current().append();
    slot.name = name;
    slot.shape = y.shape();
    TensorBase result = adopt_node(y, &slot);
    connect(slot, inputs);
    slot.reserve(state_bytes);
    return result;
}

/// `make()` builds the state in its place in the slot, so that its tensors are copied once, and as saved
/// ones.
template <class Make>
TensorBase append_slot(const char* name, const TensorBase& y, std::span<const Input> inputs,
                       const Make& make) {
    using State = std::invoke_result_t<const Make&>;
    TensorBase result = open_slot(name, y, inputs, sizeof(State));
    static_cast<Slot*>(result.node())->hold(make);
    return result;
}
template <class T, class Make>
Tensor<T> append_slot(const char* name, const Tensor<T>& y, std::span<const Input> inputs, const Make& make) {
    if constexpr (Floating<T> || Real16<T>) use_gradients<T>();
    return Tensor<T>(append_slot(name, static_cast<const TensorBase&>(y), inputs, make));
}

template <class T>
[[gnu::cold, gnu::noinline]] void look_at(const char* name, const Tensor<T>& y,
                                          std::span<const Input> inputs) {
    if constexpr (Floating<T> || Real16<T>)
        if (anomaly_mode && !GradientTypeOf<T>::finite(y)) fail_not_finite(name, "output");
    if (watcher != nullptr) watcher->done(name, y, inputs);
}
/// Shows the result of an operation to who looks at them.
template <class T>
void check_anomaly(const char* name, const Tensor<T>& y, std::span<const Input> inputs = {}) {
    if (watched) [[unlikely]]
        look_at(name, y, inputs);
}

}

/// y as the result of the operation `name` on `inputs`, whose gradient `backward` computes; y itself when
/// nothing is recorded.
template <class T, class Backward>
Tensor<T> record(const char* name, Tensor<T> y, std::span<const detail::Input> inputs,
                 const Backward& backward) {
    detail::check_anomaly(name, y, inputs);
    if constexpr (Floating<T> || Real16<T>) {
        if (!grad_enabled() || !detail::any_requires_grad(inputs)) return y;
        using State = detail::Recorded<T, Backward>;
        return detail::append_slot(name, y, inputs, [&] { return State{backward, {}, {}, State::keep(y)}; });
    } else {
        return y;  // integers have no gradients
    }
}
template <class T, class Backward>
Tensor<T> record(const char* name, Tensor<T> y, std::initializer_list<detail::Input> inputs,
                 const Backward& backward) {
    return record(name, std::move(y), std::span(inputs.begin(), inputs.size()), backward);
}

/// The same for a fused kernel, with its composed definition: `composed(inputs...)` equals y and is
/// differentiable.
template <class T, std::size_t N, class Backward, class Composed>
Tensor<T> record(const char* name, Tensor<T> y, const detail::Input (&inputs)[N], const Backward& backward,
                 const Composed& composed) {
    static_assert(N <= detail::max_composed);
    detail::check_anomaly(name, y, inputs);
    if (!grad_enabled() || !detail::any_requires_grad(inputs)) return y;
    using State = detail::Recorded<T, Backward, N, Composed>;
    return detail::append_slot(name, y, inputs, [&] {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return State{backward, composed, {*inputs[I].tensor...}, State::keep(y)};
        }
        (std::make_index_sequence<N>());
    });
}

namespace detail {
struct NoDerivative {
    static void run(void*, Slot& slot, const TensorBase&, Needs, Sink&) {
        fail<AutogradError>(slot.name,
                            "has no derivative, but a gradient was asked through it; detach() its result");
    }
};
}

/// y as the result of an operation that has no derivative: a gradient that is asked through it is an error.
template <class T>
Tensor<T> record_constant(const char* name, Tensor<T> y, std::initializer_list<detail::Input> inputs) {
    const std::span<const detail::Input> list(inputs.begin(), inputs.size());
    detail::check_anomaly(name, y, list);
    if (!grad_enabled() || !detail::any_requires_grad(list)) return y;
    return detail::append_slot(name, y, list, [] { return detail::NoDerivative{}; });
}

}
