#include <tapegrad/loss/mse.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::Golden;

TEST_CASE_TEMPLATE("mse: value", T, float, double) {
    for (const int64_t n : {1, 7, 8, 9, 16, 17, 33, 1000}) {
        const Tensor<T> a = support::normal<T>({3, n}), b = support::normal<T>({n}, 2);
        double want = 0;
        support::for_each_place(a.shape(), [&](const Dims& place, int64_t i) {
            const double d =
                static_cast<double>(a.data()[i]) - static_cast<double>(support::broadcast_at(b, place));
            want += d * d;
        });
        CHECK(static_cast<double>(mse_loss(a, b, Reduction::sum).item()) ==
              doctest::Approx(want).epsilon(1e-5));
        CHECK(static_cast<double>(mse_loss(a, b).item()) ==
              doctest::Approx(want / static_cast<double>(3 * n)).epsilon(1e-5));
        CHECK(mse_loss(a, b, Reduction::none).shape() == a.shape());
    }
    Tensor<T> x = zeros<T>({20});
    for (int64_t at = 0; at < 20; ++at) {
        x.set({at}, std::numeric_limits<T>::quiet_NaN());
        CHECK(std::isnan(mse_loss(x, zeros<T>({20})).item()));
        x.set({at}, T(0));
    }
}

TEST_CASE("mse: gradients") {
    const Tensor<double> a = support::normal<double>({2, 3}), b = support::normal<double>({3}, 2);
    for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum})
        CHECK_GRAD([=](const auto& v) { return mse_loss(v[0] * v[0], v[1], reduction); }, {a, b}, 3);
}

TEST_CASE("mse: PyTorch's values and gradients") {
    Golden::check("mse.mean", {"a", "b"}, [](const auto& v) { return mse_loss(v[0], v[1]); });
    Golden::check("mse.sum", {"a", "b"}, [](const auto& v) { return mse_loss(v[0], v[1], Reduction::sum); });
    Golden::check("mse.none", {"a", "b"},
                  [](const auto& v) { return mse_loss(v[0], v[1], Reduction::none); });
}

TEST_CASE("mse: errors") {
    CHECK(support::message<ShapeError>([] {
              static_cast<void>(mse_loss(zeros<float>({2}), zeros<float>({3})));
          }) == "mse_loss: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
}
