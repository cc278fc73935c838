// Operations against what PyTorch computed: value, gradients and second-order gradients, in float64.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "tensors.hpp"

namespace support {

/// The cases of tests/golden/ops.safetensors; the script beside it says what they hold.
class Golden {
public:
    using Tensors = std::vector<Tensor<double>>;

    static const SafetensorsFile& file() {
        static const SafetensorsFile f("tests/golden/ops.safetensors");
        return f;
    }
    template <class T = double>
    static Tensor<T> get(const std::string& name) {
        return file().load<T>(name);
    }

    /// f takes the tensors named `inputs` and returns y. Both sides are float64: what differs is the order of
    /// sums.
    static void check(const std::string& name, std::initializer_list<const char*> inputs,
                      const std::function<Tensor<double>(const Tensors&)>& f, double tolerance = 1e-11) {
        CAPTURE(name);
        Tensors leaves;
        for (const char* input : inputs) leaves.push_back(get(name + '.' + input).requires_grad_());
        const Tensor<double> y = f(leaves);
        CHECK_MESSAGE(close(y, get(name + ".y"), tolerance), "value");
        if (!file().contains(name + ".dy")) return;
        const Tensor<double> dy = get(name + ".dy");
        const auto compare = [&](const char* prefix, const Tensors& got) {
            std::size_t i = 0;
            for (const char* input : inputs) {
                CHECK_MESSAGE(close(got[i], get(name + prefix + input), tolerance), std::string(prefix),
                              input);
                ++i;
            }
        };
        compare(".d", grad(y, leaves, {.retain_graph = true}, dy));
        const Tensors first = grad(y, leaves, {.create_graph = true}, dy);
        compare(".d", first);
        if (!file().contains(name + ".d2" + *inputs.begin())) return;
        Tensor<double> total(0.0);
        for (const Tensor<double>& d : first) total = total + sum(d * d);
        compare(".d2", grad(total, leaves));
    }
};

}
