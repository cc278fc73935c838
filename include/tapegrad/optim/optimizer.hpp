// What optimizers have in common: groups of parameters with options, and a state for each parameter.
#pragma once

#include "../nn/module.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Parameters that are updated with the same options.
template <class T, class Options>
struct ParameterGroup {
    std::vector<Tensor<T>> parameters;
    Options options = {};
};

/// Two groups: the parameters that `decays` accepts with the weight decay of `options`, the others with none.
/// Without a predicate those of rank 2 and more decay: weights and embeddings do, biases and normalisations
/// do not.
template <class T, class Options, class Predicate>
std::vector<ParameterGroup<T, Options>> decay_groups(const std::vector<Tensor<T>>& parameters,
                                                     const Options& options, const Predicate& decays) {
    std::vector<ParameterGroup<T, Options>> groups(2);
    groups[0].options = groups[1].options = options;
    groups[1].options.weight_decay = 0;
    for (const Tensor<T>& p : parameters) groups[decays(p) ? 0 : 1].parameters.push_back(p);
    return groups;
}
template <class T, class Options>
std::vector<ParameterGroup<T, Options>> decay_groups(const std::vector<Tensor<T>>& parameters,
                                                     const Options& options) {
    return decay_groups(parameters, options, [](const Tensor<T>& p) { return p.rank() >= 2; });
}

/// `State` is described by TAPEGRAD_FIELDS; its tensors are undefined until the first step.
template <class T, class Options, class State>
class Optimizer {
public:
    using Group = ParameterGroup<T, Options>;

    const std::vector<Group>& groups() const { return groups_; }
    /// The options of a group, to be changed between steps.
    Options& options(std::size_t group = 0) { return groups_.at(group).options; }
    /// The learning rate of every group.
    void set_lr(double lr) {
        for (Group& group : groups_) group.options.lr = lr;
    }

    /// Drops the gradient of every parameter.
    void zero_grad() {
        for (Group& group : groups_)
            for (Tensor<T>& p : group.parameters) p.zero_grad();
    }

    /// What a later step reads: the state of parameter i as "i.name", counted through the groups, and the
    /// learning rate of group k as "group.k.lr". The other options are the program's.
    StateDict state_dict() const {
        std::vector<NamedTensor> entries;
        for (std::size_t k = 0; k < groups_.size(); ++k)
            entries.push_back({lr_name(k), full<double>({}, groups_[k].options.lr)});
        detail::walk(states_, {}, [&](const detail::Path& path, const auto& x) {
            if constexpr (std::derived_from<std::remove_cvref_t<decltype(x)>, TensorBase>)
                if (x.defined()) entries.push_back({path.to_string(), x});
        });
        return StateDict(std::move(entries));
    }
    /// Continues from a state of the same groups. A parameter that had no step when it was saved has none now.
    /// Throws   ValueError: names or shapes that this optimizer has not, and nothing is changed
    void load_state_dict(const StateDict& dict) {
        std::vector<State> fresh(states_.size());
        std::size_t used = 0, index = 0;
        for (Group& group : groups_)
            for (const Tensor<T>& p : group.parameters) {
                const detail::Path root{}, place{&root, {}, static_cast<int64_t>(index)};
                detail::walk(fresh[index], place, [&]<class X>(const detail::Path& path, X& x) {
                    if constexpr (std::derived_from<X, TensorBase>)
                        used += take(dict, path.to_string(), p, x);
                });
                ++index;
            }
        for (std::size_t k = 0; k < groups_.size(); ++k) {
            const TensorBase* const lr = dict.find(lr_name(k));
            if (lr == nullptr || lr->dtype() != DType::float64 || lr->rank() != 0)
                detail::fail<ValueError>("optimizer", "the state has no number ", lr_name(k));
            ++used;
        }
        if (used != dict.size())
            detail::fail<ValueError>("optimizer", "the state has ", dict.size(), " tensors, of which ", used,
                                     " belong to the ", index, " parameters and their groups");
        states_ = std::move(fresh);
        for (std::size_t k = 0; k < groups_.size(); ++k)
            groups_[k].options.lr = dict.get<double>(lr_name(k)).item();
    }

protected:
    /// Throws   ValueError: a parameter twice, or one that is not contiguous
    explicit Optimizer(std::vector<Group> groups) : groups_(std::move(groups)) {
        std::vector<const detail::Body*> seen;
        for (const Group& group : groups_)
            for (const Tensor<T>& p : group.parameters) {
                if (std::find(seen.begin(), seen.end(), &p.body()) != seen.end())
                    detail::fail<ValueError>("optimizer", "parameter ", seen.size(), " ", p.shape(),
                                             " is there twice");
                if (!p.is_contiguous() || !p.is_leaf())
                    detail::fail<ValueError>(
                        "optimizer", "parameter ", seen.size(), " ", p.shape(),
                        p.is_leaf() ? " is not contiguous" : " is the result of an operation");
                seen.push_back(&p.body());
            }
        states_.resize(seen.size());
    }

    /// Calls update(parameter, gradient, state, options) for every parameter that has a gradient, as
    /// contiguous memory.
    template <class Update>
    void for_each(const Update& update) {
        std::size_t index = 0;
        for (Group& group : groups_)
            for (Tensor<T>& p : group.parameters) {
                State& state = states_[index++];
                const Tensor<T> gradient = p.grad();
                if (gradient.defined()) update(p, detail::contiguous(gradient), state, group.options);
            }
    }

private:
    static std::string lr_name(std::size_t group) { return "group." + std::to_string(group) + ".lr"; }
    /// Copies the tensor of that name into x; the number of tensors that it found.
    template <class X>
    static std::size_t take(const StateDict& dict, const std::string& name, const Tensor<T>& p, X& x) {
        using U = typename X::value_type;
        const TensorBase* const source = dict.find(name);
        if (source == nullptr) return 0;
        const Shape wanted = std::is_same_v<U, T> ? p.shape() : Shape{};
        if (source->dtype() != dtype_of<U> || source->shape() != wanted)
            detail::fail<ValueError>("optimizer", "the state ", name, " is ", source->shape(), " of ",
                                     tapegrad::name(source->dtype()), ", not ", wanted, " of ",
                                     tapegrad::name(dtype_of<U>));
        static_cast<Tensor<U>&>(x) = detail::copy(detail::cast_handle<U>(*source));
        return 1;
    }

    std::vector<Group> groups_;
    std::vector<State> states_;
};

}
