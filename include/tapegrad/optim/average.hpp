// Averages of parameters along the way of training.
#pragma once

#include "state.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What averages have in common: a tensor beside each parameter, which begins as a copy of it.
///   average += weight (parameter - average)
template <Floating T>
class ParameterAverage {
public:
    /// Throws   ValueError: no parameters, one twice, not contiguous or the result of an operation
    explicit ParameterAverage(std::vector<Tensor<T>> parameters) : parameters_(std::move(parameters)) {
        std::vector<const detail::Body*> seen;
        for (const Tensor<T>& p : parameters_) detail::check_parameter(name, p, seen);
        if (seen.empty()) detail::fail<ValueError>(name, "there are no parameters");
        for (const Tensor<T>& p : parameters_) averages_.push_back(detail::copy(p));
    }

    const std::vector<Tensor<T>>& averages() const { return averages_; }
    /// How often it was updated.
    int64_t updates() const { return updates_; }

    /// While it lives, the parameters hold the averages; then every bit is what it was. Ends before the next update.
    class [[nodiscard]] Swapped {
    public:
        explicit Swapped(ParameterAverage& average) : average_(average) { average_.exchange(); }
        ~Swapped() { average_.exchange(); }
        Swapped(const Swapped&) = delete;
        Swapped& operator=(const Swapped&) = delete;

    private:
        ParameterAverage& average_;
    };
    Swapped swapped() { return Swapped(*this); }

    StateDict state_dict() const {
        StateDict dict;
        dict.add("updates", full<int64_t>({}, updates_));
        for (std::size_t i = 0; i < averages_.size(); ++i) dict.add(std::to_string(i), averages_[i]);
        return dict;
    }
    /// Throws   ValueError: tensors of other parameters, and nothing is changed
    void load_state_dict(const StateDict& dict) {
        for (std::size_t i = 0; i <= averages_.size(); ++i) {
            const std::string key = i < averages_.size() ? std::to_string(i) : "updates";
            const TensorBase* const found = dict.find(key);
            if (found == nullptr || dict.size() != averages_.size() + 1)
                detail::fail<ValueError>(name, "the state has ", dict.size(), " tensors, not those of ",
                                         averages_.size(), " parameters");
            if (i < averages_.size())
                detail::check_state(name, key, *found, averages_[i].shape(), dtype_of<T>);
            else
                detail::check_state(name, key, *found, {}, DType::int64);
        }
        for (std::size_t i = 0; i < averages_.size(); ++i)
            detail::assign(averages_[i], dict.get<T>(std::to_string(i)));
        updates_ = dict.get<int64_t>("updates").item();
    }

protected:
    void update(double weight) {
        if (swapped_) detail::fail<Error>(name, "updated while the parameters hold the averages");
        ++updates_;
        const auto part = simd::constant<T>(weight);
        for (std::size_t i = 0; i < averages_.size(); ++i)
            if (weight == 1)
                detail::assign(averages_[i], parameters_[i]);
            else
                simd::update<T>(
                    averages_[i].numel(),
                    [part](const auto& p, auto& a) TAPEGRAD_LAMBDA { a = towards(a, p, part); },
                    parameters_[i].data(), averages_[i].mutable_data());
    }

private:
    static constexpr const char* name = "average";

    void exchange() {
        swapped_ = !swapped_;
        for (std::size_t i = 0; i < averages_.size(); ++i)
            simd::update<T>(
                averages_[i].numel(),
                [](auto& p, auto& a) TAPEGRAD_LAMBDA {
                    const auto kept = p;
                    p = a;
                    a = kept;
                },
                parameters_[i].mutable_data(), averages_[i].mutable_data());
    }

    std::vector<Tensor<T>> parameters_, averages_;
    int64_t updates_ = 0;
    bool swapped_ = false;
};

struct EMAOptions {
    double decay = 0.999;
    bool warmup = false;  // decay min(decay, (1 + n) / (10 + n)) at update n = 1, 2, ...
    bool debias =
        false;  // as if it had begun with zeros and were divided by 1 - decay^n: the copy it began as is gone
};

/// An exponential moving average of parameters, to be evaluated in their place.
///   average += (1 - decay) (parameter - average)
///   debias   average += (1 - decay) / (1 - decay^n) (parameter - average)
/// Throws   ValueError: a decay outside [0, 1), or both warmup and debias
/// Source   Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992; Kingma and Ba, Adam, 2015
template <Floating T = float>
class EMA : public ParameterAverage<T> {
public:
    explicit EMA(std::vector<Tensor<T>> parameters, const EMAOptions& options = {})
        : ParameterAverage<T>(std::move(parameters)), options_(options) {
        detail::check_decays("EMA", {{"decay", options.decay}});
        if (options.warmup && options.debias)
            detail::fail<ValueError>("EMA", "warmup and debias both make up for the beginning; take one");
    }
    /// After a step of the optimizer.
    void update() {
        const auto n = static_cast<double>(this->updates() + 1);
        const double d = options_.warmup ? std::min(options_.decay, (1 + n) / (10 + n)) : options_.decay;
        ParameterAverage<T>::update(options_.debias ? (1 - d) / (1 - std::pow(d, n)) : 1 - d);
    }

private:
    EMAOptions options_;
};
template <class T>
EMA(std::vector<Tensor<T>>, EMAOptions = {}) -> EMA<T>;

/// The mean of the parameters at every update. Running statistics of batch norms are not parameters: run the model over
/// data once more before it is evaluated.
/// Source   Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, 2018
template <Floating T = float>
class SWA : public ParameterAverage<T> {
public:
    using ParameterAverage<T>::ParameterAverage;
    void update() { ParameterAverage<T>::update(1 / static_cast<double>(this->updates() + 1)); }
};
template <class T>
SWA(std::vector<Tensor<T>>) -> SWA<T>;

}
