// Distributions against torch.distributions, and draws against their own distribution.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tapegrad/distributions/distribution.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/slicing.hpp>
#include <vector>

#include "check_grad.hpp"
#include "tensors.hpp"

namespace support {

/// A case of tests/golden/distributions.safetensors; the script beside it says what one holds.
class DistributionCase {
public:
    using Doubles = std::vector<Tensor<double>>;

    explicit DistributionCase(std::string name, double tolerance = 1e-10)
        : name_(std::move(name) + '.'), tolerance_(tolerance) {
        while (holds('p' + std::to_string(parameters_.size())))
            parameters_.push_back(load('p' + std::to_string(parameters_.size())).requires_grad_());
        REQUIRE(!parameters_.empty());
    }

    static const SafetensorsFile& file() {
        static const SafetensorsFile f("tests/golden/distributions.safetensors");
        return f;
    }
    bool holds(const std::string& what) const { return file().contains(name_ + what); }
    template <class T = double>
    Tensor<T> load(const std::string& what) const {
        return file().load<T>(name_ + what);
    }
    void is(const char* what, const Tensor<double>& x) const {
        if (holds(what)) CHECK_MESSAGE(close(x, load(what), tolerance_), name_, what);
    }

    /// Everything that the file knows of make(parameters), and gradients of log_prob against differences.
    template <class Make>
    void check(const Make& make, int order = 2) const {
        const auto d = make(parameters_);
        using Value = typename std::remove_cvref_t<decltype(d)>::Value;
        using Element = typename Value::value_type;
        const Value value = load<Element>("value");
        if constexpr (requires { d.mean(); }) is("mean", d.mean());
        if constexpr (requires { d.variance(); }) is("variance", d.variance());
        if constexpr (requires { d.entropy(); }) is("entropy", d.entropy());
        if constexpr (requires { d.cdf(value); }) is("cdf", d.cdf(value));
        if constexpr (requires { d.icdf(value); })
            if (holds("share")) is("icdf", d.icdf(load("share")));
        if (holds("outside"))
            if constexpr (std::same_as<Element, double>) is("log_prob_outside", d.log_prob(load("outside")));

        Doubles leaves = parameters_;
        std::function<Tensor<double>(const Doubles&)> density;
        if constexpr (std::same_as<Element, double>) {
            leaves.push_back(detail::copy(value).requires_grad_());
            density = [&](const Doubles& v) { return make(v).log_prob(v.back()); };
        } else {
            density = [&](const Doubles& v) { return make(v).log_prob(value); };
        }
        const Tensor<double> y = density(leaves);
        is("log_prob", y);
        gradients(y, leaves);
        CHECK_GRAD(density, leaves, order, {.absolute = 1e-4, .relative = 1e-4});
    }
    /// A divergence of the parameters.
    void check_kl(const std::function<Tensor<double>(const Doubles&)>& kl) const {
        const Tensor<double> y = kl(parameters_);
        is("kl", y);
        gradients(y, parameters_);
        CHECK_GRAD(kl, parameters_, 2, {.absolute = 1e-4, .relative = 1e-4});
    }
    const Doubles& parameters() const { return parameters_; }

private:
    void gradients(const Tensor<double>& y, const Doubles& leaves) const {
        const Doubles d = grad(y, leaves, {}, load("dy"));
        for (std::size_t i = 0; i < d.size(); ++i) {
            const std::string what = i < parameters_.size() ? 'd' + std::to_string(i) : "dvalue";
            CHECK_MESSAGE(close(d[i], load(what), tolerance_), name_, what);
        }
    }

    std::string name_;
    double tolerance_;
    Doubles parameters_;
};

/// sqrt(n) times the largest distance of the shares of n draws, which are even over [0, 1] when the draws have their
/// distribution, from that. Above 2.7 once in 10^6 (Kolmogorov and Smirnov).
inline double evenness(const Tensor<double>& shares) {
    std::vector<double> x = to_vector(shares);
    std::sort(x.begin(), x.end());
    const auto n = static_cast<double>(x.size());
    double distance = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        distance =
            std::max({distance, x[i] - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - x[i]});
    return distance * std::sqrt(n);
}

/// How far the means of x over its first axis are from `mean`, in their deviations: above 6 once in 10^9 for each.
inline double mean_error(const Tensor<double>& x, const Tensor<double>& mean,
                         const Tensor<double>& variance) {
    const Tensor<double> packed = detail::copy(x), m = detail::contiguous(mean),
                         v = detail::contiguous(variance);
    const int64_t n = x.size(0), each = m.numel();
    double worst = 0;
    for (int64_t j = 0; j < each; ++j) {
        double sum = 0;
        for (int64_t i = 0; i < n; ++i) sum += packed.data()[i * each + j] - m.data()[j];
        worst = std::fmax(
            worst, std::fabs(sum / static_cast<double>(n)) / std::sqrt(v.data()[j] / static_cast<double>(n)));
    }
    return worst;
}

/// The sum of the densities at points between low and high, times their distance: 1 for a whole distribution.
template <class D>
double total_probability(const D& d, double low, double high) {
    const int64_t n = 40000;
    const double step = (high - low) / static_cast<double>(n);
    Tensor<double> x = empty<double>({n});
    for (int64_t i = 0; i < n; ++i) detail::output(x)[i] = low + (static_cast<double>(i) + 0.5) * step;
    const Tensor<double> y = d.log_prob(x);
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += std::exp(y.data()[i]);
    return sum * step;
}

}
