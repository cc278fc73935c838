// The choice of experts for each token.
#pragma once

#include "../ops/activation.hpp"
#include "../ops/indexing.hpp"
#include "../ops/matmul.hpp"
#include "../ops/scatter.hpp"
#include "../ops/softmax.hpp"
#include "../ops/sort.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What makes scores of logits.
enum class Scoring { softmax, sigmoid };
/// The score of a group of experts: that of its best, or the sum of its two best.
enum class GroupScore { best, two_best };

/// The defaults choose among all experts as DeepSeek-V2-Lite does.
///   Mixtral      {.top_k = 2, .normalize = true}
///   DeepSeek-V2  {.top_k = 6, .groups = 8, .top_groups = 3, .scale = 16}
///   DeepSeek-V3  {.top_k = 8, .scoring = Scoring::sigmoid, .groups = 8, .top_groups = 4,
///                 .group_score = GroupScore::two_best, .normalize = true, .scale = 2.5, .correction = true}
struct RouterOptions {
    int64_t top_k = 2;  // experts of a token
    Scoring scoring = Scoring::softmax;
    int64_t groups = 1, top_groups = 1;  // experts are chosen from the `top_groups` best groups of neighbours
    GroupScore group_score = GroupScore::best;
    bool normalize = false;   // the weights of a token are divided by their sum, before `scale`
    double scale = 1;         // times each weight
    bool correction = false;  // a bias for each expert that counts in the choice alone
};

/// What a router decided for each token.
template <Floating T>
struct Routing {
    Tensor<T> logits, scores;  // (tokens, experts)
    Tensor<T> weights;         // (tokens, top_k)
    Tensor<int64_t> experts;   // (tokens, top_k), the best first
};

namespace detail {

/// Throws   ValueError
inline void check_router(int64_t experts, const RouterOptions& o) {
    if (o.groups < 1 || experts % o.groups != 0)
        fail<ValueError>("Router", experts, " experts do not make ", o.groups, " groups of one size");
    if (o.top_groups < 1 || o.top_groups > o.groups)
        fail<ValueError>("Router", "top_groups is ", o.top_groups, "; it must be from 1 to the ", o.groups,
                         " groups");
    if (const int64_t most = experts / o.groups * o.top_groups; o.top_k < 1 || o.top_k > most)
        fail<ValueError>("Router", "top_k is ", o.top_k, "; it must be from 1 to the ", most,
                         " experts that there are to choose from");
}

/// `score` where its group is one of the best, -inf elsewhere.
template <Floating T>
Tensor<T> in_best_groups(const Tensor<T>& score, const RouterOptions& o) {
    const int64_t tokens = score.size(0), experts = score.size(1), size = experts / o.groups;
    const Tensor<T> grouped = reshape(score, {tokens, o.groups, size});
    const int64_t counted = o.group_score == GroupScore::two_best && size > 1 ? 2 : 1;
    const Tensor<T> group = sum(topk(grouped, counted).values, -1);  // (tokens, groups)
    const Tensor<bool> best = scatter(zeros<bool>(group.shape()), 1, topk(group, o.top_groups).indices, true);
    return reshape(where(unsqueeze(best, -1), grouped, -std::numeric_limits<T>::infinity()), score.shape());
}

}

/// Chooses experts by their logits.
///   score = softmax(logits) or sigmoid(logits);  experts = the top_k largest of score + correction in the
///   best groups;  weight = scale score, of a token's experts divided by their sum when `normalize`
/// Shape    logits (tokens, experts), correction (experts,) or undefined -> Routing
/// Grad     through the scores into weights; none through the choice
/// Numeric  a token whose logits hold NaN has NaN weights; others are not touched
/// Throws   ShapeError: logits of another rank than 2, another shape of correction; ValueError: groups that the
///          experts do not fill, more groups or experts to choose than there are
/// Source   DeepSeek-AI, DeepSeek-V2, 2024; DeepSeek-V3, 2024; Jiang et al., Mixtral of Experts, 2024. V2's own
///          code does not scale what it normalizes; none of its models normalizes
template <Floating T>
Routing<T> route(const Tensor<T>& logits, const RouterOptions& o, const Tensor<T>& correction = {}) {
    if (logits.rank() != 2)
        detail::fail<ShapeError>("route", "logits ", logits.shape(), " must be (tokens, experts)");
    const int64_t experts = logits.size(1);
    detail::check_router(experts, o);
    if (correction.defined() && correction.shape() != Shape{experts})
        detail::fail<ShapeError>("route", "correction ", correction.shape(), " for ", experts, " experts");
    Routing<T> r{logits, o.scoring == Scoring::softmax ? softmax(logits) : sigmoid(logits), {}, {}};
    {
        const no_grad choosing;
        Tensor<T> by = r.scores.detach();
        if (correction.defined()) by = by + correction.detach();
        if (o.top_groups < o.groups) by = detail::in_best_groups(by, o);
        r.experts = topk(by, o.top_k).indices;
    }
    r.weights = gather(r.scores, 1, r.experts);
    if (o.normalize) r.weights = r.weights / (sum(r.weights, -1, true) + T(1e-20));
    if (o.scale != 1) r.weights = r.weights * static_cast<T>(o.scale);
    return r;
}

/// logits = x weight^T, and `route` of them.
/// Shape    x (tokens, width); weight (experts, width), e_score_correction_bias (experts,) or undefined
/// Numeric  begins as Linear without a bias, and with a correction of 0
template <Floating T = float>
struct Router {
    Tensor<T> weight;
    Buffer<T> e_score_correction_bias;
    RouterOptions options;
    TAPEGRAD_FIELDS(weight, e_score_correction_bias, options);

    Router() = default;
    /// Throws   ShapeError: a negative size; ValueError: options that do not fit the number of experts
    Router(int64_t width, int64_t experts, Generator& generator, RouterOptions o = {}) : options(o) {
        detail::check_router(experts, o);
        weight = parameter(empty<T>({experts, width}));
        init::kaiming_uniform_(weight, generator, std::sqrt(5.0));
        if (o.correction) e_score_correction_bias = Buffer<T>(zeros<T>({experts}));
    }

    Routing<T> operator()(const Tensor<T>& x) const {
        return route(linear(x, weight), options, e_score_correction_bias);
    }
};
Router(int64_t, int64_t, Generator&)->Router<float>;
Router(int64_t, int64_t, Generator&, RouterOptions)->Router<float>;

}
