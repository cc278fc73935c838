// What optimizers have in common. An optimizer is a rule: its options, what it keeps for a parameter, and how
// it updates one.
//
//   struct HeavyBall {
//       static constexpr const char* name = "HeavyBall";
//       using Options = HeavyBallOptions;                              // has an lr
//       template <class T>
//       struct State {
//           Buffer<T> momentum_buffer;                                 // undefined until the first step
//           TAPEGRAD_FIELDS(momentum_buffer);                          // the names in a checkpoint
//       };
//       static void check(const Options& o);                           // throws ValueError
//       template <class T>
//       static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
//           const auto keep = simd::constant<T>(o.momentum), rate = simd::constant<T>(-o.lr);
//           detail::sweep([=](const auto& g, auto& p, auto& b) TAPEGRAD_LAMBDA {
//               b = fma(b, keep, g);
//               p = fma(b, rate, p);
//           }, param, grad, state.momentum_buffer);
//       }
//   };
//
// A tensor of T in the state has the shape of its parameter, any other is a number; a rule of which that is
// not true says so in `state_shape(field, shape of the parameter)`. A rule that does not take every parameter
// says so in `check_parameter(index, shape)`.
#pragma once

#include "groups.hpp"
#include "state.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What `step` does when a gradient holds a NaN or an infinity. To look costs a pass over the gradients.
enum class NonFinite {
    propagate,  // does not look: the parameters become what the arithmetic makes of them, as in PyTorch
    skip,       // changes nothing, and counts the step in `skipped_steps()`
    fail        // throws a ValueError that names the parameter, before anything is changed
};

template <Floating T, class Rule>
class Optimizer {
public:
    using Options = typename Rule::Options;
    using State = typename Rule::template State<T>;
    using Group = ParameterGroup<T, Options>;

    /// Throws   ValueError: no parameters, a parameter twice, one that is not contiguous or the result of an
    ///          operation, or options that the rule refuses
    explicit Optimizer(std::vector<Group> groups) : groups_(std::move(groups)) {
        std::vector<const detail::Body*> seen;
        for (const Group& group : groups_) {
            Rule::check(group.options);
            base_lrs_.push_back(group.options.lr);
            for (const Tensor<T>& p : group.parameters) detail::check_parameter(Rule::name, p, seen);
        }
        if (seen.empty()) detail::fail<ValueError>(Rule::name, "there are no parameters");
        if constexpr (requires { Rule::check_parameter(0, Shape()); })
            for (std::size_t i = 0; i < seen.size(); ++i) Rule::check_parameter(i, seen[i]->shape);
        states_.resize(seen.size());
    }
    explicit Optimizer(std::vector<Tensor<T>> parameters, Options options = {})
        : Optimizer(std::vector<Group>{{std::move(parameters), options}}) {}

    const std::vector<Group>& groups() const { return groups_; }
    /// The options of a group, to be changed between steps.
    Options& options(std::size_t group = 0) { return groups_.at(group).options; }
    /// The learning rate of every group.
    void set_lr(double lr) {
        for (Group& group : groups_) group.options.lr = lr;
    }
    /// Of every group, `factor` times the one that it was made with: a schedule for groups of different
    /// rates.
    void scale_lr(double factor) {
        for (std::size_t k = 0; k < groups_.size(); ++k) groups_[k].options.lr = base_lrs_[k] * factor;
    }
    void set_nonfinite(NonFinite policy) { nonfinite_ = policy; }
    int64_t skipped_steps() const { return skipped_; }

    /// Drops the gradient of every parameter.
    void zero_grad() {
        done_ = 0;
        for (Group& group : groups_)
            for (Tensor<T>& p : group.parameters) p.zero_grad();
    }

