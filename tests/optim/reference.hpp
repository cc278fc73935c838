// What every test of an optimizer asks: is it torch.optim's over 100 steps (tests/golden/optim.safetensors),
// and does a saved state go on bit for bit? Compiled once, in optimizer.cpp.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>

#include <tapegrad/optim/optimizer.hpp>

namespace reference {

using namespace tapegrad;

/// An optimizer whose type is forgotten.
struct Any {
    std::function<void()> step;
    std::function<void(double)> set_lr;
    std::function<StateDict()> save;
    std::function<void(const StateDict&)> load;
};
template <class T>
using Maker = std::function<Any(const std::vector<Tensor<T>>&)>;

template <class O>
Any forget(std::shared_ptr<O> optimizer) {
    return {[optimizer] { optimizer->step(); }, [optimizer](double lr) { optimizer->set_lr(lr); },
            [optimizer] { return optimizer->state_dict(); },
            [optimizer](const StateDict& dict) { optimizer->load_state_dict(dict); }};
}
template <class O, class T, class Options>
Maker<T> maker(const Options& options) {
    return [options](const std::vector<Tensor<T>>& params) {
        return forget(std::make_shared<O>(params, options));
    };
}

/// 100 steps of rounding: double keeps 13 digits; float adds 100 roundings of 6e-8.
template <class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-12 : 6e-6;

/// Runs the optimizer as the golden script ran it, and returns the largest difference to what was stored
/// after every tenth step, over the largest value.
template <class T>
double difference_to_golden(const std::string& name, const Maker<T>& make);
extern template double difference_to_golden(const std::string&, const Maker<float>&);
extern template double difference_to_golden(const std::string&, const Maker<double>&);

/// For the optimizer of floats and the one of doubles.
template <class OfFloat, class OfDouble, class Options>
void equals_golden(const std::string& name, const Options& options) {
    CAPTURE(name);
    CHECK(difference_to_golden<float>(name, maker<OfFloat, float>(options)) < tolerance<float>);
    CHECK(difference_to_golden<double>(name, maker<OfDouble, double>(options)) < tolerance<double>);
}

/// Six steps; and three, a state saved and loaded into another optimizer, and three more: the same bits, and
/// a saved state that the later steps left alone.
void resumes(const Maker<float>& make);
template <class O, class Options>
void resumes(const Options& options) {
    resumes(maker<O, float>(options));
}

/// The function of the golden script that optimizers with a closure minimise: a bowl in a, Rosenbrock's valley in b.
Tensor<double> objective(const std::vector<Tensor<double>>& params);
using Closure = std::function<Tensor<double>()>;
using MakeStep = std::function<std::function<void(const Closure&)>(const std::vector<Tensor<double>>&)>;
/// As `difference_to_golden`, for what make(parameters) returns: a step with a closure.
double difference_on_objective(const std::string& name, int steps, const MakeStep& make);

}
