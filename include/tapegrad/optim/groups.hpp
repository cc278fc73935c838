// Groups of parameters that an optimizer updates with options of their own.
#pragma once

#include "../nn/module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Parameters that are updated with the same options.
template <class T, class Options>
struct ParameterGroup {
    std::vector<Tensor<T>> parameters;
    Options options = {};
};

namespace detail {
template <class X>
struct ParameterElement;
template <class T>
struct ParameterElement<Tensor<T>> {
    using type = T;
};
template <class T, class Options>
struct ParameterElement<ParameterGroup<T, Options>> {
    using type = T;
};
/// T of a Tensor<T> and of a ParameterGroup<T, ...>: what an optimizer of such is deduced to be.
template <class X>
using parameter_element = typename ParameterElement<X>::type;

template <class T, class Options>
std::vector<ParameterGroup<T, Options>> two_groups(const Options& options) {
    std::vector<ParameterGroup<T, Options>> groups(2);
    groups[0].options = groups[1].options = options;
    groups[1].options.weight_decay = 0;
    return groups;
}
}

/// Two groups: the parameters that `decays` accepts with the weight decay of `options`, the others with none.
/// Without a predicate those of rank 2 and more decay: weights and embeddings do, biases and normalisations
/// do not.
template <class T, class Options, class Predicate>
std::vector<ParameterGroup<T, Options>> decay_groups(const std::vector<Tensor<T>>& parameters,
                                                     const Options& options, const Predicate& decays) {
    auto groups = detail::two_groups<T>(options);
    for (const Tensor<T>& p : parameters) groups[decays(p) ? 0 : 1].parameters.push_back(p);
    return groups;
}
template <class T, class Options>
std::vector<ParameterGroup<T, Options>> decay_groups(const std::vector<Tensor<T>>& parameters,
                                                     const Options& options) {
    return decay_groups(parameters, options, [](const Tensor<T>& p) { return p.rank() >= 2; });
}
/// The same for the parameters of a module; the predicate is decays(std::string_view name, parameter).
template <class T = float, Module M, class Options, class Predicate>
std::vector<ParameterGroup<T, Options>> decay_groups(const M& module, const Options& options,
                                                     const Predicate& decays) {
    auto groups = detail::two_groups<T>(options);
    for_each_parameter(module, [&](std::string_view name, const auto& p) {
        if constexpr (std::is_same_v<decltype(p), const Tensor<T>&>)
            groups[decays(name, p) ? 0 : 1].parameters.push_back(p);
    });
    return groups;
}
template <class T = float, Module M, class Options>
std::vector<ParameterGroup<T, Options>> decay_groups(const M& module, const Options& options) {
    return decay_groups(parameters<T>(module), options);
}

}
