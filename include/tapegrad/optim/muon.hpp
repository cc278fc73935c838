// Momentum made orthogonal.
#pragma once

#include "../ops/matmul.hpp"
#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What the learning rate of an n x m matrix is multiplied by.
enum class MuonScale {
    original,            // sqrt(max(1, n / m))
    match_rms_adamw,     // 0.2 sqrt(max(n, m)): updates as large as AdamW's
    spectral_unclamped,  // sqrt(n / m)
    none
};

struct MuonOptions {
    double lr = 1e-3;
    double weight_decay = 0.1;
    double momentum = 0.95;
    bool nesterov = true;
    double a = 3.4445, b = -4.7750, c = 2.0315;  // of the iteration
    double eps = 1e-7;
    int ns_steps = 5;
    MuonScale scale = MuonScale::original;
};

namespace detail {
struct MuonRule {
    static constexpr const char* name = "Muon";
    using Options = MuonOptions;
    template <class T>
    struct State {
        Buffer<T> momentum_buffer;
        TAPEGRAD_FIELDS(momentum_buffer);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr},
                                  {"weight_decay", o.weight_decay},
                                  {"momentum", o.momentum},
                                  {"eps", o.eps},
                                  {"ns_steps", static_cast<double>(o.ns_steps)}});
    }
    static void check_parameter(std::size_t index, const Shape& shape) {
        if (shape.rank() != 2)
            fail<ValueError>(name, "parameter ", index, ' ', shape,
                             " is no matrix; give it to another optimizer, AdamW say");
    }
    static double scale(const Options& o, double n, double m) {
        switch (o.scale) {
            case MuonScale::original:
                return std::sqrt(std::max(1.0, n / m));
            case MuonScale::match_rms_adamw:
                return 0.2 * std::sqrt(std::max(n, m));
            case MuonScale::spectral_unclamped:
                return std::sqrt(n / m);
            default:
                return 1;
        }
    }

    /// x with its singular values moved near 1, by Newton and Schulz.
    template <class T>
    static Tensor<T> orthogonalised(Tensor<T> x, const Options& o) {
        const bool tall = x.size(0) > x.size(1);  // the smaller square is the cheaper
        const double length = std::sqrt(simd::sum_of_squares(x.data(), x.numel()));
        x = evaluate(
            name,
            [f = simd::constant<T>(1 / std::max(length, o.eps))](const auto& v)
                TAPEGRAD_LAMBDA { return v * f; },
            x);
        if (tall) x = transpose(x);
        const auto combined = [](const Tensor<T>& u, double by_u, const Tensor<T>& v, double by_v) {
            return evaluate(
                name,
                [f = simd::constant<T>(by_u), g = simd::constant<T>(by_v)](const auto& p, const auto& q)
                    TAPEGRAD_LAMBDA { return fma(p, f, q * g); },
                u, v);
        };
        for (int i = 0; i < o.ns_steps; ++i) {
            const Tensor<T> gram = product(x, transpose(x));
            const Tensor<T> by = combined(gram, o.b, product(gram, gram), o.c);
            x = combined(x, o.a, product(by, x), 1);
        }
        return contiguous(tall ? transpose(x) : x);
    }

    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        if (param.numel() == 0) return;
        kept(state.momentum_buffer, param.shape());
        Tensor<T> buffer = evaluate(
            name,
            [fresh = simd::constant<T>(1 - o.momentum)](const auto& g, const auto& b)
                TAPEGRAD_LAMBDA { return towards(b, g, fresh); },
            grad, static_cast<const Tensor<T>&>(state.momentum_buffer));
        const Tensor<T> mixed = evaluate(
            name,
            [part = simd::constant<T>(o.nesterov ? o.momentum : 1)](const auto& g, const auto& b)
                TAPEGRAD_LAMBDA { return towards(g, b, part); },
            grad, buffer);
        const double rate =
            o.lr * scale(o, static_cast<double>(param.size(0)), static_cast<double>(param.size(1)));
        const Tensor<T> direction = orthogonalised(mixed, o);
        state.momentum_buffer = std::move(buffer);  // now that nothing can fail
        sweep([by = simd::constant<T>(-rate), keep = simd::constant<T>(1 - o.lr * o.weight_decay)](
                  const auto& u, auto& p) TAPEGRAD_LAMBDA { p = fma(u, by, p * keep); },
              param, direction);
    }
};
}

/// torch.optim.Muon, for matrices; biases, norms, embeddings and heads belong to another optimizer.
///   b += (1 - momentum) (g - b);  u = g + momentum (b - g) with nesterov, or b
///   x = u / max(|u|, eps);  ns_steps times: A = x x^T, x = a x + (b A + c A^2) x
///   p -= lr weight_decay p;  p -= lr scale x
/// Numeric  the iteration in the type of the parameter (PyTorch rounds it to bfloat16)
/// Throws   ValueError: a parameter that is no matrix; a negative option
/// Source   Jordan et al., Muon: An optimizer for hidden layers in neural networks, 2024
template <Floating T = float>
struct Muon : Optimizer<T, detail::MuonRule> {
    using Optimizer<T, detail::MuonRule>::Optimizer;
};
template <class P>
Muon(std::vector<P>, MuonOptions = {}) -> Muon<detail::parameter_element<P>>;

}
