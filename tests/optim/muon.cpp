#include <tapegrad/optim/muon.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("muon: equals torch.optim.Muon over 100 steps") {
    const auto check = [](const char* name, const MuonOptions& o) {
        reference::equals_golden<Muon<float>, Muon<double>>(name, o);
    };
    check("muon", {});
    check("muon_options", {.weight_decay = 0,
                           .momentum = 0.8,
                           .nesterov = false,
                           .ns_steps = 3,
                           .scale = MuonScale::match_rms_adamw});
}

TEST_CASE("muon: a saved state continues bit for bit") { reference::resumes<Muon<float>>(MuonOptions{}); }

TEST_CASE("muon: a step moves along every direction about as far, whatever the gradient's size") {
    Tensor<double> p = zeros<double>({3, 2});
    Muon optimizer(std::vector{p}, {.lr = 1, .momentum = 0, .nesterov = false, .scale = MuonScale::none});
    p.set_grad(Tensor<double>{{1e-3, 0}, {0, -1e5}, {0, 0}});
    optimizer.step();
    // Singular values 1e-8 apart: the iteration brings the large one near 1, and multiplies the small one by 3.4^5.
    CHECK(std::fabs(p(1, 1) - 1) < 0.35);
    CHECK(p(0, 0) == doctest::Approx(-1e-8 * std::pow(3.4445, 5)));
    CHECK(p(2, 0) == 0);
    Tensor<double> none = zeros<double>({0, 2});
    none.set_grad(zeros<double>({0, 2}));
    Muon nothing(std::vector{none});
    nothing.step();
    for (const auto& [scale, expected] : {std::pair{MuonScale::original, 2.0},
                                          {MuonScale::match_rms_adamw, 0.4},
                                          {MuonScale::spectral_unclamped, 2.0},
                                          {MuonScale::none, 1.0}})
        CHECK(detail::MuonRule::scale({.scale = scale}, 4, 1) == doctest::Approx(expected));
}

TEST_CASE("muon: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Muon(params, {.ns_steps = -1}), "Muon: ns_steps is -1; it must not be negative",
                         ValueError);
    CHECK_THROWS_WITH_AS(Muon<float>{params},
                         "Muon: parameter 0 (3,) is no matrix; give it to another optimizer, AdamW say",
                         ValueError);
}
