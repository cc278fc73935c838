#include <tapegrad/nn/instance_norm.hpp>

#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("instance_norm: torch.nn") {
    InstanceNorm<double> plain(3, {.affine = true});
    support::check_module("instance_norm", plain, [&](const auto& x) { return std::vector{plain(x[0])}; });
    InstanceNorm<double> tracking(3, {.momentum = 0.3, .affine = true, .track_running_stats = true});
    const auto call = [&](const auto& x) { return std::vector{tracking(x[0])}; };
    support::check_module("instance_norm.tracking", tracking, call);
    eval(tracking);
    support::check_module("instance_norm.eval", tracking, call);
}

TEST_CASE("instance_norm: by default it has no state, and evaluates as it trains") {
    InstanceNorm<double> plain(2);
    CHECK(state_dict(plain).empty());
    const Tensor<double> x = support::normal<double>({2, 2, 3});
    const Tensor<double> y = plain(x);
    eval(plain);
    CHECK(support::same_bits(plain(x), y));
}

TEST_CASE("instance_norm: running moments are buffers, and a clone has its own") {
    const InstanceNorm<double> norm(2, {.track_running_stats = true});
    std::vector<std::string> names;
    for (const NamedTensor& entry : state_dict(norm)) names.push_back(entry.name);
    CHECK(names == std::vector<std::string>{"running_mean", "running_var", "num_batches_tracked"});
    CHECK(count_parameters(norm) == 0);
    const InstanceNorm<double> other = clone(norm);
    static_cast<void>(other(Tensor<double>{{{1, 3}, {2, 4}}}));
    CHECK(support::close<double, double>(other.running_mean, Tensor<double>{0.2, 0.3}, 1e-14));
    CHECK(to_vector<double>(norm.running_mean) == std::vector<double>{0, 0});
}
