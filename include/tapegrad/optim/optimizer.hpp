// What every optimizer has: groups of parameters with options of their own, and buffers that belong to a parameter.
#pragma once

#include <string>
#include <vector>

#include "../nn/state_dict.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Parameters that are updated with the same options.
template <Floating T, class Options>
struct ParameterGroup {
    std::vector<Tensor<T>> parameters;
    Options options;
};

/// The groups of an optimizer. `Options` has a member `lr`.
template <Floating T, class Options>
class OptimizerBase {
public:
    using Group = ParameterGroup<T, Options>;

    /// Throws   AutogradError: a parameter that is no leaf with a gradient to come; ValueError: one that is given twice
    explicit OptimizerBase(std::vector<Group> groups) : groups_(std::move(groups)) {
        std::vector<const detail::Body*> seen;
        for (const Group& group : groups_)
            for (const Tensor<T>& p : group.parameters) {
                if (!p.is_leaf() || !p.requires_grad() || !p.is_contiguous())
                    detail::fail<AutogradError>("optimizer", "parameter ", seen.size(), " of shape ", p.shape(),
                                                " is no contiguous leaf that requires a gradient");
                for (const detail::Body* other : seen)
                    if (other == &p.body())
                        detail::fail<ValueError>("optimizer", "parameter ", seen.size(), " is given twice");
                seen.push_back(&p.body());
            }
    }

    std::vector<Group>& groups() { return groups_; }
    const std::vector<Group>& groups() const { return groups_; }
    /// Sets the learning rate of every group.
    void set_lr(double lr) {
        for (Group& group : groups_) group.options.lr = lr;
    }
    /// Drops the gradients.
    void zero_grad() {
        for (Group& group : groups_)
            for (Tensor<T>& p : group.parameters) p.zero_grad();
    }

protected:
    /// Calls f(options, parameter, gradient, number) for every parameter that has a gradient.
    template <class F>
    void for_each_gradient(const F& f) {
        std::size_t number = 0;
        for (Group& group : groups_)
            for (Tensor<T>& p : group.parameters) {
                if (const Tensor<T> g = p.grad(); g.defined()) f(group.options, p, detail::contiguous(g), number);
                ++number;
            }
    }
    std::size_t count() const {
        std::size_t n = 0;
        for (const Group& group : groups_) n += group.parameters.size();
        return n;
    }
    /// The buffers of one kind as "<kind>.<number>".
    static void save_buffers(StateDict& state, const std::string& kind, const std::vector<Tensor<T>>& buffers) {
        for (std::size_t i = 0; i < buffers.size(); ++i)
            if (buffers[i].defined()) state.add(kind + "." + std::to_string(i), detail::copy(buffers[i]));
    }
    /// Throws   ShapeError: a buffer of another shape than its parameter
    void load_buffers(const StateDict& state, const std::string& kind, std::vector<Tensor<T>>& buffers) const {
        std::size_t number = 0;
        for (const Group& group : groups_)
            for (const Tensor<T>& p : group.parameters) {
                const std::string name = kind + "." + std::to_string(number);
                Tensor<T>& buffer = buffers[number++];
                buffer = state.contains(name) ? detail::copy(state.get<T>(name)) : Tensor<T>();
                if (buffer.defined() && buffer.shape() != p.shape())
                    detail::fail<ShapeError>("optimizer", name, " ", buffer.shape(), " for a parameter ", p.shape());
            }
    }

private:
    std::vector<Group> groups_;
};

}
