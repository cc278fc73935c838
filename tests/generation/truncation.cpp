#include <tapegrad/generation/truncation.hpp>

#include "../support/message.hpp"
#include "../support/values.hpp"
#include "golden.hpp"

using namespace tapegrad;
using support::check_golden, support::left_of, support::message;

TEST_CASE_TEMPLATE("truncation: as transformers", T, float, double) {
    check_golden<T>("top_k_1", TopK(1));
    check_golden<T>("top_k_7", TopK(7));
    check_golden<T>("top_k_55", TopK(55));
    check_golden<T>("top_k_1000", TopK(1000));
    check_golden<T>("top_p_0.1", TopP(0.1));
    check_golden<T>("top_p_0.6", TopP(0.6));
    check_golden<T>("top_p_0.95", TopP(0.95));
    check_golden<T>("top_p_0.999", TopP(0.999));
    check_golden<T>("min_p_0.05", MinP(0.05));
    check_golden<T>("min_p_0.5", MinP(0.5));
    check_golden<T>("typical_0.2", Typical(0.2));
    check_golden<T>("typical_0.9", Typical(0.9));
    check_golden<T>("typical_0.99", Typical(0.99));
    check_golden<T>("epsilon_0.003", EpsilonCutoff(0.003));
    check_golden<T>("epsilon_0.5", EpsilonCutoff(0.5));
    check_golden<T>("eta_0.003", EtaCutoff(0.003));
    check_golden<T>("eta_0.1", EtaCutoff(0.1));
    check_golden<T>("sigma", TopNSigma(1.2));
    check_golden<T>("chain_common", Chain{Temperature(0.7), TopK(7), TopP(0.6)}, 1e-6);
    check_golden<T>("chain_cutoffs",
                    Chain{Temperature(1.9), EpsilonCutoff(0.003), EtaCutoff(0.003), TopP(0.6)}, 1e-6);
}

TEST_CASE_TEMPLATE("truncation: equals share their fate, in any order", T, float, double) {
    const std::vector<T> x{T(2), T(1), T(2), T(0), T(1), T(1)};
    CHECK(left_of(x, TopK(1)) == std::vector<int64_t>{0, 2});
    CHECK(left_of(x, TopK(3)) == std::vector<int64_t>{0, 1, 2, 4, 5});
    CHECK(left_of(x, TopP(0.01)) == std::vector<int64_t>{0, 2});
    CHECK(left_of(x, TopP(0.7)) == std::vector<int64_t>{0, 1, 2, 4, 5});
    CHECK(left_of(x, MinP(1)) == std::vector<int64_t>{0, 2});
    CHECK(left_of(std::vector<T>(9, T(3)), TopP(0.5)).size() == 9);
    CHECK(left_of(std::vector<T>(9, T(3)), Typical(0.5)).size() == 9);
    CHECK(left_of(std::vector<T>(9, T(3)), TopNSigma(0)).size() == 9);
}

TEST_CASE_TEMPLATE("truncation: a large vocabulary, against a sort", T, float, double) {
    for (const T spread : {T(0.5), T(4), T(20)}) {
        auto x = support::random_values<T>(50257, 9);
        for (T& v : x) v *= spread;
        std::vector<T> sorted = x;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        double total = 0;
        for (const T v : sorted) total += std::exp(static_cast<double>(v));
        for (const double p : {0.2, 0.9}) {
            double sum = 0;
            std::size_t count = 0;
            while (sum < p * total) sum += std::exp(static_cast<double>(sorted[count++]));
            const auto left = left_of(x, TopP(p)).size();
            CHECK(left + 1 >= count);
            CHECK(left <= count + 1);
        }
        CHECK(left_of(x, TopK(40)).size() == 40);
        CHECK(left_of(x, TopK(20000)).size() == 20000);
    }
}

TEST_CASE_TEMPLATE("truncation: at least one is left", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    for (const auto& x :
         {std::vector<T>{T(4)}, std::vector<T>{-inf, T(4), -inf}, std::vector<T>{T(-1e30), T(1e30), T(0)}}) {
        CHECK(left_of(x, TopP(1e-12)).size() == 1);
        CHECK(left_of(x, MinP(1)).size() == 1);
        CHECK(left_of(x, TopNSigma(0)).size() == 1);
        CHECK(left_of(x, Typical(1e-12)).size() == 1);
        CHECK(left_of(x, EpsilonCutoff(0.99)).size() == 1);
        CHECK(left_of(x, EtaCutoff(0.99)).size() == 1);
        CHECK(left_of(x, TopP(1)).size() == x.size());
        CHECK(left_of(x, Typical(1)).size() == x.size());
    }
}

TEST_CASE("truncation: errors") {
    const double nan = std::nan("");
    CHECK(message<ValueError>([] { TopK(0); }) == "TopK: k 0 is less than 1");
    CHECK(message<ValueError>([] { TopK(-3); }) == "TopK: k -3 is less than 1");
    CHECK(message<ValueError>([] { TopP(0); }) == "TopP: 0 is outside (0, 1]");
    CHECK(message<ValueError>([] { TopP(1.5); }) == "TopP: 1.5 is outside (0, 1]");
    CHECK(message<ValueError>([=] { TopP{nan}; }) == "TopP: nan is outside (0, 1]");
    CHECK(message<ValueError>([] { MinP(-0.1); }) == "MinP: -0.1 is outside (0, 1]");
    CHECK(message<ValueError>([] { Typical(2); }) == "Typical: 2 is outside (0, 1]");
    CHECK(message<ValueError>([] { TopNSigma(-1); }) == "TopNSigma: n -1 is not a number of at least 0");
    CHECK(message<ValueError>([] { EpsilonCutoff(1); }) == "EpsilonCutoff: 1 is outside (0, 1)");
    CHECK(message<ValueError>([] { EtaCutoff(0); }) == "EtaCutoff: 0 is outside (0, 1)");
}
