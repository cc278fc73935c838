// Multi-head latent attention: keys and values of all heads are made of one short vector a token.
#pragma once

#include "grouped_attention.hpp"
#include "rms_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Two ways to compute the same.
enum class LatentForm {
    automatic,  // the one with fewer multiplications
    naive,      // keys and values of every head are made of the latent vectors
    absorbed    // queries are taken to the latent vectors, and results back
};

struct LatentAttentionOptions {
    int64_t heads = 1;
    int64_t q_rank = 0;  // of the queries' latent vector; 0: they have none
    int64_t kv_rank = 512;
    int64_t nope_dim = 128;   // of a head's queries and keys, without a position
    int64_t rope_dim = 64;    // with one; its key is shared by all heads
    int64_t value_dim = 128;  // of a head
    bool bias = false;        // of q_a_proj, kv_a_proj_with_mqa and o_proj
    double mscale = 1;        // of the scores, squared: see yarn_mscale
};

/// Causal self-attention whose cache holds kv_rank + rope_dim elements a token.
///   c = kv_a_layernorm(latent part of kv_a_proj(x));  [k; v] of all heads = kv_b_proj(c);  the rest of kv_a_proj(x),
///   rotated, goes behind every head's key;  q = q_b_proj(q_a_layernorm(q_a_proj(x))), or q_proj(x)
/// Shape    x (B, T, width) -> y, same shape
/// Numeric  begins as its linear layers; the norms have epsilon 1e-6. The keys are those of Hugging Face's DeepSeek-V2
/// Source   DeepSeek-AI, DeepSeek-V2: A Strong, Economical, and Efficient Mixture-of-Experts Language Model, 2024
template <Floating T = float>
struct LatentAttention {
    Linear<T> q_proj, q_a_proj;
    RMSNorm<T> q_a_layernorm;
    Linear<T> q_b_proj, kv_a_proj_with_mqa;
    RMSNorm<T> kv_a_layernorm;
    Linear<T> kv_b_proj, o_proj;
    LatentAttentionOptions options;
    LatentForm form = LatentForm::automatic;
    TAPEGRAD_FIELDS(q_proj, q_a_proj, q_a_layernorm, q_b_proj, kv_a_proj_with_mqa, kv_a_layernorm, kv_b_proj,
                    o_proj, options, form);

    LatentAttention() = default;
    /// Throws   ShapeError: a size below 1
    LatentAttention(int64_t width, Generator& generator, const LatentAttentionOptions& o) : options(o) {
        if (o.heads < 1 || o.kv_rank < 1 || o.nope_dim < 1 || o.rope_dim < 0 || o.value_dim < 1 ||
            o.q_rank < 0)
            detail::fail<ShapeError>("LatentAttention", "heads ", o.heads, ", kv_rank ", o.kv_rank,
                                     ", nope_dim ", o.nope_dim, ", rope_dim ", o.rope_dim, ", value_dim ",
                                     o.value_dim, ", q_rank ", o.q_rank, ": each must be positive");
        const int64_t query = o.heads * (o.nope_dim + o.rope_dim);
        const LinearOptions plain{.bias = false}, biased{.bias = o.bias};
        if (o.q_rank == 0) {
            q_proj = Linear<T>(width, query, generator, plain);
        } else {
            q_a_proj = Linear<T>(width, o.q_rank, generator, biased);
            q_a_layernorm = RMSNorm<T>(o.q_rank, {.eps = 1e-6});
            q_b_proj = Linear<T>(o.q_rank, query, generator, plain);
        }
        kv_a_proj_with_mqa = Linear<T>(width, o.kv_rank + o.rope_dim, generator, biased);
        kv_a_layernorm = RMSNorm<T>(o.kv_rank, {.eps = 1e-6});
        kv_b_proj = Linear<T>(o.kv_rank, o.heads * (o.nope_dim + o.value_dim), generator, plain);
        o_proj = Linear<T>(o.heads * o.value_dim, width, generator, biased);
    }

