#include <tapegrad/flows/bijector.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/nn/init.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// y = scale x + shift, the same for each number of an event.
template <class T>
struct Affine {
    Tensor<T> scale, shift;
    TAPEGRAD_FIELDS(scale, shift);

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>&) const {
        return {scale * x + shift, detail::sum_events(log(abs(scale)) + zeros_like(x))};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>&) const {
        return {(y - shift) / scale, detail::sum_events(zeros_like(y) - log(abs(scale)))};
    }
};
/// y = e^x.
struct Exponential {
    TAPEGRAD_FIELDS();

    template <class T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>&) const {
        return {exp(x), detail::sum_events(x)};
    }
    template <class T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>&) const {
        return {log(y), detail::sum_events(-log(y))};
    }
};

}

TEST_CASE_TEMPLATE("Composed: forwards from the first, backwards from the last", T, float, double) {
    const Composed both(Affine<T>{parameter(full<T>({}, T(2))), parameter(full<T>({}, T(1)))}, Exponential());
    static_assert(Bijector<decltype(both), T>);
    const Tensor<T> x{{T(-1), T(0)}, {T(0.5), T(0.25)}};
    const Mapped<T> y = both.forward(x);
    CHECK(y.value.shape() == x.shape());
    CHECK(y.value.data()[0] == doctest::Approx(std::exp(-1.0)));
    // 2 log 2 of the first, the sum of 2 x + 1 of the second
    CHECK(y.log_det.data()[0] == doctest::Approx(2 * std::log(2.0) + 0));
    CHECK(y.log_det.data()[1] == doctest::Approx(2 * std::log(2.0) + 3.5));
    const Mapped<T> back = both.inverse(y.value);
    CHECK(support::close(back.value, x, 1e-6));
    CHECK(support::close(back.log_det, -y.log_det, 1e-6));
    support::check_bijector(both, x);
    if constexpr (std::same_as<T, double>) support::check_bijector_gradients(both, x);
    CHECK(named_parameters(both).contains("0.scale"));

    backward(sum(y.value) + sum(y.log_det));
    const Tensor<T> slope = std::get<0>(both.bijectors).scale.grad();
    double expected = 0;
    for (const double v : {-1.0, 0.0, 0.5, 0.25}) expected += v * std::exp(2 * v + 1) + v + 0.5;
    CHECK(slope.item() == doctest::Approx(expected));
}

TEST_CASE("ComposedList: many of one type, and none") {
    const Tensor<double> x{{1.0, 2.0, 3.0}};
    const ComposedList<Affine<double>> none;
    CHECK(none.forward(x).value.is_same(x));
    CHECK(none.forward(x).log_det.item() == 0);
    CHECK(none.inverse(x).log_det.shape() == Shape{1});
    const ComposedList twice(std::vector{Affine<double>{full<double>({}, 2.0), full<double>({}, 1.0)},
                                         Affine<double>{full<double>({}, -3.0), full<double>({}, 0.5)}});
    const Mapped<double> y = twice.forward(x);
    CHECK(y.value.data()[0] == -8.5);
    CHECK(y.log_det.item() == doctest::Approx(3 * std::log(6.0)));
    CHECK(support::close(twice.inverse(y.value).value, x, 1e-12));
    CHECK(twice.inverse(y.value).log_det.item() == doctest::Approx(-3 * std::log(6.0)));
}

TEST_CASE("Inverse: the other way round") {
    const Inverse logarithm{Exponential()};
    static_assert(Bijector<decltype(logarithm), double>);
    const Tensor<double> x{{1.0, 2.0}};
    CHECK(logarithm.forward(x).value.data()[1] == doctest::Approx(std::log(2.0)));
    CHECK(logarithm.forward(x).log_det.item() == doctest::Approx(-std::log(2.0)));
    CHECK(logarithm.inverse(x).value.data()[0] == doctest::Approx(std::exp(1.0)));
}

TEST_CASE("bijectors: shapes and errors") {
    const Composed one{Exponential()};
    CHECK(one.forward(zeros<float>({0, 3})).log_det.shape() == Shape{0});
    CHECK(one.forward(zeros<float>({2, 3, 4, 5})).log_det.shape() == Shape{2});
    CHECK(one.forward(zeros<float>({7})).log_det.shape() == Shape{7});
    CHECK(message<ShapeError>([&] { one.forward(Tensor<float>(1.0f)); }) ==
          "Composed: x () has no axis that counts the events");
}
