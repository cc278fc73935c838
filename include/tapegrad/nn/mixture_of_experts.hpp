// Many feed-forward parts, of which each token goes through few.
#pragma once

#include "../ops/index_rows.hpp"
#include "../ops/join.hpp"
#include "../ops/slicing.hpp"
#include "gated_mlp.hpp"
#include "router.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct MixtureOfExpertsOptions {
    RouterOptions router = {};
    int64_t shared_hidden = 0;  // the hidden size of the shared experts together; 0: there are none
    Gate gate = Gate::silu;
};

namespace detail {

/// The places of the numbers 0, 1, ... in a list, those of one number in their order.
struct Grouped {
    Tensor<int64_t> places;
    std::vector<int64_t> ends;  // of each number's part of `places`
};
template <std::same_as<int64_t> I>
Grouped grouped(const Tensor<I>& numbers, int64_t count) {
    Grouped g{empty<int64_t>({numbers.numel()}), std::vector<int64_t>(static_cast<std::size_t>(count))};
    const Tensor<I> list = contiguous(numbers);
    const std::span<const I> from(list.data(), static_cast<std::size_t>(list.numel()));
    const auto at = [&](I number) -> int64_t& {
        if (number < 0 || number >= count)
            fail<IndexError>("MixtureOfExperts", "there is no expert ", number, " of ", count);
        return g.ends[static_cast<std::size_t>(number)];
    };
    for (const I number : from) ++at(number);
    for (int64_t sum = 0; int64_t & end : g.ends) end = std::exchange(sum, sum + end);
    int64_t* const to = output(g.places);
    for (int64_t i = 0; const I number : from) to[at(number)++] = i++;
    return g;
}

}

/// y = sum over a token's experts of weight expert(x), plus shared_experts(x) where there are some
/// Shape    x (..., width) -> y, same shape
/// Grad     of the experts that some token chose, of the router through the weights, and of x through both; an
///          expert that no token chose has no gradient, and costs nothing
/// Numeric  a token's experts are added in the order of their numbers: the same bits for any number of threads
/// Source   Shazeer et al., Outrageously Large Neural Networks, 2017; DeepSeek-AI, DeepSeekMoE, 2024. The keys are
///          those of DeepSeek in Hugging Face files
/// See      load_balance_loss
template <Floating T = float>
struct MixtureOfExperts {
    Router<T> gate;
    std::vector<GatedMlp<T>> experts;
    std::optional<GatedMlp<T>> shared_experts;
    TAPEGRAD_FIELDS(gate, experts, shared_experts);

    MixtureOfExperts() = default;
    /// Throws   ShapeError: a negative size; ValueError: options that do not fit the number of experts
    MixtureOfExperts(int64_t width, int64_t hidden, int64_t count, Generator& generator,
                     MixtureOfExpertsOptions o = {})
        : gate(width, count, generator, o.router) {
        for (int64_t i = 0; i < count; ++i) experts.emplace_back(width, hidden, generator, mlp(o));
        if (o.shared_hidden > 0) shared_experts.emplace(width, o.shared_hidden, generator, mlp(o));
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return (*this)(x, gate(tokens(x))); }

    /// The same with what gate(tokens) decided, for who needs it too:
    ///   const auto routing = moe.gate(reshape(x, {-1, width}));
    ///   const auto y = moe(x, routing);
    ///   loss = loss + 0.001f * load_balance_loss(routing);
    /// Throws   ShapeError: a routing of other tokens; IndexError: an expert that there is not
    Tensor<T> operator()(const Tensor<T>& x, const Routing<T>& routing) const {
        const Tensor<T> rows = tokens(x);  // (tokens, width)
        const int64_t k = routing.experts.rank() == 2 ? routing.experts.size(1) : 0;
        if (routing.experts.shape() != Shape{rows.size(0), k} ||
            routing.weights.shape() != routing.experts.shape())
            detail::fail<ShapeError>("MixtureOfExperts", "experts ", routing.experts.shape(), " and weights ",
                                     routing.weights.shape(), " of a routing of ", rows.size(0), " tokens");
        Tensor<T> y = zeros<T>(rows.shape());
        const auto [places, ends] =
            detail::grouped(routing.experts, static_cast<int64_t>(experts.size()));  // (tokens * k,)
        std::vector<Tensor<T>> parts;
        Tensor<int64_t> owners = empty<int64_t>(places.shape());  // the token of each place
        for (int64_t i = 0; i < places.numel(); ++i) detail::output(owners)[i] = places.data()[i] / k;
        int64_t begin = 0;
        for (std::size_t e = 0; e < ends.size(); begin = ends[e++])
            if (const int64_t count = ends[e] - begin; count > 0)
                parts.push_back(experts[e](index_select(rows, 0, narrow(owners, 0, begin, count))));
        if (!parts.empty()) {
            const Tensor<T> weights = index_select(reshape(routing.weights, {-1}), 0, places);
            y = index_add(y, 0, owners, cat(parts) * unsqueeze(weights, -1));
        }
        if (shared_experts) y = y + (*shared_experts)(rows);
        return reshape(y, x.shape());
    }

private:
    static GatedMlpOptions mlp(const MixtureOfExpertsOptions& o) { return {.gate = o.gate}; }
    static Tensor<T> tokens(const Tensor<T>& x) {
        if (x.rank() == 0) detail::fail<ShapeError>("MixtureOfExperts", "x () has no width");
        const int64_t width = x.size(-1);
        return reshape(x, {width == 0 ? 0 : x.numel() / width, width});
    }
};
MixtureOfExperts(int64_t, int64_t, int64_t, Generator&)->MixtureOfExperts<float>;
MixtureOfExperts(int64_t, int64_t, int64_t, Generator&, MixtureOfExpertsOptions)->MixtureOfExperts<float>;

}
