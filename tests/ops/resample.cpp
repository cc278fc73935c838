#include <tapegrad/ops/resample.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("resample: any axis, by any weights; backward is the transpose", T, float, double) {
    simd::AxisWeights<T> w(3);
    w.add(2, T(2));
    w.add(0, T(-1));
    w.end_result();
    w.end_result();  // nothing: 0
    w.add(1, T(1));
    w.add(1, T(3));  // twice the same
    w.end_result();
    w.add(0, T(5));
    w.end_result();
    const auto plan = std::make_shared<const detail::ResamplePlan<T>>(w);
    const Tensor<T> line = Tensor<T>{1, 10, 100}.requires_grad_();
    const Tensor<T> y = detail::resample_axis("resample", line, 0, plan);
    CHECK(to_vector(y) == std::vector<T>{199, 0, 40, 5});
    CHECK(to_vector(grad(y, {line}, {}, Tensor<T>{1, 7, 10, 100})[0]) == std::vector<T>{499, 40, 2});
    const Tensor<T> x = support::normal<T>({2, 3, 5});
    const Tensor<T> middle = detail::resample_axis("resample", x, 1, plan);
    CHECK(middle.shape() == Shape{2, 4, 5});
    support::for_each_place(middle.shape(), [&](const Dims& p, int64_t) {
        const T expected = p[1] == 0   ? 2 * x(p[0], 2, p[2]) - x(p[0], 0, p[2])
                           : p[1] == 1 ? T(0)
                           : p[1] == 2 ? 4 * x(p[0], 1, p[2])
                                       : 5 * x(p[0], 0, p[2]);
        CHECK(static_cast<double>(middle(p[0], p[1], p[2])) ==
              doctest::Approx(static_cast<double>(expected)));
    });
}
