#include <tapegrad/autograd/grad_mode.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <tapegrad/ops/elementwise.hpp>
#include <thread>

#include "../support/message.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<float>;

TEST_CASE("grad_mode: scopes nest and end") {
    CHECK(grad_enabled());
    {
        const no_grad off;
        CHECK_FALSE(grad_enabled());
        {
            const enable_grad on;
            CHECK(grad_enabled());
            const no_grad off_again;
            CHECK_FALSE(grad_enabled());
        }
        CHECK_FALSE(grad_enabled());
    }
    CHECK(grad_enabled());
    try {
        const no_grad off;
        throw std::runtime_error("out");
    } catch (const std::runtime_error&) {
        CHECK(grad_enabled());
    }
}

TEST_CASE("grad_mode: belongs to its thread") {
    const no_grad off;
    bool there = false;
    std::thread([&] { there = grad_enabled(); }).join();
    CHECK(there);
}

TEST_CASE("grad_mode: what is computed without it is constant") {
    const X x = X{2}.requires_grad_();
    X y;
    {
        const no_grad off;
        y = x * x;
        CHECK_FALSE(y.requires_grad());
        const enable_grad on;
        CHECK((x * x).requires_grad());
    }
    CHECK_FALSE(y.requires_grad());
    (x * y).backward();
    CHECK(x.grad().item() == 4);
}

TEST_CASE("grad_mode: detect_anomaly names the operation whose output went wrong") {
    const X x = X{-1, 4}.requires_grad_();
    CHECK_NOTHROW(static_cast<void>(log(x)));
    const detect_anomaly watched;
    CHECK_NOTHROW(static_cast<void>(exp(x)));
    CHECK(message<AutogradError>([&] { static_cast<void>(log(x)); }) ==
          "log: the output has a NaN or an Inf (found by detect_anomaly)");
    CHECK(message<AutogradError>([&] { static_cast<void>(1 / (x + 1)); }) ==
          "div: the output has a NaN or an Inf (found by detect_anomaly)");
    const auto f = [](const auto& v) { return v / (v - 4); };
    CHECK(message<AutogradError>([&] { static_cast<void>(map("ratio", f, x)); }) ==
          "ratio: the output has a NaN or an Inf (found by detect_anomaly)");
    // Also where nothing is recorded.
    CHECK_THROWS_AS(static_cast<void>(log(x.detach())), AutogradError);
}

TEST_CASE("grad_mode: detect_anomaly names the operation whose gradient went wrong") {
    const X x = X{0}.requires_grad_();
    const X y = sqrt(x);
    {
        const detect_anomaly watched;
        CHECK(message<AutogradError>([&] { y.backward(); }) ==
              "sqrt: the gradient has a NaN or an Inf (found by detect_anomaly)");
    }
    sqrt(x).backward();
    CHECK(x.grad().item() == std::numeric_limits<float>::infinity());
}
