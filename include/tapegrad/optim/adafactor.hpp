// Mean squares of a matrix kept as those of its rows and columns.
#pragma once

#include <optional>

#include "../ops/reduce.hpp"
#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdafactorOptions {
    double lr = 1e-2;
    double beta2_decay = -0.8;
    std::optional<double> eps1 = {};  // the epsilon of the element type
    double eps2 = 1e-3;
    double d = 1;  // the root mean square that an update may have
    double weight_decay = 0;
    bool maximize = false;
};

namespace detail {
struct AdafactorRule {
    static constexpr const char* name = "Adafactor";
    using Options = AdafactorOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<T> row_var, col_var, variance;  // of a matrix the first two, of a vector the last
        TAPEGRAD_FIELDS(step, row_var, col_var, variance);
    };
    static Shape state_shape(std::string_view field, Shape parameter) {
        if (field == "step") return {};
        if (field == "row_var" && parameter.rank() > 1) parameter[parameter.rank() - 1] = 1;
        if (field == "col_var" && parameter.rank() > 1) parameter[parameter.rank() - 2] = 1;
        return parameter;
    }

    static void check(const Options& o) {
        check_not_negative(
            name,
            {{"lr", o.lr}, {"eps1", o.eps1.value_or(0)}, {"eps2", o.eps2}, {"weight_decay", o.weight_decay}});
        if (!(o.beta2_decay <= 0))
            fail<ValueError>(name, "beta2_decay is ", o.beta2_decay, "; it must not be positive");
        if (!(o.d >= 1)) fail<ValueError>(name, "d is ", o.d, "; it must be at least 1");
    }

    /// state + part (squares - state); the state begins with zeros.
    template <class T>
    static Tensor<T> followed(Buffer<T>& state, const Tensor<T>& squares, double count, double part) {
        kept(state, squares.shape());
        return evaluate(
            name,
            [mean = simd::constant<T>(1 / count), part = simd::constant<T>(part)](
                const auto& old, const auto& sum) TAPEGRAD_LAMBDA { return towards(old, sum * mean, part); },
            static_cast<const Tensor<T>&>(state), squares);
    }

    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        int64_t& steps = *kept(state.step, {});
        const double step = static_cast<double>(steps + 1), fresh = std::pow(step, o.beta2_decay);
        const double eps1 = o.eps1.value_or(std::numeric_limits<T>::epsilon());
        const auto count = static_cast<double>(param.numel());
        if (param.numel() == 0) {
            ++steps;
            return;
        }
        const double size = std::sqrt(simd::sum_of_squares(param.data(), param.numel()) / count);
        const double rate = std::max(o.eps2, size) * std::min(o.lr, 1 / std::sqrt(step));

        const auto square = [](const auto& g) TAPEGRAD_LAMBDA { return g * g; };
        const Tensor<T> squares = evaluate(name, square, grad);
        const auto least = simd::constant<T>(eps1 * eps1);
        const auto scaled = [=](const auto& g, const auto&... v)
                                TAPEGRAD_LAMBDA { return g / sqrt(max((v * ...), least)); };
        Tensor<T> move, row, col, variance;  // the state becomes them when all else is there
        if (const int rank = param.rank(); rank > 1) {
            const AxisMask last = AxisMask(1) << (rank - 1), before = AxisMask(1) << (rank - 2);
            const auto columns = static_cast<double>(param.size(-1)),
                       rows = static_cast<double>(param.size(-2));
            row = followed(state.row_var, sum_values(squares, last, true), columns, fresh);
            col = followed(state.col_var, sum_values(squares, before, true), rows, fresh);
            const Tensor<T> share = evaluate(
                name,
                [mean = simd::constant<T>(1 / rows), eps = simd::constant<T>(eps1)](
                    const auto& r, const auto& total) TAPEGRAD_LAMBDA { return r / max(total * mean, eps); },
                row, sum_values(row, before, true));
            move = evaluate(name, scaled, grad, share, col);
        } else {
            variance = followed(state.variance, squares, 1, fresh);
            move = evaluate(name, scaled, grad, variance);
        }
        const double length = std::sqrt(simd::sum_of_squares(move.data(), move.numel()) / count);
        const auto by = simd::constant<T>((o.maximize ? rate : -rate) / std::max(1.0, length / o.d)),
                   keep = simd::constant<T>(1 - o.lr * o.weight_decay);
        ++steps;
        state.row_var = std::move(row);
        state.col_var = std::move(col);
        state.variance = std::move(variance);
        sweep([=](const auto& u, auto& p) TAPEGRAD_LAMBDA { p = fma(u, by, p * keep); }, param, move);
    }
};
}

/// torch.optim.Adafactor. A matrix of n x m keeps n + m numbers; of a tensor of more axes, every matrix along the
/// last two.
///   b = step^beta2_decay
///   r += b (mean of g^2 along a row - r);  c += b (mean along a column - c)
///   v = r c / max(mean of r, eps1), and v += b (g^2 - v) of a vector
///   u = g / sqrt(max(v, eps1^2))
///   p -= lr weight_decay p
///   p -= max(eps2, rms of p) min(lr, 1 / sqrt(step)) u / max(1, rms of u / d)
/// Throws   ValueError: a negative lr, eps1, eps2 or weight_decay, a positive beta2_decay, d below 1
/// Source   Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018
template <Floating T = float>
struct Adafactor : Optimizer<T, detail::AdafactorRule> {
    using Optimizer<T, detail::AdafactorRule>::Optimizer;
};
template <class P>
Adafactor(std::vector<P>, AdafactorOptions = {}) -> Adafactor<detail::parameter_element<P>>;

}
