#include <tapegrad/optim/lookahead.hpp>

#include <doctest/doctest.h>

#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/sgd.hpp>

#include "reference.hpp"

using namespace tapegrad;

namespace {
template <class T>
reference::Maker<T> maker() {
    return [](const std::vector<Tensor<T>>& params) {
        return reference::forget(
            std::make_shared<Lookahead<SGD<T>>>(SGD<T>(params, {.lr = 0.01, .momentum = 0.9})));
    };
}
}

TEST_CASE("lookahead: equals its paper over 100 steps") {
    CHECK(reference::difference_to_golden<double>("lookahead", maker<double>()) <
          reference::tolerance<double>);
    CHECK(reference::difference_to_golden<float>("lookahead", maker<float>()) < reference::tolerance<float>);
}

TEST_CASE("lookahead: a saved state continues bit for bit") {
    reference::resumes(maker<float>());
    reference::resumes([](const std::vector<Tensor<float>>& params) {
        return reference::forget(
            std::make_shared<Lookahead<AdamW<float>>>(AdamW(params), LookaheadOptions{.k = 2, .alpha = 0.3}));
    });
}

TEST_CASE("lookahead: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Lookahead(SGD(params), {.k = 0}), "Lookahead: k is 0; it must be at least 1",
                         ValueError);
    CHECK_THROWS_WITH_AS(Lookahead(SGD(params), {.alpha = 0}), "Lookahead: alpha is 0; it must be in (0, 1]",
                         ValueError);
    Lookahead optimizer(SGD(params, {})), other(SGD(std::vector{ones<float>({2})}, {}));
    CHECK_THROWS_WITH_AS(other.load_state_dict(optimizer.state_dict()),
                         "Lookahead: the state slow.0 is (3,) of float32, not (2,) of float32", ValueError);
    StateDict strange = optimizer.state_dict();
    strange.add("slow.1", ones<float>({3}));
    CHECK_THROWS_WITH_AS(optimizer.load_state_dict(strange),
                         "Lookahead: the state has 4 tensors, not those of 1 parameters", ValueError);
}
