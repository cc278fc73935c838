#include <tapegrad/optim/clip.hpp>

#include <doctest/doctest.h>

#include <tapegrad/core/random.hpp>
#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {
template <class T>
std::vector<Tensor<T>> with_gradients() {
    Tensor<T> a = zeros<T>({3}), b = zeros<T>({2}), none = zeros<T>({4});
    a.set_grad(Tensor<T>{1, 2, 4});
    b.set_grad(Tensor<T>{-6, 8});
    return {a, none, b};
}
}

TEST_CASE_TEMPLATE("clip: scales to the norm and returns the one before", T, float, double) {
    auto params = with_gradients<T>();
    CHECK(grad_norm(params) == doctest::Approx(11));
    CHECK(clip_grad_norm(params, 20) == doctest::Approx(11));
    CHECK(params[0].grad()(2) == 4);
    CHECK(clip_grad_norm(params, 1.1) == doctest::Approx(11));
    CHECK(static_cast<double>(params[0].grad()(2)) == doctest::Approx(0.4));
    CHECK(static_cast<double>(params[2].grad()(0)) == doctest::Approx(-0.6));
    CHECK(grad_norm(params) == doctest::Approx(1.1));
    CHECK(!params[1].grad().defined());
}

TEST_CASE("clip: no gradients, zero gradients, NaN") {
    std::vector<Tensor<float>> params{zeros<float>({2})};
    CHECK(clip_grad_norm(params, 1) == 0);
    params[0].set_grad(zeros<float>({2}));
    CHECK(clip_grad_norm(params, 1) == 0);
    params[0].set_grad(Tensor<float>{1, std::numeric_limits<float>::quiet_NaN()});
    CHECK(std::isnan(clip_grad_norm(params, 1)));
    CHECK(std::isnan(static_cast<double>(params[0].grad()(0))));
    CHECK_THROWS_WITH_AS(clip_grad_norm(params, -1),
                         "clip_grad_norm: max_norm is -1; it must not be negative", ValueError);
}

TEST_CASE("clip: squares of large floats do not overflow; the bits do not depend on the threads") {
    std::vector<Tensor<float>> params{zeros<float>({100'003})};
    Tensor<float> g = empty<float>({100'003});
    Generator generator(1);
    fill_normal(g.mutable_data(), g.numel(), generator, 0.0F, 1e25F);
    params[0].set_grad(g);
    const int before = num_threads();
    set_num_threads(1);
    const double norm = grad_norm(params);
    CHECK(norm == doctest::Approx(1e25 * std::sqrt(100'003.0)).epsilon(0.02));
    for (int threads = 2; threads <= 4; ++threads) {
        set_num_threads(threads);
        CHECK(grad_norm(params) == norm);
    }
    set_num_threads(before);
}

TEST_CASE_TEMPLATE("clip: norms of any order", T, float, double) {
    const auto params = with_gradients<T>();  // 1, 2, 4, -6, 8
    const double inf = std::numeric_limits<double>::infinity();
    CHECK(grad_norm(params, {.norm_type = 1}) == doctest::Approx(21));
    CHECK(grad_norm(params, {.norm_type = inf}) == 8);
    CHECK(grad_norm(params, {.norm_type = 3}) == doctest::Approx(std::cbrt(801.0)));
    CHECK(grad_norm(params, {.norm_type = 0.5}) ==
          doctest::Approx(std::pow(3 + std::sqrt(2.0) + std::sqrt(6.0) + std::sqrt(8.0), 2)));
    CHECK(clip_grad_norm(params, 4, {.norm_type = inf}) == 8);
    CHECK(static_cast<double>(params[2].grad()(0)) == doctest::Approx(-3));
    auto large = with_gradients<T>();
    large[0].set_grad(full<T>({3}, std::sqrt(std::numeric_limits<T>::max())));
    CHECK(
        grad_norm(large, {.norm_type = 4}) ==
        doctest::Approx(std::sqrt(static_cast<double>(std::numeric_limits<T>::max())) * std::pow(3.0, 0.25)));
    large[0].set_grad(full<T>({3}, std::numeric_limits<T>::quiet_NaN()));
    for (const double p : {1.0, 2.0, 3.0, inf}) CHECK(std::isnan(grad_norm(large, {.norm_type = p})));
    large[0].set_grad(zeros<T>({3}));
    large[2].set_grad(zeros<T>({2}));
    for (const double p : {1.0, 2.0, 3.0, inf}) CHECK(grad_norm(large, {.norm_type = p}) == 0);
    const std::vector<Tensor<T>> none{zeros<T>({3})};
    CHECK(grad_norm(none, {.norm_type = inf}) == 0);
}

TEST_CASE_TEMPLATE("clip: by value, NaN stays", T, float, double) {
    auto params = with_gradients<T>();
    Tensor<T> strided = zeros<T>({2, 2});
    strided.set_grad(detail::view_of(Tensor<T>{1, 9, 2, -9}, {2, 2}, {1, 2}));
    params.push_back(strided);
    params[0].set_grad(Tensor<T>{1, std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()});
    clip_grad_value(params, 2.5);
    CHECK(params[0].grad()(0) == 1);
    CHECK(std::isnan(params[0].grad()(1)));
    CHECK(static_cast<double>(params[0].grad()(2)) == 2.5);
    CHECK(static_cast<double>(params[2].grad()(0)) == -2.5);
    CHECK(static_cast<double>(params[3].grad()(1, 0)) == 2.5);
    CHECK(params[3].grad()(0, 1) == 2);
    CHECK(!params[1].grad().defined());
}

TEST_CASE("clip: errors") {
    auto params = with_gradients<float>();
    CHECK_THROWS_WITH_AS(clip_grad_value(params, -1),
                         "clip_grad_value: clip_value is -1; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(grad_norm(params, {.norm_type = 0}), "grad_norm: norm_type is 0; it must be above 0",
                         ValueError);
    params[0].set_grad(Tensor<float>{1, 2, std::numeric_limits<float>::infinity()});
    CHECK_THROWS_WITH_AS(clip_grad_norm(params, 1, {.error_if_nonfinite = true}),
                         "clip_grad_norm: the norm of the gradients is inf; they cannot be clipped",
                         ValueError);
    CHECK(params[0].grad()(0) == 1);
}
