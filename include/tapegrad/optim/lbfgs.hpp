// Steps along the inverse of an approximate Hessian.
#pragma once

#include "line_search.hpp"
#include "state.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LBFGSOptions {
    double lr = 1;
    int64_t max_iter = 20;  // in a step
    int64_t max_eval = 0;   // of the closure, in a step; 0 is max_iter 5 / 4
    double tolerance_grad = 1e-7;
    double tolerance_change = 1e-9;
    int64_t history_size = 100;
    bool strong_wolfe = false;  // searches along the line; otherwise it goes lr of the way
    bool maximize = false;
};

/// torch.optim.LBFGS. All parameters are one vector x; a parameter without a gradient counts with zeros.
///   LBFGS optimizer(parameters(model), {.strong_wolfe = true});
///   optimizer.step([&] { optimizer.zero_grad(); auto loss = ...; loss.backward(); return loss; });
///   d = -H g, with H from the last history_size pairs of s = (change of x) and y = (change of g)
///   x += t d, with t = lr or found by a line search
/// Numeric  products of vectors are summed in double; the history takes 2 history_size copies of the parameters
/// Throws   ValueError: no parameters, options that are negative, a step without a closure
/// Source   Nocedal, Updating Quasi-Newton Matrices with Limited Storage, 1980
template <Floating T = float>
class LBFGS {
public:
    using Options = LBFGSOptions;

    explicit LBFGS(std::vector<Tensor<T>> parameters, const LBFGSOptions& options = {})
        : parameters_(std::move(parameters)), options_(options) {
        detail::check_not_negative(name, {{"lr", options.lr},
                                          {"max_iter", static_cast<double>(options.max_iter)},
                                          {"max_eval", static_cast<double>(options.max_eval)},
                                          {"history_size", static_cast<double>(options.history_size)}});
        std::vector<const detail::Body*> seen;
        for (const Tensor<T>& p : parameters_) {
            detail::check_parameter(name, p, seen);
            size_ += p.numel();
        }
        if (seen.empty()) detail::fail<ValueError>(name, "there are no parameters");
    }

    LBFGSOptions& options() { return options_; }
    void set_lr(double lr) { options_.lr = lr; }
    void zero_grad() {
        for (Tensor<T>& p : parameters_) p.zero_grad();
    }

    /// Up to max_iter iterations. The closure clears the gradients, computes the loss and its gradients, and returns
    /// the loss; the first is returned. When it throws, the parameters are what they were before the iteration.
    template <class Closure>
    auto step(Closure&& closure) {
        const auto first = closure();
        const double sign = options_.maximize ? -1 : 1;
        const auto loss_of = [sign](const auto& loss) { return sign * static_cast<double>(loss.item()); };
        const int64_t max_eval = options_.max_eval > 0 ? options_.max_eval : options_.max_iter * 5 / 4;
        LineSample now{{0, loss_of(first), 0}, flat_gradient()};
        int64_t evaluations = 1, iterations = 0;
        detail::prepare({}, state_.func_evals, state_.t);
        bool done = largest(now.gradient) <= options_.tolerance_grad;
        while (!done && iterations < options_.max_iter) {
            ++iterations;
            choose_direction(now.gradient);
            const double before = now.loss;
            double& t = *detail::kept(state_.t, {});
            t = *detail::kept(state_.n_iter, {}) == 1
                    ? std::min(1.0, 1 / simd::sum_of_powers(now.gradient.data(), size_, 1, 1)) * options_.lr
                    : options_.lr;
            now.t = 0;
            now.slope = dot(now.gradient, state_.d);
            if (now.slope > -options_.tolerance_change) break;

            const Tensor<T> x = flat_parameters();
            const double extent = largest(state_.d);
            int64_t calls = 0;
            const auto evaluate = [&](double at) {
                move(x, at);
                const double loss = loss_of(closure());
                LineSample sample{{at, loss, 0}, flat_gradient()};
                sample.slope = dot(sample.gradient, state_.d);
                return sample;
            };
            try {
                if (options_.strong_wolfe) {
                    now = detail::strong_wolfe<T>(
                        now, t, extent,
                        {.tolerance_change = options_.tolerance_change, .max_trials = max_eval - evaluations},
                        evaluate, calls);
                    t = now.t;
                    move(x, t);
                } else if (iterations != options_.max_iter) {
                    now = evaluate(t);
                    calls = 1;
                } else {
                    move(x, t);  // nobody looks at the loss there
                }
            } catch (...) {
                move(x, 0);
                throw;
            }
            evaluations += calls;
            done = evaluations >= max_eval || largest(now.gradient) <= options_.tolerance_grad ||
                   extent * std::fabs(t) <= options_.tolerance_change ||
                   std::fabs(now.loss - before) < options_.tolerance_change;
        }
        *detail::kept(state_.func_evals, {}) += evaluations;
        return first;
    }
    [[noreturn]] void step() {
        detail::fail<ValueError>(name, "step needs a closure that computes the loss and its gradients");
    }

