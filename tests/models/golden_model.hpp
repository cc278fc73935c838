// Small models that transformers made and computed: tests/golden/models.py.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/models/config_file.hpp>

namespace support {

using namespace tapegrad;

inline std::string model_folder(const std::string& name) { return "tests/golden/models/" + name; }

/// The largest difference over the largest value.
template <class T>
double relative_error(const Tensor<T>& found, const Tensor<float>& wanted) {
    REQUIRE(found.shape() == wanted.shape());
    const std::vector<T> a = to_vector(found);
    const std::vector<float> b = to_vector(wanted);
    double difference = 0, largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = std::fmax(difference, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
        largest = std::fmax(largest, std::fabs(static_cast<double>(b[i])));
        if (std::isnan(static_cast<double>(a[i]))) difference = HUGE_VAL;
    }
    return difference / largest;
}

/// Loads the weights of a folder strictly, and compares logits and, where they are there, loss and gradients.
template <class M>
void check_model(const std::string& name, M& model) {
    CAPTURE(name);
    load_safetensors(model_folder(name) + "/model.safetensors", model);
    const SafetensorsFile expected(model_folder(name) + "/expected.safetensors");
    const auto ids = expected.load<int64_t>("ids");
    // Rounding of a few hundred sums in float: the values themselves are around 1.
    CHECK(relative_error(model(ids), expected.load<float>("logits")) < 2e-6);
    if (!expected.contains("loss")) return;
    const auto loss = model.loss(ids, expected.load<int64_t>("targets"));
    CHECK(static_cast<double>(loss.item()) ==
          doctest::Approx(static_cast<double>(expected.load<float>("loss").item())).epsilon(1e-6));
    loss.backward();
    for_each_parameter(model, [&](std::string_view key, const auto& p) {
        CAPTURE(std::string(key));
        if (!p.grad().defined()) {  // an expert that no token chose
            for (const float x : to_vector(expected.load<float>("grad." + std::string(key)))) REQUIRE(x == 0);
            return;
        }
        CHECK(relative_error(p.grad(), expected.load<float>("grad." + std::string(key))) < 2e-5);
    });
}

}
