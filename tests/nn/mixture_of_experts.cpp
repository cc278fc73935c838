#include <tapegrad/nn/mixture_of_experts.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/nn/load_balance.hpp>
#include <tapegrad/nn/load_state_dict.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using support::same_bits;

namespace {

using Mixture = MixtureOfExperts<double>;

/// tests/golden/moe.safetensors; the script beside it says what it holds.
const StateDict& golden() {
    static const StateDict all_cases = load_safetensors("tests/golden/moe.safetensors");
    return all_cases;
}

void check_golden(const std::string& name, int64_t experts, const MixtureOfExpertsOptions& options) {
    CAPTURE(name);
    const auto get = [&](const std::string& what) { return golden().get<double>(name + "." + what); };
    Generator g(1);
    Mixture moe(6, 5, experts, g, options);
    load_state_dict(moe, golden().under(name + ".state."));
    const Tensor<double> x = get("x").requires_grad_(), flat = reshape(get("x"), {-1, 6});
    const Tensor<double> y = moe(x);
    CHECK(support::close(y, get("y"), 1e-12));
    const auto routing = moe.gate(flat);
    const auto [ids, order] = sort(routing.experts);
    CHECK(to_vector(ids) == to_vector(golden().get<int64_t>(name + ".experts")));
    CHECK(support::close(gather(routing.weights, 1, order), get("weights"), 1e-13));
    sum(y * get("dy")).backward();
    CHECK(support::close(x.grad(), get("dx"), 1e-12));
    for_each_parameter(moe, [&](std::string_view key, const Tensor<double>& p) {
        CAPTURE(std::string(key));
        const Tensor<double> expected = get("grad." + std::string(key));
        if (p.grad().defined())
            CHECK(support::close(p.grad(), expected, 1e-12));
        else
            CHECK(to_vector(expected) == std::vector<double>(static_cast<std::size_t>(p.numel())));
    });
    if (golden().contains(name + ".aux"))
        CHECK(load_balance_loss(routing).item() * static_cast<double>(options.router.top_k) ==
              doctest::Approx(get("aux").item()).epsilon(1e-12));
}

/// The sum over all experts, each with its weight or 0.
Tensor<double> dense(const Mixture& moe, const Tensor<double>& x) {
    const auto r = moe.gate(x);
    const Tensor<double> weights = scatter(zeros<double>(r.scores.shape()), 1, r.experts, r.weights);
    Tensor<double> y = moe.shared_experts ? (*moe.shared_experts)(x) : zeros<double>(x.shape());
    for (std::size_t e = 0; e < moe.experts.size(); ++e)
        y = y + moe.experts[e](x) * narrow(weights, 1, static_cast<int64_t>(e), 1);
    return y;
}

}

TEST_CASE("mixture_of_experts: DeepSeek-V2, DeepSeek-V3 and Mixtral of transformers") {
    check_golden("greedy", 8, {.router = {.top_k = 3}, .shared_hidden = 10});
    check_golden("grouped", 8,
                 {.router = {.top_k = 3, .groups = 4, .top_groups = 2, .scale = 16}, .shared_hidden = 10});
    check_golden("v3", 9,
                 {.router = {.top_k = 4,
                             .scoring = Scoring::sigmoid,
                             .groups = 3,
                             .top_groups = 2,
                             .group_score = GroupScore::two_best,
                             .normalize = true,
                             .scale = 2.5,
                             .correction = true},
                  .shared_hidden = 5});
    check_golden("mixtral", 4, {.router = {.top_k = 2, .normalize = true}});
}

TEST_CASE("mixture_of_experts: a sum over all experts, most of them times 0") {
    Generator g(1);
    for (const int64_t tokens : {1, 2, 17})
        for (const int64_t top_k : {1, 3, 6}) {
            const Mixture moe(4, 7, 6, g, {.router = {.top_k = top_k}, .shared_hidden = top_k == 3 ? 5 : 0});
            const auto x = normal<double>({tokens, 4}, 2);
            CHECK(support::close(moe(x), dense(moe, x), 1e-13));
        }
    const Mixture moe(4, 7, 6, g);
    const auto x = normal<double>({2, 3, 4}, 2);
    CHECK(moe(x).shape() == x.shape());
    CHECK(same_bits(reshape(moe(x), {6, 4}), moe(reshape(x, {6, 4}))));
    CHECK(same_bits(moe(support::spread(x)), moe(x)));
    CHECK(moe(select(reshape(x, {6, 4}), 0, 0)).shape() == Shape{4});
}