    /// What a later step reads, under "0.", and the learning rate as "group.0.lr".
    StateDict state_dict() const {
        StateDict dict;
        dict.add("group.0.lr", full<double>({}, options_.lr));
        detail::save_state(dict, state_, 0);
        return dict;
    }
    /// Throws   ValueError: a state of other parameters, and nothing is changed
    void load_state_dict(const StateDict& dict) {
        State fresh;
        while (dict.contains("0.old_dirs." + std::to_string(fresh.old_dirs.size()))) {
            fresh.old_dirs.emplace_back();
            fresh.old_stps.emplace_back();
        }
        const std::size_t found =
            detail::load_state(name, dict, fresh, 0, [this](std::string_view field, DType) {
                const bool number =
                    field == "n_iter" || field == "func_evals" || field == "t" || field == "H_diag";
                return number ? Shape{} : Shape{size_};
            });
        const double lr = detail::saved_number(name, dict, "group.0.lr");
        const bool whole = std::all_of(fresh.old_stps.begin(), fresh.old_stps.end(),
                                       [](const Buffer<T>& s) { return s.defined(); });
        if (found + 1 != dict.size() || !whole)
            detail::fail<ValueError>(name, "the state has ", dict.size(), " tensors, of which ", found + 1,
                                     " belong to it");
        std::vector<double> rho;
        for (std::size_t i = 0; i < fresh.old_dirs.size(); ++i)
            rho.push_back(1 / dot(fresh.old_dirs[i], fresh.old_stps[i]));
        state_ = std::move(fresh);
        rho_ = std::move(rho);
        options_.lr = lr;
    }

private:
    using LineSample = detail::LineSample<T>;
    static constexpr const char* name = "LBFGS";

    struct State {
        Buffer<int64_t> func_evals, n_iter;
        Buffer<double> t, H_diag;
        Buffer<T> d, prev_flat_grad;
        std::vector<Buffer<T>> old_dirs, old_stps;  // y and s, the oldest first
        TAPEGRAD_FIELDS(func_evals, n_iter, t, H_diag, d, prev_flat_grad, old_dirs, old_stps);
    };

    static double dot(const Tensor<T>& a, const Tensor<T>& b) {
        return simd::dot(a.data(), b.data(), a.numel());
    }
    static double largest(const Tensor<T>& x) { return simd::largest_magnitude(x.data(), x.numel()); }
    /// z += a x.
    static void add(Tensor<T>& z, double a, const Tensor<T>& x) {
        simd::update<T>(
            z.numel(),
            [by = simd::constant<T>(a)](const auto& v, auto& sum) TAPEGRAD_LAMBDA { sum = fma(v, by, sum); },
            x.data(), z.mutable_data());
    }

    template <class F>
    void for_each_slice(const F& f) {
        int64_t offset = 0;
        for (Tensor<T>& p : parameters_) {
            f(p, offset);
            offset += p.numel();
        }
    }
    Tensor<T> flat_gradient() {
        Tensor<T> flat = zeros<T>({size_});
        T* const out = detail::output(flat);
        const auto sign = simd::constant<T>(options_.maximize ? -1 : 1);
        for_each_slice([&](const Tensor<T>& p, int64_t offset) {
            if (const Tensor<T> g = p.grad(); g.defined())
                simd::update<T>(
                    p.numel(), [sign](const auto& v, auto& to) TAPEGRAD_LAMBDA { to = v * sign; },
                    detail::contiguous(g).data(), out + offset);
        });
        return flat;
    }
    Tensor<T> flat_parameters() {
        Tensor<T> flat = zeros<T>({size_});
        T* const out = detail::output(flat);
        for_each_slice(
            [&](const Tensor<T>& p, int64_t offset) { std::copy_n(p.data(), p.numel(), out + offset); });
        return flat;
    }
    /// The parameters become x + t d.
    void move(const Tensor<T>& x, double t) {
        for_each_slice([&](Tensor<T>& p, int64_t offset) {
            simd::update<T>(
                p.numel(),
                [by = simd::constant<T>(t)](const auto& from, const auto& d, auto& to)
                    TAPEGRAD_LAMBDA { to = fma(d, by, from); },
                x.data() + offset, std::as_const(state_.d).data() + offset, p.mutable_data());
        });
    }

    /// d = -H g, after the pair of the last iteration has joined the history. Where it throws, nothing is changed.
    void choose_direction(const Tensor<T>& g) {
        double& kept_scale = *detail::kept(state_.H_diag, {}, 1.0);
        int64_t& iterations = *detail::kept(state_.n_iter, {});
        double scale = kept_scale;
        auto ys = state_.old_dirs, ss = state_.old_stps;  // handles
        std::vector<double> rho = rho_;
        if (iterations > 0) {
            Tensor<T> y = detail::copy(g), s = zeros<T>({size_});
            add(y, -1, state_.prev_flat_grad);
            add(s, state_.t.item(), state_.d);
            if (const double curvature = dot(y, s); curvature > 1e-10) {
                scale = curvature / dot(y, y);
                ys.emplace_back(std::move(y));
                ss.emplace_back(std::move(s));
                rho.push_back(1 / curvature);
            }
            if (static_cast<int64_t>(ys.size()) > options_.history_size) {
                ys.erase(ys.begin());
                ss.erase(ss.begin());
                rho.erase(rho.begin());
            }
        }
        Tensor<T> d = zeros<T>({size_});
        add(d, -1, g);
        std::vector<double> alpha(ys.size());
        for (std::size_t i = ys.size(); i-- > 0;) {
            alpha[i] = dot(ss[i], d) * rho[i];
            add(d, -alpha[i], ys[i]);
        }
        simd::scale_in_place(d.mutable_data(), size_, static_cast<T>(scale));
        for (std::size_t i = 0; i < ys.size(); ++i) add(d, alpha[i] - dot(ys[i], d) * rho[i], ss[i]);
        ++iterations;
        kept_scale = scale;
        state_.old_dirs = std::move(ys);
        state_.old_stps = std::move(ss);
        rho_ = std::move(rho);
        state_.d = std::move(d);
        state_.prev_flat_grad = g;
    }

    std::vector<Tensor<T>> parameters_;
    LBFGSOptions options_;
    int64_t size_ = 0;
    State state_;
    std::vector<double> rho_;  // 1 / (y s) for each pair
};
template <class T>
LBFGS(std::vector<Tensor<T>>, LBFGSOptions = {}) -> LBFGS<T>;

}
