#include <tapegrad/generation/candidates.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/message.hpp"
#include "../support/values.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("candidates: the whole vocabulary, then what is left", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    const std::vector<T> logits{T(1), T(3), -inf, T(2), T(0)};
    Candidates<T> c{std::span<const T>(logits)};
    CHECK(c.size() == 5);
    CHECK(c.vocabulary() == 5);
    CHECK(c.top() == T(3));
    CHECK(c.largest() == 1);
    CHECK(c.find(4) == 4);
    CHECK(c.token(3) == 3);
    CHECK(c.logits().data() == logits.data());  // nothing was copied
    const double total = std::exp(1.0) + std::exp(3.0) + std::exp(2.0) + 1;
    CHECK(c.log_total() == doctest::Approx(std::log(total)));
    double entropy = 0;
    for (const double x : {1.0, 3.0, 2.0, 0.0}) entropy -= std::exp(x) / total * (x - std::log(total));
    CHECK(c.entropy() == doctest::Approx(entropy));

    c.keep_at_least(T(1));
    CHECK(c.size() == 3);
    CHECK(c.token(0) == 0);
    CHECK(c.token(1) == 1);
    CHECK(c.token(2) == 3);
    CHECK(c.find(3) == 2);
    CHECK(c.find(2) == -1);
    CHECK(c.largest() == 1);
    CHECK(c.log_total() == doctest::Approx(std::log(total - 1)));
    c.edit()[0] = T(9);
    CHECK(c.top() == T(9));
    CHECK(c.log_total() == doctest::Approx(std::log(std::exp(9.0) + std::exp(3.0) + std::exp(2.0))));
    CHECK(logits[0] == T(1));
    std::vector<T> out(5);
    c.write(out.data());
    CHECK(out == std::vector<T>{T(9), T(3), -inf, T(2), -inf});

    c.keep_within(T(2.5), T(0.5));
    CHECK(c.size() == 2);
    CHECK(c.top() == T(3));
    c.keep_at_least(T(100));  // never the largest
    CHECK(c.size() == 1);
    CHECK(c.token(0) == 1);
    CHECK(c.entropy() == 0);
}

TEST_CASE_TEMPLATE("candidates: one alone, and logits that were changed in place", T, float, double) {
    const auto logits = support::random_values<T>(100'000, 3);
    Candidates<T> c{std::span<const T>(logits)};
    c.edit()[7] = T(5);
    CHECK(c.find(99'999) == 99'999);
    CHECK(c.largest() == 7);
    c.keep_only(70'000);
    CHECK(c.size() == 1);
    CHECK(c.token(0) == 70'000);
    CHECK(c.top() == logits[70'000]);
    CHECK(c.entropy() == 0);
    std::vector<T> out(logits.size());
    c.write(out.data());
    CHECK(out[70'000] == logits[70'000]);
    CHECK(out[7] == -std::numeric_limits<T>::infinity());
}

TEST_CASE_TEMPLATE("candidates: errors", T, float, double) {
    using support::message;
    const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    const auto of = [](const std::vector<T>& x) { Candidates<T>{std::span<const T>(x)}; };
    CHECK(message<ValueError>([&] { of({}); }) == "sample: there are no logits: the vocabulary is empty");
    CHECK(message<ValueError>([&] {
              of({-inf, -inf});
          }) == "sample: all logits are -inf: no token can come next");
    CHECK(message<ValueError>([&] { of({T(1), inf, T(2)}); }) == "sample: the logit of token 1 is +inf");
    for (std::size_t at = 0; at < 70; ++at) {
        std::vector<T> x(70, T(2));
        x[at] = nan;
        CHECK(message<ValueError>([&] { of(x); }) ==
              "sample: the logit of token " + std::to_string(at) + " is NaN");
    }
    const std::vector<T> fine{T(1), T(2)};
    Candidates<T> c{std::span<const T>(fine)};
    CHECK(message<IndexError>([&] { c.find(2); }) == "sample: token 2 is outside a vocabulary of 2");
    CHECK(message<IndexError>([&] { c.find(-1); }) == "sample: token -1 is outside a vocabulary of 2");
    c.keep_only(1);
    c.edit()[0] = nan;
    CHECK(message<ValueError>([&] { c.top(); }) == "sample: the logit of token 1 is NaN");
}
