#include <tapegrad/optim/gain_schedule.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/message.hpp"

using namespace tapegrad;

TEST_CASE("gain_schedule: values") {
    const GainSchedule gain{.a = 2, .A = 3, .alpha = 0.5};
    CHECK(gain(1) == doctest::Approx(1));
    CHECK(gain(13) == doctest::Approx(0.5));
    CHECK(GainSchedule{}(4) == doctest::Approx(0.25));
}

TEST_CASE("gain_schedule: the conditions of Robbins and Monro") {
    const auto refused = [](const GainSchedule& g) {
        return support::message<ValueError>([&] { check_robbins_monro(g); });
    };
    CHECK_NOTHROW(check_robbins_monro({}));
    CHECK_NOTHROW(check_robbins_monro({.a = 5, .A = 100, .alpha = 0.51}));
    CHECK(refused({.alpha = 1.1}) ==
          "RobbinsMonro: alpha is 1.1: the sum of a_k is finite; it must be at most 1");
    CHECK(refused({.alpha = 0.5}) ==
          "RobbinsMonro: alpha is 0.5: the sum of a_k^2 is infinite; it must be above 1/2");
    CHECK(refused({.a = 0}) == "RobbinsMonro: gain: a is 0; it must be above 0 and finite");
    CHECK(refused({.A = -1}) == "RobbinsMonro: gain: A is -1; it must be above -1 and finite");
    CHECK(refused({.alpha = std::numeric_limits<double>::quiet_NaN()}) ==
          "RobbinsMonro: alpha is nan: the sum of a_k is finite; it must be at most 1");
}

TEST_CASE("gain_schedule: the conditions on differences") {
    const auto refused = [](double alpha, double gamma, bool products = true) {
        return support::message<ValueError>(
            [&] { check_differences("KieferWolfowitz", {.alpha = alpha}, {.alpha = gamma}, products); });
    };
    CHECK(refused(1, 1.0 / 6) == "nothing thrown");
    CHECK(refused(0.602, 0.101, false) == "nothing thrown");
    CHECK(
        refused(0.602, 0.101) ==
        "KieferWolfowitz: alpha 0.602 and gamma 0.101: the sum of a_k c_k is infinite; alpha + gamma must be "
        "above 1");
    CHECK(refused(1, 0) == "KieferWolfowitz: gamma is 0: distances do not fall; it must be above 0");
    CHECK(refused(1.2, 0.1) ==
          "KieferWolfowitz: alpha is 1.2: the sum of a_k is finite; it must be at most 1");
    CHECK(
        refused(1, 0.5) ==
        "KieferWolfowitz: alpha 1 and gamma 0.5: the sum of (a_k / c_k)^2 is infinite; alpha - gamma must be "
        "above 1/2");
    CHECK(support::message<ValueError>([] { check_differences("Spsa", {}, {.a = -1}, false); }) ==
          "Spsa: distance: a is -1; it must be above 0 and finite");
}
