// torch.optim over 100 steps of given gradients, from tests/golden/optim.safetensors.
#pragma once

#include <cmath>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/slicing.hpp>

#include "../io/temporary.hpp"

/// Runs `optimizer` (made by make(parameters)) as the golden script ran torch's, and returns the largest
/// difference to what it stored after every tenth step, over the largest value.
template <class T, class Make>
double difference_to_torch(const std::string& name, const Make& make) {
    using namespace tapegrad;
    const SafetensorsFile file(golden("optim.safetensors"));
    const char* const names[] = {"a", "b"};
    const auto load = [&](const std::string& key) { return detail::cast<T>(file.load<double>(key)); };
    std::vector<Tensor<T>> params, gradients;
    std::vector<Tensor<double>> wanted;
    for (const std::string p : names) {
        params.push_back(load("init." + p).requires_grad_());
        gradients.push_back(load("grad." + p));
        wanted.push_back(file.load<double>(name + "." + p));
    }
    const std::vector<double> lr = to_vector(file.load<double>("lr"));
    auto optimizer = make(params);
    double difference = 0, largest = 0;
    for (std::size_t step = 0; step < 100; ++step) {
        const auto at = static_cast<int64_t>(step);
        if (name.ends_with("_schedule")) optimizer.set_lr(lr[step]);
        for (std::size_t k = 0; k < 2; ++k) params[k].set_grad(detail::copy(select(gradients[k], 0, at)));
        optimizer.step();
        if (step % 10 != 9) continue;
        for (std::size_t k = 0; k < 2; ++k) {
            const std::vector<T> found = to_vector(params[k]);
            const std::vector<double> stored = to_vector(select(wanted[k], 0, at / 10));
            REQUIRE(found.size() == stored.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                difference = std::fmax(difference, std::fabs(static_cast<double>(found[i]) - stored[i]));
                largest = std::fmax(largest, std::fabs(stored[i]));
                if (std::isnan(static_cast<double>(found[i]))) difference = HUGE_VAL;
            }
        }
    }
    return difference / largest;
}
/// 100 steps of rounding: double keeps 13 digits; float adds 100 roundings of 6e-8.
template <class T>
constexpr double torch_tolerance = sizeof(T) == 8 ? 1e-12 : 6e-6;
