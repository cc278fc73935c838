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
