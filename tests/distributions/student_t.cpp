#include <tapegrad/distributions/student_t.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("StudentT: PyTorch's, gradients") {
    DistributionCase("student_t").check([](const auto& p) { return StudentT(p[0], p[1], p[2]); });
}

TEST_CASE("StudentT: draws") {
    const StudentT d(X{1, 2, 30}, X{0, 5, -1}, X{1, 2, 3});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    const X z = (x - d.loc) / d.scale;
    // The shares below z for one and two degrees of freedom.
    CHECK(support::evenness(0.5 + atan(select(z, 1, 0)) * (1 / 3.14159265358979323846)) < 2.7);
    const X two = select(z, 1, 1);
    CHECK(support::evenness(0.5 + two / (2 * sqrt(2.0 + two * two))) < 2.7);
    CHECK(support::mean_error(slice(x, 1, 2), slice(d.mean(), 0, 2), slice(d.variance(), 0, 2)) < 6);
    CHECK(StudentT(Tensor<float>(3.0F), Tensor<float>(0.0F), Tensor<float>(1.0F))
              .sample({2}, generator)
              .shape() == Shape{2});
}

TEST_CASE("StudentT: draws move with their parameters") {
    const X n = X{4}.requires_grad_(), m = X{1}.requires_grad_(), s = X{2}.requires_grad_();
    Generator generator(1);
    const X x = StudentT(n, m, s).rsample({}, generator);
    const auto d = grad(x, {n, m, s}, {}, ones<double>({1}));
    CHECK(d[1].item() == 1);
    CHECK(d[2].item() == doctest::Approx((x.item() - 1) / 2));
    // More degrees of freedom draw far numbers nearer: the mean square is n / (n - 2).
    const X many = full<double>({200000}, 10.0).requires_grad_();
    const X slope = grad(sum(square(StudentT(many, X(0.0), X(1.0)).rsample({}, generator))), {many})[0];
    double sum = 0;
    for (int64_t i = 0; i < slope.numel(); ++i) sum += slope(i) / static_cast<double>(slope.numel());
    CHECK(std::fabs(sum + 2.0 / 64) < 0.003);
}

TEST_CASE("StudentT: the whole is 1; errors") {
    CHECK(support::total_probability(StudentT(X(5.0), X(1.0), X(0.5)), -60, 60) == doctest::Approx(1));
    CHECK(message<ValueError>([] { StudentT(X{0.0}, X{0}, X{1}); }) ==
          "StudentT: df holds 0; it must be above 0");
    CHECK(message<ValueError>([] { StudentT(X{1}, X{0}, X{-1}); }) ==
          "StudentT: scale holds -1; it must be above 0");
}
