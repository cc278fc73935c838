#include <tapegrad/flows/rebuilt.hpp>

#include <doctest/doctest.h>

#include <tapegrad/flows/act_norm.hpp>
#include <tapegrad/flows/linear_lu.hpp>
#include <tapegrad/flows/planar.hpp>
#include <tapegrad/flows/squeeze.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

namespace {

template <class T>
using Layer = Composed<ActNorm<T>, LinearLU<T>, Planar<T>>;

template <class T>
std::vector<Layer<T>> layers(int64_t depth, int64_t features) {
    Generator generator(5);
    std::vector<Layer<T>> list;
    for (int64_t i = 0; i < depth; ++i)
        list.emplace_back(ActNorm<T>(features), LinearLU<T>(features, generator),
                          Planar<T>(features, generator));
    return list;
}

/// y = x + context.
struct Shift {
    TAPEGRAD_FIELDS();
    template <class T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context) const {
        return {x + context, zeros<T>({x.size(0)}) + sum(context * T(3), {1})};
    }
    template <class T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context) const {
        return {y - context, zeros<T>({y.size(0)}) - sum(context * T(3), {1})};
    }
};

}

TEST_CASE_TEMPLATE("RebuiltList: values and gradients of ComposedList, both ways", T, float, double) {
    const double tolerance = std::is_same_v<T, float> ? 2e-3 : 1e-10;
    const RebuiltList rebuilt(layers<T>(6, 4));
    const ComposedList composed(rebuilt.bijectors);  // the same parameters
    const Tensor<T> x = support::normal<T>({5, 4}).requires_grad_();
    rebuilt.forward(x);  // sets the scales
    std::vector<Tensor<T>> by = parameters<T>(composed);
    by.push_back(x);
    const auto compare = [&](const Mapped<T>& got, const Mapped<T>& want) {
        CHECK(support::same_bits(detail::contiguous(got.value.detach()), want.value.detach()));
        CHECK(support::close(got.log_det.detach(), want.log_det.detach(), 1e-6));
        const auto loss = [](const Mapped<T>& y) { return sum(y.value * y.value) + sum(y.log_det * T(0.5)); };
        const auto a = grad(loss(got), by), b = grad(loss(want), by);
        for (std::size_t i = 0; i < by.size(); ++i) CHECK(support::close(a[i], b[i], tolerance));
    };
    compare(rebuilt.forward(x), composed.forward(x));
    compare(rebuilt.inverse(x), composed.inverse(x));
    support::check_bijector(rebuilt, x.detach());
}

TEST_CASE("RebuiltList: the gradient of a context, keys, errors") {
    const RebuiltList twice(std::vector<Shift>(2));
    const Tensor<double> x = support::normal<double>({2, 3});
    const Tensor<double> context = support::normal<double>({2, 3}, 2).requires_grad_();
    const Mapped<double> y = twice.forward(x, context);
    CHECK(
        support::close(grad(sum(y.value) + sum(y.log_det), {context})[0], full<double>({2, 3}, 8.0), 1e-12));
    CHECK(named_parameters(RebuiltList(layers<float>(1, 2))).contains("0.1.bias"));
    const RebuiltList squeezed{std::vector{Squeeze()}};
    CHECK(message<ShapeError>([&] {
              squeezed.forward(zeros<float>({1, 1, 2, 2}));
          }) == "RebuiltList: a bijector made (1, 4, 1, 1) of (1, 1, 2, 2); the shape must stay");
    CHECK(message<ShapeError>([&] { squeezed.forward(Tensor<float>(1.0F)); }) ==
          "RebuiltList: x () has no axis that counts the events");
}

TEST_CASE("RebuiltList: the memory of 32 bijectors is that of 4") {
    const int64_t n = 10000, features = 4, bytes = n * features * 4;
    const Tensor<float> x = support::normal<float>({n, features});
    const auto peak = [&](const auto& flow) {
        flow.forward(x);
        const int64_t before = pool::statistics().live_bytes;
        pool::reset_peak();
        const Mapped<float> y = flow.forward(x);
        (sum(square(y.value)) - sum(y.log_det)).backward();
        return pool::statistics().peak_bytes - before;
    };
    const int64_t shallow = peak(RebuiltList(layers<float>(4, features))),
                  deep = peak(RebuiltList(layers<float>(32, features))),
                  kept = peak(ComposedList(layers<float>(32, features)));
    CAPTURE(shallow);
    CAPTURE(deep);
    CAPTURE(kept);
    CHECK(deep - shallow < bytes);  // the gradients of the parameters
    CHECK(kept > 4 * deep);
}
