#include <tapegrad/io/load_weights.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/nn/linear.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("load_weights: a module from a file, converted", T, float, double) {
    const TemporaryFolder folder;
    Generator generator(1);
    const Linear<float> saved(3, 2, generator);
    save_safetensors(folder / "x.safetensors", saved);
    const SafetensorsFile file(folder / "x.safetensors");
    Linear<T> loaded(3, 2, generator);
    CHECK(load_weights(file, loaded).ok());
    CHECK(support::same_bits(loaded.weight, detail::cast<T>(saved.weight)));
    CHECK(support::same_bits(loaded.bias, detail::cast<T>(saved.bias)));
}

TEST_CASE("load_weights: what does not fit, before anything is written") {
    const TemporaryFolder folder;
    save_safetensors(folder / "x.safetensors",
                     StateDict({{"weight", zeros<float>({2, 4})}, {"other", zeros<float>({1})}}));
    const SafetensorsFile file(folder / "x.safetensors");
    Generator generator(1);
    Linear<float> layer(3, 2, generator);
    CHECK(support::message<ValueError>([&] { load_weights(file, layer); }) ==
          "load_weights: the keys do not fit\n1 missing:\n  bias\n1 unexpected:\n  other\n1 misshaped:\n  "
          "weight: (2, 3) in "
          "the module, (2, 4) in the dictionary");
    const LoadReport report = load_weights(file, layer, {.strict = false});
    CHECK(report.missing == std::vector<std::string>{"bias"});
}
