// What keeps the experts of a mixture evenly loaded: losses on what a router decided, and a rule for its
// correction.
#pragma once

#include "../ops/histogram.hpp"
#include "../ops/reduce.hpp"
#include "../ops/write.hpp"
#include "router.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LoadBalanceOptions {
    int64_t sequences = 1;  // equal parts of the tokens that are balanced each for itself; their mean counts
    int64_t devices = 0;    // equal parts of the experts that are balanced against each other; 0: each expert
    Scoring scoring = Scoring::softmax;  // what made the scores: a sigmoid's are divided by a token's sum
};

/// How many tokens chose each expert.
/// Shape    (experts,)
/// Grad     none
template <Floating T>
Tensor<int64_t> expert_load(const Routing<T>& r) {
    return bincount(reshape(r.experts, {-1}), r.scores.size(1));
}

/// How unevenly the experts are loaded: 1 when they are loaded evenly, up to experts / top_k.
///   sum_i f_i P_i, f_i = experts / (top_k tokens) count_i, P_i = mean of score_i over the tokens
/// of each sequence; with `devices` f of a device is the mean of its experts', and P the sum of theirs
/// Shape    -> ()
/// Grad     through P;  f counts
/// Throws   ValueError: sequences or devices that are not positive or divide nothing evenly
/// Source   Fedus et al., Switch Transformers, 2022 (top_k is 1 there; the loss of Mixtral in transformers is top_k
///          times this one); DeepSeek-AI, DeepSeek-V2, 2024: expert-level, device-level, and with `sequences` what
///          its code calls seq_aux; DeepSeek-V3, 2024, eq. 17-20
template <Floating T>
Tensor<T> load_balance_loss(const Routing<T>& r, const LoadBalanceOptions& o = {}) {
    const int64_t tokens = r.scores.size(0), experts = r.scores.size(1), k = r.experts.size(1);
    if (o.sequences < 1 || tokens % o.sequences != 0)
        detail::fail<ValueError>("load_balance_loss", tokens, " tokens are not ", o.sequences,
                                 " sequences of one length");
    if (o.devices < 0 || (o.devices > 0 && experts % o.devices != 0))
        detail::fail<ValueError>("load_balance_loss", experts, " experts are not spread evenly over ",
                                 o.devices, " devices");
    const int64_t length = tokens / o.sequences;
    if (length == 0) return zeros<T>({});
    const Tensor<int64_t> sequence =
        reshape(arange<int64_t>(o.sequences) * experts, {o.sequences, 1}) +
        reshape(r.experts, {o.sequences, length * k});  // numbers all experts of all sequences
    const Tensor<int64_t> count = bincount(reshape(sequence, {-1}), o.sequences * experts);
    const T even = static_cast<T>(experts) / static_cast<T>(length * k);
    Tensor<T> f = reshape(detail::cast<T>(count), {o.sequences, experts}) * even;
    const Tensor<T> scores =
        o.scoring == Scoring::softmax ? r.scores : r.scores / (sum(r.scores, -1, true) + T(1e-20));
    Tensor<T> p = mean(reshape(scores, {o.sequences, length, experts}), 1);  // (sequences, experts)
    if (o.devices > 0) {
        const Shape by_device{o.sequences, o.devices, experts / o.devices};
        f = mean(reshape(f, by_device), -1);
        p = sum(reshape(p, by_device), -1);
    }
    return sum(f * p) / static_cast<T>(o.sequences);
}

/// Keeps logits small: the mean over tokens of logsumexp(logits)^2.
/// Shape    -> ()
/// Source   Zoph et al., ST-MoE, 2022
template <Floating T>
Tensor<T> router_z_loss(const Routing<T>& r) {
    if (r.logits.size(0) == 0) return zeros<T>({});
    const Tensor<T> z = logsumexp(r.logits, -1);
    return mean(z * z);
}

/// A step towards even load without a loss: the correction of an expert with less than the mean load rises by
/// `rate`, that of one with more falls.
///   bias_i += rate sign(mean load - load_i)
/// Throws   ValueError: a router without a correction; ShapeError: another number of experts
/// Source   Wang et al., Auxiliary-Loss-Free Load Balancing Strategy for Mixture-of-Experts, 2024
template <Floating T>
void correct_load_(Router<T>& router, const Tensor<int64_t>& load, double rate = 0.001) {
    Buffer<T>& bias = router.e_score_correction_bias;
    if (!bias.defined())
        detail::fail<ValueError>("correct_load_", "the router has no correction; .correction = true");
    if (load.shape() != bias.shape())
        detail::fail<ShapeError>("correct_load_", "load ", load.shape(), " for ", bias.size(0), " experts");
    const no_grad writing;
    const Tensor<T> share = detail::cast<T>(load);
    copy_(bias, bias + sign(mean(share) - share) * static_cast<T>(rate));
}

}