    Tensor<T> operator()(const Tensor<T>& x, const AttentionInput<T, 1>& in = {}) const {
        const LatentAttentionOptions& o = options;
        const Tensor<T> q =
            detail::split_heads(o.q_rank == 0 ? q_proj(x) : q_b_proj(q_a_layernorm(q_a_proj(x))),
                                o.heads);  // (B, H, T, nope + rope)
        const Tensor<T> q_nope = narrow(q, 3, 0, o.nope_dim),
                        q_rope = in.rotary(narrow(q, 3, o.nope_dim, o.rope_dim));
        const Tensor<T> a = unsqueeze(kv_a_proj_with_mqa(x), 1);  // (B, 1, T, kv_rank + rope)
        Tensor<T> latent = cat(
            {kv_a_layernorm(narrow(a, 3, 0, o.kv_rank)), in.rotary(narrow(a, 3, o.kv_rank, o.rope_dim))}, 3);
        if (in.cache != nullptr) latent = (*in.cache)[0].extend(latent);  // (B, 1, S, kv_rank + rope)
        SdpaOptions how = detail::causal_options(x.size(1), latent.size(2), 0, in.mask);
        how.scale = o.mscale * o.mscale / std::sqrt(static_cast<double>(o.nope_dim + o.rope_dim));
        const Tensor<T> y = absorbs(x.size(1), latent.size(2)) ? absorbed(q_nope, q_rope, latent, how)
                                                               : naive(q_nope, q_rope, latent, how);
        return o_proj(detail::join_heads(y));
    }

private:
    bool absorbs(int64_t queries, int64_t keys) const {
        if (form != LatentForm::automatic) return form == LatentForm::absorbed;
        const LatentAttentionOptions& o = options;  // multiplications a head
        const int64_t depth = o.nope_dim + o.value_dim;
        const int64_t expanding = keys * o.kv_rank * depth + queries * keys * (depth + o.rope_dim);
        const int64_t absorbing = queries * o.kv_rank * depth + queries * keys * (2 * o.kv_rank + o.rope_dim);
        return absorbing < expanding;
    }
    Tensor<T> naive(const Tensor<T>& q_nope, const Tensor<T>& q_rope, const Tensor<T>& latent,
                    const SdpaOptions& how) const {
        const LatentAttentionOptions& o = options;
        const int64_t batch = latent.size(0), keys = latent.size(2);
        const Tensor<T> kv =
            detail::split_heads(kv_b_proj(select(narrow(latent, 3, 0, o.kv_rank), 1, 0)), o.heads);
        const Tensor<T> shared =
            expand(narrow(latent, 3, o.kv_rank, o.rope_dim), {batch, o.heads, keys, o.rope_dim});
        return scaled_dot_product_attention(cat({q_nope, q_rope}, 3),
                                            cat({narrow(kv, 3, 0, o.nope_dim), shared}, 3),
                                            narrow(kv, 3, o.nope_dim, o.value_dim), how);  // (B, H, T, value)
    }
    /// q.k = q.(W_k c) = (q W_k).c, and the sum of weights times W_v c is W_v times the sum of weights times c.
    Tensor<T> absorbed(const Tensor<T>& q_nope, const Tensor<T>& q_rope, const Tensor<T>& latent,
                       const SdpaOptions& how) const {
        const LatentAttentionOptions& o = options;
        const Tensor<T> w =
            reshape(kv_b_proj.stored != nullptr ? kv_b_proj.stored->dequantize() : kv_b_proj.weight,
                    {o.heads, o.nope_dim + o.value_dim, o.kv_rank});
        const Tensor<T> q =
            cat({matmul(q_nope, narrow(w, 1, 0, o.nope_dim)), q_rope}, 3);  // (B, H, T, kv_rank + rope)
        const Tensor<T> mixed = scaled_dot_product_attention(q, latent, narrow(latent, 3, 0, o.kv_rank), how);
        return matmul(mixed, transpose(narrow(w, 1, o.nope_dim, o.value_dim), 1, 2));  // (B, H, T, value)
    }
};

}
