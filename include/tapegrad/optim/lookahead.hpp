// k steps forward, one step back.
#pragma once

#include "wrapper.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LookaheadOptions {
    int64_t k = 5;
    double alpha = 0.5;
};

/// Lets another optimizer go k steps, then goes `alpha` of the way from where they began.
///   Lookahead optimizer(AdamW(parameters(model)), {.k = 5});
///   every k steps   slow += alpha (p - slow);  p = slow
/// Throws   ValueError: k below 1, alpha outside (0, 1]
/// Source   Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, 2019, algorithm 1
template <class Inner>
class Lookahead : public detail::Wrapper<Inner> {
    using T = typename detail::Wrapper<Inner>::value_type;

public:
    explicit Lookahead(Inner inner, const LookaheadOptions& options = {})
        : detail::Wrapper<Inner>(std::move(inner)), options_(options), parameters_(this->all_parameters()) {
        if (options.k < 1) detail::fail<ValueError>(name, "k is ", options.k, "; it must be at least 1");
        if (!(options.alpha > 0 && options.alpha <= 1))
            detail::fail<ValueError>(name, "alpha is ", options.alpha, "; it must be in (0, 1]");
        for (const Tensor<T>& p : parameters_) slow_.push_back(detail::copy(p));
    }

    void step() {
        this->inner_.step();
        if (++steps_ % options_.k != 0) return;
        const auto part = simd::constant<T>(options_.alpha);
        for (std::size_t i = 0; i < slow_.size(); ++i)
            simd::update<T>(
                slow_[i].numel(),
                [part](auto& p, auto& slow) TAPEGRAD_LAMBDA { p = slow = towards(slow, p, part); },
                parameters_[i].mutable_data(), slow_[i].mutable_data());
    }

    /// That of the inner optimizer under "inner.", the slow parameters as "slow.i", and the number of steps.
    StateDict state_dict() const {
        StateDict dict;
        dict.add_all("inner.", this->inner_.state_dict());
        dict.add("steps", full<int64_t>({}, steps_));
        for (std::size_t i = 0; i < slow_.size(); ++i) dict.add("slow." + std::to_string(i), slow_[i]);
        return dict;
    }
    /// Throws   ValueError, IndexError, DtypeError: a state of another optimizer, and nothing is changed
    void load_state_dict(const StateDict& dict) {
        const StateDict slow = dict.under("slow.");
        for (std::size_t i = 0; i < slow_.size(); ++i)
            detail::check_state(name, "slow." + std::to_string(i), slow.get<T>(std::to_string(i)),
                                slow_[i].shape(), dtype_of<T>);
        const int64_t steps = dict.get<int64_t>("steps").item();
        const StateDict inner = dict.under("inner.");
        if (dict.size() != slow_.size() + 1 + inner.size())
            detail::fail<ValueError>(name, "the state has ", dict.size(), " tensors, not those of ",
                                     slow_.size(), " parameters");
        this->inner_.load_state_dict(inner);
        for (std::size_t i = 0; i < slow_.size(); ++i)
            detail::assign(slow_[i], slow.get<T>(std::to_string(i)));
        steps_ = steps;
    }

private:
    static constexpr const char* name = "Lookahead";

    LookaheadOptions options_;
    std::vector<Tensor<T>> parameters_, slow_;
    int64_t steps_ = 0;
};

}
