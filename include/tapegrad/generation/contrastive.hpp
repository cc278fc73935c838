// Contrastive decoding: what a large model says and a small one would not.
#pragma once

#include <limits>

#include "../ops/index_tensors.hpp"
#include "../ops/reduce.hpp"
#include "../ops/softmax.hpp"
#include "language_model.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ContrastOptions {
    double alpha = 0.1;  // tokens less than alpha times as likely as the likeliest are not looked at
    double amateur_temperature = 1;  // above 1 the amateur is less sure, below 1 more
    double expert = 1, amateur = 1;  // how much the log-probabilities count
    double thrown_out = -std::numeric_limits<double>::infinity();  // the score of the others
};

namespace detail {

inline void check_contrast(const ContrastOptions& o) {
    if (!(o.alpha > 0 && o.alpha <= 1)) fail<ValueError>("contrast", "alpha ", o.alpha, " is outside (0, 1]");
    if (!(o.amateur_temperature > 0 && o.amateur_temperature <= std::numeric_limits<double>::max()))
        fail<ValueError>("contrast", "amateur_temperature ", o.amateur_temperature,
                         " is not a finite number above 0");
}

/// `scores` where log_p is at least log(share) below its largest, else `other`.
template <class T>
Tensor<T> where_plausible(const Tensor<T>& log_p, double share, const Tensor<T>& scores, double other) {
    return where(log_p >= amax(log_p, -1, true) + std::log(share), scores, static_cast<T>(other));
}

}

/// expert log p_expert - amateur log p_amateur, on {p_expert >= alpha max p_expert}.
/// Shape    expert, amateur (..., V) -> (..., V)
/// Grad     flows to both
/// Throws   ValueError: an option outside its range; ShapeError: other shapes
/// Source   Li et al., Contrastive Decoding: Open-ended Text Generation as Optimization, 2023
template <Floating T>
Tensor<T> contrast(const Tensor<T>& expert, const Tensor<T>& amateur, const ContrastOptions& o = {}) {
    detail::check_contrast(o);
    if (expert.shape() != amateur.shape())
        detail::fail<ShapeError>("contrast", "expert ", expert.shape(), " and amateur ", amateur.shape(),
                                 " must have the same shape");
    const Tensor<T> p = log_softmax(expert), q = log_softmax(amateur / o.amateur_temperature);
    return detail::where_plausible(p, o.alpha, o.expert * p - o.amateur * q, o.thrown_out);
}

/// Two models as one, whose logits are their contrast. Both must outlive it. What `generate` calls the model's
/// probabilities is then the softmax of the contrast.
template <LanguageModel Expert, LanguageModel Amateur>
requires std::same_as<LogitOf<Expert>, LogitOf<Amateur>>
class ContrastiveModel {
public:
    using T = LogitOf<Expert>;
    struct Cache {
        typename Expert::Cache expert;
        typename Amateur::Cache amateur;
        int64_t length() const { return expert.length(); }
        Cache fork() const { return {expert.fork(), amateur.fork()}; }
        void select(const Tensor<int64_t>& members) {
            expert.select(members);
            amateur.select(members);
        }
    };

    /// Throws   ValueError: an option outside its range
    ContrastiveModel(const Expert& expert, const Amateur& amateur, const ContrastOptions& options = {})
        : expert_(expert), amateur_(amateur), options_(options) {
        detail::check_contrast(options);
    }
    Cache make_cache() const { return {expert_.make_cache(), amateur_.make_cache()}; }

    Tensor<T> operator()(const Tensor<int64_t>& ids, const LanguageModelInput<Cache, T>& input) const {
        const auto part = [&]<class Of>(const Of& model, typename Of::Cache Cache::*cache) {
            LanguageModelInput<typename Of::Cache, T> own;
            if (input.cache != nullptr) own.cache = &(input.cache->*cache);
            own.mask = input.mask;
            own.positions = input.positions;
            own.last_only = input.last_only;
            return Tensor<T>(model(ids, own));
        };
        return contrast(part(expert_, &Cache::expert), part(amateur_, &Cache::amateur), options_);
    }

private:
    const Expert& expert_;
    const Amateur& amateur_;
    ContrastOptions options_;
};

}
