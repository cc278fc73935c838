#include <tapegrad/autograd/rebuild.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// y = e^scale x + shift.
template <class T>
struct Scale {
    Tensor<T> scale, shift;
    Tensor<T> forward(const Tensor<T>& x) const { return exp(scale) * x + shift; }
    Tensor<T> inverse(const Tensor<T>& y) const { return (y - shift) * exp(-scale); }
    std::vector<Tensor<T>> parameters() const { return {scale, shift}; }
};
template <class T>
std::vector<Scale<T>> chain(int64_t depth, int64_t width) {
    std::vector<Scale<T>> steps;
    for (int64_t i = 0; i < depth; ++i) {
        const auto seed = static_cast<std::uint64_t>(i);
        steps.push_back({(support::normal<T>({width}, seed) * T(0.1)).requires_grad_(),
                         support::normal<T>({width}, seed + 100)});
    }
    return steps;
}
template <class T>
Tensor<T> plain(const std::vector<Scale<T>>& steps, Tensor<T> x) {
    for (const Scale<T>& s : steps) x = s.forward(x);
    return x;
}

}

TEST_CASE_TEMPLATE("rebuild: results and gradients of the steps themselves", T, float, double) {
    auto steps = chain<T>(5, 3);
    steps[2].shift = steps[2].shift.requires_grad_();
    steps.push_back(steps[1]);  // a step that comes twice gets both its gradients
    const Tensor<T> x = support::normal<T>({4, 3}).requires_grad_(), h = x * T(2);
    const std::vector<Tensor<T>> by{x, h, steps[0].scale, steps[1].scale, steps[2].shift, steps[4].scale};
    const Tensor<T> y = rebuild(steps, h), expected = plain(steps, h);
    CHECK(support::same_bits(y.detach(), expected.detach()));
    const Tensor<T> dy = support::normal<T>({4, 3}, 7);
    const auto got = grad(y, by, {.retain_graph = true}, dy),
               want = grad(expected, by, {.retain_graph = true}, dy);
    for (std::size_t i = 0; i < by.size(); ++i)
        CHECK(support::close(got[i], want[i], std::is_same_v<T, float> ? 1e-5 : 1e-13));
    backward(y, dy);
    CHECK(support::close(x.grad(), want[0], std::is_same_v<T, float> ? 1e-5 : 1e-13));
    CHECK(support::close(steps[1].scale.grad(), want[3], std::is_same_v<T, float> ? 1e-5 : 1e-13));
    CHECK_FALSE(steps[0].shift.grad().defined());
}

TEST_CASE("rebuild: the memory is that of one step, whatever the depth") {
    const int64_t rows = 1000, width = 16, bytes = rows * width * 8;
    const Tensor<double> x = support::normal<double>({rows, width});
    const auto peak = [&](int64_t depth, bool rebuilds) {
        const auto steps = chain<double>(depth, width);
        const int64_t before = pool::statistics().live_bytes;
        pool::reset_peak();
        sum(square(rebuilds ? rebuild(steps, x) : plain(steps, x))).backward();
        return pool::statistics().peak_bytes - before;
    };
    const int64_t shallow = peak(4, true), deep = peak(32, true);
    CHECK(deep < shallow + bytes / 2);
    CHECK(deep < 10 * bytes);
    CHECK(peak(32, false) > 32 * bytes);
}

TEST_CASE("rebuild: no steps, no gradients, errors") {
    const Tensor<double> x = support::normal<double>({2, 3}).requires_grad_();
    const Tensor<double> same = rebuild(std::vector<Scale<double>>(), x);
    CHECK(support::same_bits(grad(sum(same), {x})[0], ones<double>({2, 3})));
    auto steps = chain<double>(2, 3);
    {
        const no_grad off;
        CHECK_FALSE(rebuild(steps, x).requires_grad());
    }
    CHECK(message<AutogradError>([&] { grad(sum(rebuild(steps, x)), {x}, {.create_graph = true}); }) ==
          "rebuild: there are no gradients of gradients, for what went into the steps is not kept; use the "
          "steps themselves");
    const Tensor<double> y = rebuild(steps, x);
    {
        const no_grad values;
        steps[0].scale.mutable_data()[0] = 1;
    }
    CHECK_THROWS_AS(sum(y).backward(), AutogradError);
}