    /// Updates every parameter that has a gradient; the others, and what is kept for them, stay. Called again after
    /// it threw, it goes on with the parameter that it had no memory for; `zero_grad()` begins a new step.
    /// Throws   ValueError: NonFinite::fail, and a gradient is not finite; OutOfMemory
    void step() {
        if (nonfinite_ != NonFinite::propagate && !check_finite()) return;
        std::size_t index = 0;
        for_each([&](Tensor<T>& p, State& state, const Options& options) {
            if (index++ < done_) return;
            const Tensor<T> gradient = p.grad();
            if (gradient.defined()) Rule::update(p, detail::contiguous(gradient), state, options);
            done_ = index;
        });
        done_ = 0;
    }
    /// Calls the closure, which computes gradients, then steps; returns what the closure did.
    template <class Closure>
    auto step(Closure&& closure) {
        auto loss = closure();
        step();
        return loss;
    }

    /// What a later step reads: the state of parameter i as "i.name", counted through the groups, and the
    /// learning rate of group k as "group.k.lr". The other options are the program's.
    StateDict state_dict() const {
        StateDict dict;
        for (std::size_t k = 0; k < groups_.size(); ++k)
            dict.add(lr_name(k), full<double>({}, groups_[k].options.lr));
        for (std::size_t i = 0; i < states_.size(); ++i) detail::save_state(dict, states_[i], i);
        return dict;
    }
    /// Continues from a state of the same groups. A parameter that had no step when it was saved has none now.
    /// Throws   ValueError: names or shapes that this optimizer has not, and nothing is changed
    void load_state_dict(const StateDict& dict) {
        std::vector<State> fresh(states_.size());
        std::size_t used = groups_.size(), index = 0;
        for (const Group& group : groups_)
            for (const Tensor<T>& p : group.parameters) {
                used +=
                    detail::load_state(Rule::name, dict, fresh[index], index, [&](auto field, auto dtype) {
                        return shape_in_state(field, p.shape(), dtype == dtype_of<T>);
                    });
                ++index;
            }
        std::vector<double> lrs;
        for (std::size_t k = 0; k < groups_.size(); ++k)
            lrs.push_back(detail::saved_number(Rule::name, dict, lr_name(k)));
        if (used != dict.size())
            detail::fail<ValueError>(Rule::name, "the state has ", dict.size(), " tensors, of which ", used,
                                     " belong to the ", index, " parameters and their groups");
        states_ = std::move(fresh);
        done_ = 0;
        for (std::size_t k = 0; k < groups_.size(); ++k) groups_[k].options.lr = lrs[k];
    }

protected:
    /// Calls f(parameter, state, options) for every parameter.
    template <class F>
    void for_each(const F& f) {
        std::size_t index = 0;
        for (Group& group : groups_)
            for (Tensor<T>& p : group.parameters) f(p, states_[index++], group.options);
    }

private:
    static std::string lr_name(std::size_t group) { return "group." + std::to_string(group) + ".lr"; }
    static Shape shape_in_state(std::string_view field, const Shape& parameter, bool of_parameter) {
        if constexpr (requires { Rule::state_shape(field, parameter); })
            return Rule::state_shape(field, parameter);
        else
            return of_parameter ? parameter : Shape{};
    }
    /// False when the step is to be skipped, which is counted.
    bool check_finite() {
        std::size_t index = 0;
        for (const Group& group : groups_)
            for (const Tensor<T>& p : group.parameters) {
                const Tensor<T> g = p.grad();
                if (g.defined() && !simd::all_finite(detail::contiguous(g).data(), g.numel())) {
                    if (nonfinite_ == NonFinite::fail)
                        detail::fail<ValueError>(Rule::name, "the gradient of parameter ", index, ' ',
                                                 p.shape(), " holds a NaN or an infinity");
                    ++skipped_;
                    return false;
                }
                ++index;
            }
        return true;
    }

    std::vector<Group> groups_;
    std::vector<State> states_;
    std::vector<double> base_lrs_;
    std::size_t done_ = 0;  // parameters that a step which threw has updated
    NonFinite nonfinite_ = NonFinite::propagate;
    int64_t skipped_ = 0;
};

namespace detail {

/// One pass of a rule over a parameter: rule(g, p, state...), batches of each. State that is not there yet
/// begins with zeros.
template <class T, class F, class... S>
void sweep(const F& rule, Tensor<T>& param, const Tensor<T>& grad, S&&... state) {
    simd::update<T>(param.numel(), rule, grad.data(), param.mutable_data(), kept(state, param.shape())...);
}

}

}
