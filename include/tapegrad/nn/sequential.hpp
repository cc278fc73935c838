// Modules behind each other.
#pragma once

#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = last(... second(first(x))); takes modules and functions.
///   Sequential net(Linear(2, 64, generator), ReLU(), Linear(64, 2, generator));
/// Its keys are "0.weight", "0.bias", "2.weight", ...
template <class... Layers>
struct Sequential {
    static constexpr bool is_container = true;
    std::tuple<Layers...> layers;
    TAPEGRAD_FIELDS(layers);

    Sequential() = default;
    explicit Sequential(Layers... each) requires(sizeof...(Layers) > 0) : layers(std::move(each)...) {}

    auto operator()(const auto& x) const { return apply<0>(x); }

    /// Layer I.
    template <std::size_t I>
    auto& get() {
        return std::get<I>(layers);
    }
    template <std::size_t I>
    const auto& get() const {
        return std::get<I>(layers);
    }

private:
    template <std::size_t I>
    auto apply(const auto& x) const {
        if constexpr (I == sizeof...(Layers))
            return x;
        else
            return apply<I + 1>(std::get<I>(layers)(x));
    }
};

/// Modules of one kind, to be called as the owner pleases. The keys are "0.weight", "1.weight", ... behind
/// its name.
template <class M>
using ModuleList = std::vector<M>;

}
