#include <tapegrad/flows/flow.hpp>

#include <doctest/doctest.h>

#include <tapegrad/distributions/distribution.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// Adds the context to an event.
struct Shift {
    TAPEGRAD_FIELDS();

    template <class T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context) const {
        return {context.defined() ? x + context : x, zeros<T>({x.size(0)})};
    }
    template <class T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context) const {
        return {context.defined() ? y - context : y, zeros<T>({y.size(0)})};
    }
};

}

TEST_CASE_TEMPLATE("StandardNormal: density and draws", T, float, double) {
    const StandardNormal<T> d({2, 2});
    static_assert(Distribution<StandardNormal<T>>);
    const Tensor<T> x = ones<T>({3, 2, 2});
    CHECK(d.log_prob(x).shape() == Shape{3});
    CHECK(d.log_prob(x).data()[1] == doctest::Approx(-2 - 2 * std::log(2 * 3.14159265358979)));
    Generator generator(1);
    CHECK(d.sample({5}, generator).shape() == Shape{5, 2, 2});
    CHECK(message<ShapeError>([&] {
              d.log_prob(zeros<T>({3, 2}));
          }) == "StandardNormal: x (3, 2) does not end in an event (2, 2)");
}

TEST_CASE("Flow: log_prob, draws, contexts") {
    const Flow flow(StandardNormal<double>({2}), Shift());
    Generator one(3), two(3);
    const Tensor<double> context{{5.0, 5.0}, {-5.0, -5.0}};
    const Tensor<double> x = flow.sample(2, one, context);
    const auto [value, log_prob] = flow.sample_with_log_prob(2, two, context);
    CHECK(support::same_bits(x, value));
    CHECK(support::close(log_prob, flow.log_prob(x, context), 1e-12));
    CHECK(flow.log_prob(x).data()[0] == doctest::Approx(flow.base.log_prob(x).data()[0]));
    CHECK(flow.sample(0, one).shape() == Shape{0, 2});
    CHECK(message<ShapeError>([&] { flow.sample(3, one, context); }) ==
          "Flow: 3 draws with a context (2, 2): its first axis counts the draws");
}
