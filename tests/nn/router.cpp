#include <tapegrad/nn/router.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::normal;

namespace {

constexpr RouterOptions deepseek_v3{.top_k = 3,
                                    .scoring = Scoring::sigmoid,
                                    .groups = 4,
                                    .top_groups = 2,
                                    .group_score = GroupScore::two_best,
                                    .normalize = true,
                                    .scale = 2.5,
                                    .correction = true};

}

TEST_CASE_TEMPLATE("route: the best experts and their weights", T, float, double) {
    const Tensor<T> logits{{0, 3, 1, 2}, {5, -1, 5, 4}};
    const auto r = route(logits, {.top_k = 2});
    CHECK(to_vector(r.experts) == std::vector<int64_t>{1, 3, 0, 2});  // the first of equals
    CHECK(support::same_bits(r.scores, softmax(logits)));
    CHECK(r.weights(0, 1) == r.scores(0, 3));
    const auto divided = route(logits, {.top_k = 2, .normalize = true, .scale = 3});
    CHECK(divided.weights(1, 0) == doctest::Approx(1.5));
    CHECK(divided.weights(0, 0) + divided.weights(0, 1) == doctest::Approx(3));
    const auto corrected =
        route(logits, {.top_k = 1, .scoring = Scoring::sigmoid, .correction = true}, Tensor<T>{2, 0, 0, 0});
    CHECK(to_vector(corrected.experts) == std::vector<int64_t>{0, 0});
    CHECK(corrected.weights(0, 0) == T(0.5));  // without the correction
    CHECK(route(zeros<T>({0, 4}), {.top_k = 2, .groups = 2}).weights.shape() == Shape{0, 2});
}

TEST_CASE("route: groups by their best, and by their two best") {
    // The best of group 0 is the best of all; the two best of group 1 are better together.
    const Tensor<double> logits{{3, -3, -3, 2.5, 2.4, 0, 1, 1, 1}};
    RouterOptions o{.top_k = 2, .scoring = Scoring::sigmoid, .groups = 3};
    CHECK(to_vector(route(logits, o).experts) == std::vector<int64_t>{0, 1});
    o.group_score = GroupScore::two_best;
    CHECK(to_vector(route(logits, o).experts) == std::vector<int64_t>{3, 4});
    o.top_groups = 2;
    CHECK(to_vector(route(logits, o).experts) == std::vector<int64_t>{3, 4});
    o.groups = 9;  // groups of one: their score is its
    CHECK(to_vector(route(logits, o).experts) == std::vector<int64_t>{0, 3});
}

TEST_CASE("route: gradient") {
    const auto logits = normal<double>({3, 8});
    const auto bias = normal<double>({8}, 2);
    CHECK_GRAD([&](const auto& x) { return route(x[0], deepseek_v3, bias).weights; }, {logits});
    CHECK_GRAD([](const auto& x) { return route(x[0], {.top_k = 3, .scale = 2}).weights; }, {logits});
    CHECK_GRAD([](const auto& x) { return route(x[0], {.top_k = 3, .normalize = true}).weights; }, {logits});
}

TEST_CASE("route: NaN stays with its token, and infinite logits are scores of 0 and 1") {
    for (int64_t place = 0; place < 8; ++place) {
        auto logits = normal<float>({3, 8});
        logits.mutable_data()[8 + place] = std::numeric_limits<float>::quiet_NaN();
        const auto r = route(logits, {.top_k = 2, .groups = 4, .top_groups = 2}),
                   clean = route(normal<float>({3, 8}), {.top_k = 2, .groups = 4, .top_groups = 2});
        for (int64_t k = 0; k < 2; ++k) {
            CHECK(std::isnan(r.weights(1, k)));
            CHECK(r.experts(1, k) >= 0);
            CHECK(r.experts(1, k) < 8);
            for (const int64_t token : {0, 2}) {
                CHECK(r.weights(token, k) == clean.weights(token, k));
                CHECK(r.experts(token, k) == clean.experts(token, k));
            }
        }
    }
    const float inf = std::numeric_limits<float>::infinity();
    const auto r = route(Tensor<float>{{-inf, -inf, 2, -inf}}, {.top_k = 2, .normalize = true});
    CHECK(to_vector(r.experts) == std::vector<int64_t>{2, 0});
    CHECK(to_vector(r.weights) == std::vector<float>{1, 0});
}

TEST_CASE("route: errors") {
    const auto text = [](RouterOptions o) {
        return message<ValueError>([&] { route(zeros<float>({2, 6}), o); });
    };
    CHECK(text({.groups = 4}) == "Router: 6 experts do not make 4 groups of one size");
    CHECK(text({.groups = 0}) == "Router: 6 experts do not make 0 groups of one size");
    CHECK(text({.groups = 3, .top_groups = 4}) ==
          "Router: top_groups is 4; it must be from 1 to the 3 groups");
    CHECK(text({.groups = 3, .top_groups = 0}) ==
          "Router: top_groups is 0; it must be from 1 to the 3 groups");
    CHECK(text({.top_k = 7}) ==
          "Router: top_k is 7; it must be from 1 to the 6 experts that there are to choose from");
    CHECK(text({.top_k = 0}) ==
          "Router: top_k is 0; it must be from 1 to the 6 experts that there are to choose from");
    CHECK(text({.top_k = 5, .groups = 3, .top_groups = 2}) ==
          "Router: top_k is 5; it must be from 1 to the 4 experts that there are to choose from");
    CHECK(message<ShapeError>([] { route(zeros<float>({6}), {}); }) ==
          "route: logits (6,) must be (tokens, experts)");
    CHECK(message<ShapeError>([] {
              route(zeros<float>({2, 6}), {}, zeros<float>({5}));
          }) == "route: correction (5,) for 6 experts");
    Generator g(1);
    CHECK_THROWS_AS(Router(4, 6, g, {.top_k = 7}), ValueError);
    CHECK_THROWS_AS(Router(-4, 6, g), ShapeError);
}

TEST_CASE("router: names, the start, and the choice") {
    Generator g(1);
    const Router<> plain(4, 8, g), corrected(4, 8, g, deepseek_v3);
    CHECK(state_dict(plain).size() == 1);
    CHECK(state_dict(corrected).contains("weight"));
    CHECK(state_dict(corrected).contains("e_score_correction_bias"));
    CHECK(parameters(corrected).size() == 1);
    CHECK(to_vector(corrected.e_score_correction_bias) == std::vector<float>(8));
    const auto x = normal<float>({5, 4});
    CHECK(support::same_bits(plain(x).logits, linear(x, plain.weight)));
    CHECK(corrected(x).experts.shape() == Shape{5, 3});
}
