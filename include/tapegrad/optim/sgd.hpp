// Stochastic gradient descent.
#pragma once

#include "../simd/optimizer.hpp"
#include "../tensor/creation.hpp"
#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SGDOptions {
    double lr = 1e-3;
    double momentum = 0;
    double dampening = 0;
    double weight_decay = 0;
    bool nesterov = false;
};

namespace detail {
template <class T>
struct SGDState {
    Buffer<T> momentum_buffer;
    TAPEGRAD_FIELDS(momentum_buffer);
};
}

/// torch.optim.SGD.
///   g += weight_decay p
///   b = momentum b + (1 - dampening) g, or g at first
///   p -= lr b, or lr (g + momentum b) with nesterov, or lr g without momentum
/// Throws   ValueError: a negative lr, momentum or weight_decay; nesterov without momentum or with dampening
template <Floating T = float>
class SGD : public Optimizer<T, SGDOptions, detail::SGDState<T>> {
    using Base = Optimizer<T, SGDOptions, detail::SGDState<T>>;

public:
    using Group = typename Base::Group;

    explicit SGD(std::vector<Group> groups) : Base(std::move(groups)) {
        for (const Group& group : this->groups()) check(group.options);
    }
    explicit SGD(std::vector<Tensor<T>> parameters, SGDOptions options = {})
        : SGD(std::vector<Group>{{std::move(parameters), options}}) {}

    /// Updates every parameter that has a gradient.
    void step() {
        this->for_each([](Tensor<T>& p, const Tensor<T>& g, detail::SGDState<T>& state, const SGDOptions& o) {
            const bool moves = o.momentum != 0, first = !state.momentum_buffer.defined();
            if (moves && first) state.momentum_buffer = empty<T>(p.shape());
            T* const b = moves ? state.momentum_buffer.mutable_data() : nullptr;
            simd::sgd_step(p.mutable_data(), g.data(), b, p.numel(), first,
                           simd::SGD{o.lr, o.momentum, o.dampening, o.weight_decay, o.nesterov});
        });
    }

private:
    static void check(const SGDOptions& o) {
        if (!(o.lr >= 0 && o.momentum >= 0 && o.weight_decay >= 0))
            detail::fail<ValueError>("SGD", "lr ", o.lr, ", momentum ", o.momentum, " and weight_decay ",
                                     o.weight_decay, " must not be negative");
        if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
            detail::fail<ValueError>("SGD", "nesterov needs a momentum and no dampening");
    }
};
template <class T>
SGD(std::vector<Tensor<T>>, SGDOptions) -> SGD<T>;
template <class T>
SGD(std::vector<Tensor<T>>) -> SGD<T>;
template <class T>
SGD(std::vector<ParameterGroup<T, SGDOptions>>) -> SGD<T>;

}