TEST_CASE("mixture_of_experts: gradient, twice, of input, experts and router") {
    Generator g(1);
    Mixture moe(2, 3, 4, g, {.router = {.top_k = 2, .normalize = true}, .shared_hidden = 2});
    const auto x = normal<double>({3, 2}, 2);
    CHECK_GRAD(
        [&](const auto& in) {
            moe.gate.weight = in[1];
            for (std::size_t e = 0; e < 4; ++e) moe.experts[e].up_proj.weight = in[2 + e];
            return moe(in[0]);
        },
        {x, moe.gate.weight.detach(), moe.experts[0].up_proj.weight.detach(),
         moe.experts[1].up_proj.weight.detach(), moe.experts[2].up_proj.weight.detach(),
         moe.experts[3].up_proj.weight.detach()},
        2);
}

TEST_CASE("mixture_of_experts: an expert that nobody chose is left alone") {
    Generator g(1);
    Mixture moe(3, 4, 5, g, {.router = {.top_k = 2}});
    moe.gate.weight = Tensor<double>{{0, 0, 0}, {1, 1, 1}, {0, 0, 0}, {2, 2, 2}, {0, 0, 0}}.requires_grad_();
    moe.experts[0].up_proj.weight = Tensor<double>();  // would throw
    sum(moe(ones<double>({4, 3}))).backward();
    CHECK(moe.experts[3].up_proj.weight.grad().defined());
    CHECK(!moe.experts[2].up_proj.weight.grad().defined());
    CHECK(moe.gate.weight.grad().defined());
}

TEST_CASE("mixture_of_experts: no tokens, NaN in one of them, threads") {
    Generator g(1);
    const MixtureOfExperts<float> moe(8, 40, 6, g, {.router = {.top_k = 2}, .shared_hidden = 8});
    CHECK(moe(zeros<float>({0, 8})).shape() == Shape{0, 8});
    CHECK(moe(zeros<float>({3, 0, 8})).shape() == Shape{3, 0, 8});
    const auto none = zeros<float>({0, 8}).requires_grad_();
    sum(moe(none)).backward();
    CHECK(none.grad().shape() == Shape{0, 8});
    const auto x = normal<float>({70, 8}, 2);
    const auto y = moe(x);
    auto odd = detail::copy(x);
    odd.mutable_data()[33 * 8 + 5] = std::numeric_limits<float>::quiet_NaN();
    const auto z = moe(odd);
    for (int64_t i = 0; i < 70; ++i)
        for (int64_t j = 0; j < 8; ++j)
            if (i == 33)
                CHECK(std::isnan(z(i, j)));
            else
                CHECK(z(i, j) == doctest::Approx(static_cast<double>(y(i, j))).epsilon(1e-4));
    for (const int threads : {1, 4}) {
        const support::Threads scope(threads);
        CHECK(same_bits(moe(x), y));
    }
}

TEST_CASE("mixture_of_experts: names") {
    Generator g(1);
    const MixtureOfExperts moe(4, 6, 3, g, {.router = {.correction = true}, .shared_hidden = 12});
    std::string names;
    for (const NamedTensor& entry : state_dict(moe)) names += entry.name + " ";
    CHECK(names ==
          "gate.weight gate.e_score_correction_bias experts.0.gate_proj.weight experts.0.up_proj.weight "
          "experts.0.down_proj.weight experts.1.gate_proj.weight experts.1.up_proj.weight "
          "experts.1.down_proj.weight experts.2.gate_proj.weight experts.2.up_proj.weight "
          "experts.2.down_proj.weight shared_experts.gate_proj.weight shared_experts.up_proj.weight "
          "shared_experts.down_proj.weight ");
}

TEST_CASE("mixture_of_experts: errors") {
    Generator g(1);
    const MixtureOfExperts moe(4, 6, 3, g);
    CHECK(message<ShapeError>([&] { moe(zeros<float>({})); }) == "MixtureOfExperts: x () has no width");
    CHECK(message<ShapeError>([&] {
              moe(zeros<float>({2, 5}));
          }) ==
          "linear: x (2, 5) and weight (3, 4) do not fit: the last size of x must be the second of weight "
          "(out, in)");
    CHECK_THROWS_AS(MixtureOfExperts(4, 6, 3, g, {.router = {.top_k = 4}}), ValueError);
    CHECK_THROWS_AS(MixtureOfExperts(4, 6, -3, g), ValueError);
    const auto x = zeros<float>({2, 4});
    auto routing = moe.gate(zeros<float>({3, 4}));
    CHECK(message<ShapeError>([&] { moe(x, routing); }) ==
          "MixtureOfExperts: experts (3, 2) and weights (3, 2) of a routing of 2 tokens");
    routing = moe.gate(x);
    routing.experts = full<int64_t>({2, 2}, 3);
    CHECK(message<IndexError>([&] { moe(x, routing); }) == "MixtureOfExperts: there is no expert 3 of 3");
}
