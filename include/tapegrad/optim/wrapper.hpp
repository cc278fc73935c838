// An optimizer around another one.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

template <class Inner>
class Wrapper {
public:
    using value_type = typename std::remove_cvref_t<
        decltype(std::declval<const Inner&>().groups()[0].parameters)>::value_type::value_type;

    explicit Wrapper(Inner inner) : inner_(std::move(inner)) {}
    Inner& inner() { return inner_; }
    const auto& groups() const { return inner_.groups(); }
    auto& options(std::size_t group = 0) { return inner_.options(group); }
    void set_lr(double lr) { inner_.set_lr(lr); }
    void scale_lr(double factor) { inner_.scale_lr(factor); }
    void zero_grad() { inner_.zero_grad(); }

protected:
    /// Handles to the parameters of all groups.
    std::vector<Tensor<value_type>> all_parameters() const {
        std::vector<Tensor<value_type>> all;
        for (const auto& group : inner_.groups())
            all.insert(all.end(), group.parameters.begin(), group.parameters.end());
        return all;
    }
    Inner inner_;
};

}
