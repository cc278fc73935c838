#include <tapegrad/loss/cross_entropy.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::Golden;
using support::message;

namespace {

Tensor<int64_t> random_targets(int64_t n, int64_t classes) {
    Tensor<int64_t> t = empty<int64_t>({n});
    Generator generator(9);
    fill_randint(detail::output(t), n, generator, 0, classes);
    return t;
}

}

TEST_CASE_TEMPLATE("cross_entropy: value", T, float, double) {
    constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    constexpr int64_t W = simd::width<T>;
    for (const int64_t classes : {int64_t{1}, W - 1, W, W + 1, 2 * W + 1, int64_t{1000}})
        for (const double smoothing : {0.0, 0.1, 1.0}) {
            CAPTURE(classes);
            const Tensor<T> x = support::uniform<T>({6, classes}, -10, 10);
            Tensor<int64_t> target = random_targets(6, classes);
            target.set({2}, -100);
            Tensor<double> want = zeros<double>({6});
            for (int64_t r = 0; r < 6; ++r) {
                if (r == 2) continue;
                double total = 0, mean = 0;
                for (int64_t i = 0; i < classes; ++i) {
                    total += std::exp(static_cast<double>(x(r, i)));
                    mean += static_cast<double>(x(r, i)) / static_cast<double>(classes);
                }
                detail::output(want)[r] = std::log(total) -
                                          (1 - smoothing) * static_cast<double>(x(r, target(r))) -
                                          smoothing * mean;
            }
            const CrossEntropyOptions options{.label_smoothing = smoothing, .reduction = Reduction::none};
            CHECK(support::close(cross_entropy(x, target, options), want, 32 * eps));
            CHECK(support::same_bits(cross_entropy(support::spread(x), support::spread(target), options),
                                     cross_entropy(x, target, options)));
            double mean = 0;
            for (int64_t r = 0; r < 6; ++r) mean += want(r) / 5;
            CHECK(static_cast<double>(cross_entropy(x, target, {.label_smoothing = smoothing}).item()) ==
                  doctest::Approx(mean).epsilon(64 * eps));
        }
}

TEST_CASE("cross_entropy: a NaN spoils its row and no other, wherever it is") {
    for (int64_t at = 0; at < 19; ++at) {
        Tensor<float> x = support::normal<float>({3, 19});
        x.set({1, at}, NAN);
        const Tensor<float> y = cross_entropy(x, Tensor<int64_t>{3, 4, 5}, {.reduction = Reduction::none});
        CHECK_FALSE(std::isnan(y(0)));
        CHECK(std::isnan(y(1)));
        CHECK_FALSE(std::isnan(y(2)));
    }
}

TEST_CASE("cross_entropy: gradients") {
    const Tensor<double> x = support::normal<double>({3, 4});
    const Tensor<int64_t> target{1, -100, 3};
    for (const double smoothing : {0.0, 0.2})
        for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum})
            CHECK_GRAD(
                [&](const auto& v) {
                    return cross_entropy(v[0], target,
                                         {.label_smoothing = smoothing, .reduction = reduction});
                },
                {x}, reduction == Reduction::mean ? 3 : 2);
    CHECK_GRAD(
        [&](const auto& v) {
            return cross_entropy(v[0], Tensor<int64_t>{{1, 0}, {20, 5}});
        },
        {support::spread(support::normal<double>({2, 2, 21}))}, 2);
}

TEST_CASE("cross_entropy: PyTorch's values and gradients") {
    const std::pair<const char*, Reduction> reductions[] = {
        {"mean", Reduction::mean}, {"sum", Reduction::sum}, {"none", Reduction::none}};
    const auto check = [](const std::string& name, const CrossEntropyOptions& options) {
        const auto target = Golden::get<int64_t>(name + ".target");
        Golden::check(name, {"x"}, [&](const auto& v) { return cross_entropy(v[0], target, options); });
    };
    for (const auto& [text, reduction] : reductions)
        for (const double smoothing : {0.0, 0.1})
            for (const char* ignore : {"", "ignore_"})
                check(std::string("cross_entropy.") + (smoothing > 0 ? "smooth_" : "") + ignore + text,
                      {.label_smoothing = smoothing, .reduction = reduction});
    check("cross_entropy.ignore_id", {.ignore_index = 2});
    check("cross_entropy.large", {});
    check("cross_entropy.all_ignored", {});
}

TEST_CASE("cross_entropy: the bits do not depend on the number of threads") {
    const Tensor<float> x = support::normal<float>({1000, 65});
    const Tensor<int64_t> target = random_targets(1000, 65);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        const Tensor<float> in = detail::copy(x).requires_grad_();
        const Tensor<float> y = cross_entropy(in, target);
        return std::array{y.detach(), grad(y, {in})[0]};
    };
    const auto one = run(1);
    for (int threads = 2; threads <= 4; ++threads)
        for (std::size_t i = 0; i < 2; ++i) CHECK(support::same_bits(one[i], run(threads)[i]));
}

TEST_CASE("cross_entropy: errors") {
    const Tensor<float> x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] {
              static_cast<void>(cross_entropy(x, Tensor<int64_t>{1, 2, 0}));
          }) ==
          "cross_entropy: logits (2, 3) and targets (3,) do not fit: targets have the axes of logits without "
          "the last");
    CHECK(message<IndexError>([&] {
              static_cast<void>(cross_entropy(x, Tensor<int64_t>{1, 3}));
          }) == "cross_entropy: target 3 at place 1 is outside [0, 3)");
    CHECK(message<ValueError>([&] {
              static_cast<void>(cross_entropy(x, Tensor<int64_t>{1, 2}, {.label_smoothing = 1.5}));
          }) == "cross_entropy: label_smoothing is 1.5; it must be in [0, 1]");
}
