// Gradients taken where the loss is worst nearby.
#pragma once

#include "wrapper.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SAMOptions {
    double rho = 0.05;      // how far it looks
    bool adaptive = false;  // in proportion to each parameter: ASAM, which wants a rho of about 0.5
};

/// Steps of another optimizer with the gradient at the worst point at distance rho, as the gradient here tells it.
///   SAM optimizer(SGD(parameters(model), {.lr = 0.1}));
///   optimizer.step([&] { optimizer.zero_grad(); auto loss = ...; loss.backward(); return loss; });
///   e = rho g / |g|, or rho p^2 g / |p g| when it is adaptive;  g = gradient at p + e
/// Throws   ValueError: rho negative, or a step without a closure
/// Source   Foret et al., Sharpness-Aware Minimization for Efficiently Improving Generalization, 2021, algorithm 1;
///          Kwon et al., ASAM, 2021
template <class Inner>
class SAM : public detail::Wrapper<Inner> {
    using T = typename detail::Wrapper<Inner>::value_type;

public:
    explicit SAM(Inner inner, const SAMOptions& options = {})
        : detail::Wrapper<Inner>(std::move(inner)), options_(options), parameters_(this->all_parameters()) {
        detail::check_not_negative("SAM", {{"rho", options.rho}});
        for (const Tensor<T>& p : parameters_) before_.push_back(zeros<T>(p.shape()));
        moved_.resize(parameters_.size());
    }

    /// The closure clears the gradients, computes the loss and its gradients, and returns the loss. It is called twice;
    /// the first loss is returned. When it throws, the parameters are what they were.
    template <class Closure>
    auto step(Closure&& closure) {
        auto loss = closure();
        std::fill(moved_.begin(), moved_.end(), char{0});
        try {
            climb();
            closure();
        } catch (...) {
            return_back();
            throw;
        }
        return_back();
        this->inner_.step();
        return loss;
    }
    [[noreturn]] void step() {
        detail::fail<ValueError>("SAM",
                                 "step needs a closure that computes the gradients: it is called twice");
    }

    StateDict state_dict() const { return this->inner_.state_dict(); }
    void load_state_dict(const StateDict& dict) { this->inner_.load_state_dict(dict); }

private:
    void climb() {
        double squares = 0;
        const bool adaptive = options_.adaptive;
        const auto for_each = [this](const auto& f) {
            for (std::size_t i = 0; i < parameters_.size(); ++i)
                if (const Tensor<T> g = parameters_[i].grad(); g.defined())
                    f(detail::contiguous(g), parameters_[i], i);
        };
        for_each([&](const Tensor<T>& grad, const Tensor<T>& param, std::size_t) {
            squares += simd::update_sums<T, 1>(
                param.numel(),
                [adaptive](const auto& g, const auto& p) TAPEGRAD_LAMBDA {
                    const auto v = adaptive ? g * p : g;
                    return std::array{simd::Product<T>{v, v}};
                },
                grad.data(), param.data())[0];
        });
        const auto by = simd::constant<T>(options_.rho / (std::sqrt(squares) + 1e-12));
        for_each([&](const Tensor<T>& grad, Tensor<T>& param, std::size_t i) {
            moved_[i] = 1;
            simd::update<T>(
                param.numel(),
                [=](const auto& g, auto& p, auto& kept) TAPEGRAD_LAMBDA {
                    kept = p;
                    p = fma(adaptive ? p * p * g : g, by, p);
                },
                grad.data(), param.mutable_data(), before_[i].mutable_data());
        });
    }
    void return_back() {
        for (std::size_t i = 0; i < parameters_.size(); ++i)
            if (moved_[i]) detail::assign(parameters_[i], before_[i]);
    }

    SAMOptions options_;
    std::vector<Tensor<T>> parameters_, before_;
    std::vector<char> moved_;
};

}
