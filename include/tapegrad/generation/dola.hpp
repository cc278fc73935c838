// DoLa: what the last layer says and an earlier one did not yet.
#pragma once

#include <algorithm>
#include <vector>

#include "../ops/slicing.hpp"
#include "contrastive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct DolaOptions {
    /// Places in hidden_states (0: the embeddings). One is always taken, of several the one that differs most.
    std::vector<int64_t> layers = {};
    double relative_top = 0.1;  // tokens less than this times as likely as the likeliest are not looked at
    double thrown_out = -std::numeric_limits<double>::infinity();  // the score of the others
};

/// The candidates of the paper's authors among n layers: every second one of the lower or the upper half, or of the
/// first or last 20 where there are more than 40. Tied embeddings say at once what they were given: of such a model the
/// lower ones begin at 2.
inline std::vector<int64_t> dola_layers(int64_t n, bool upper, bool tied_embeddings = false) {
    const int64_t first = upper             ? std::max(n / 2, n - 20)
                          : tied_embeddings ? std::clamp<int64_t>(n - 1, 0, 2)
                                            : 0;
    const int64_t end = upper ? n : n > 40 ? 20 : n / 2;
    std::vector<int64_t> layers{first};
    for (int64_t i = first + 2; i < end; i += 2) layers.push_back(i);
    return layers;
}

namespace detail {

inline void check_dola(const DolaOptions& o) {
    if (o.layers.empty()) fail<ValueError>("dola", "there is no layer to contrast with");
    if (!(o.relative_top > 0 && o.relative_top <= 1))
        fail<ValueError>("dola", "relative_top ", o.relative_top, " is outside (0, 1]");
}

/// The Jensen-Shannon divergence of distributions that are given by their logarithms: (..., V) -> (..., 1), in nats.
template <class T>
Tensor<T> jensen_shannon(const Tensor<T>& log_p, const Tensor<T>& log_q) {
    const Tensor<T> p = exp(log_p), q = exp(log_q), log_m = log((p + q) * 0.5);
    const Tensor<T> zero = zeros_like(p);
    // 0 log 0 is 0.
    return 0.5 *
           sum(where(p > 0, p * (log_p - log_m), zero) + where(q > 0, q * (log_q - log_m), zero), -1, true);
}

}

/// log p - log q_j on {p >= relative_top max p}, where p is what the last layer says, q_i what layer i does, and j for
/// each row the i whose Jensen-Shannon divergence from p is the largest, the first of several.
/// Shape    last and each of `layers` (..., V) -> (..., V)
/// Throws   ValueError: no layers, relative_top outside (0, 1]
/// Source   Chuang et al., DoLa: Decoding by Contrasting Layers Improves Factuality, 2024
template <Floating T>
Tensor<T> contrast_layers(const Tensor<T>& last, const std::vector<Tensor<T>>& layers,
                          double relative_top = 0.1,
                          double thrown_out = -std::numeric_limits<double>::infinity()) {
    DolaOptions options;
    options.layers.resize(layers.size());
    options.relative_top = relative_top;
    detail::check_dola(options);
    const Tensor<T> p = log_softmax(last);
    Tensor<T> chosen = log_softmax(layers[0]), most;
    for (std::size_t i = 1; i < layers.size(); ++i) {
        if (i == 1) most = detail::jensen_shannon(p, chosen);
        const Tensor<T> q = log_softmax(layers[i]), divergence = detail::jensen_shannon(p, q);
        const Tensor<bool> farther = divergence > most;
        chosen = where(farther, q, chosen);
        most = where(farther, divergence, most);
    }
    return detail::where_plausible(p, relative_top, p - chosen, thrown_out);
}

/// A model whose logits are the contrast of its own layers. The model must outlive it. What `generate` calls the
/// model's probabilities is then the softmax of the contrast.
template <LanguageModel M>
class DolaModel {
public:
    using T = LogitOf<M>;
    using Cache = typename M::Cache;

    /// Throws   ValueError: no layers, relative_top outside (0, 1]
    DolaModel(const M& model, DolaOptions options) : model_(model), options_(std::move(options)) {
        detail::check_dola(options_);
    }
    Cache make_cache() const { return model_.make_cache(); }

    /// Throws   IndexError: a layer that is not below the last one
    Tensor<T> operator()(const Tensor<int64_t>& ids, const LanguageModelInput<Cache, T>& input) const {
        std::vector<Tensor<T>> hidden;
        LanguageModelInput<Cache, T> own = input;
        own.hidden_states = &hidden;
        const Tensor<T> last = model_(ids, own);
        std::vector<Tensor<T>> early;
        for (const int64_t layer : options_.layers) {
            if (layer < 0 || layer + 1 >= std::ssize(hidden))
                detail::fail<IndexError>("dola", "layer ", layer, " is outside [0, ", std::ssize(hidden) - 1,
                                         "), those below the last");
            const Tensor<T>& x = hidden[static_cast<std::size_t>(layer)];  // (B, T, C)
            early.push_back(model_.head(input.last_only ? narrow(x, 1, x.size(1) - 1, 1) : x));
        }
        if (input.hidden_states != nullptr)
            input.hidden_states->insert(input.hidden_states->end(), hidden.begin(), hidden.end());
        return contrast_layers(last, early, options_.relative_top, options_.thrown_out);
    }

private:
    const M& model_;
    DolaOptions options_;
};

}
