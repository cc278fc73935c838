#include <tapegrad/nn/batch_norm.hpp>

#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("batch_norm: torch.nn") {
    BatchNorm2d<double> norm(3);
    const auto call = [&](const auto& x) { return std::vector{norm(x[0])}; };
    support::check_module("batch_norm.2d", norm, call);
    eval(norm);
    support::check_module("batch_norm.eval", norm, call);
    BatchNorm1d<double> mean_of_all(3, {.momentum = {}});
    support::check_module("batch_norm.1d", mean_of_all,
                          [&](const auto& x) { return std::vector{mean_of_all(x[0])}; });
}

TEST_CASE("batch_norm: buffers are state, not parameters") {
    BatchNorm<double> norm(2);
    std::vector<std::string> names;
    for (const NamedTensor& entry : state_dict(norm)) names.push_back(entry.name);
    CHECK(names ==
          std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"});
    CHECK(parameters<double>(norm).size() == 2);
    BatchNorm<double> other = clone(norm);
    const Tensor<double> x{{1, 2}, {3, 5}};
    static_cast<void>(other(x));
    CHECK(other.num_batches_tracked.item() == 1);
    CHECK(norm.num_batches_tracked.item() == 0);
    CHECK(to_vector<double>(norm.running_mean) == std::vector<double>{0, 0});
    {
        const Evaluating scope(other);
        static_cast<void>(other(x));
    }
    CHECK(other.training);
    CHECK(other.num_batches_tracked.item() == 1);
    // Without running moments the batch's serve always.
    BatchNorm<double> plain(2, {.affine = false, .track_running_stats = false});
    eval(plain);
    CHECK(state_dict(plain).empty());
    CHECK(support::close(plain(x), Tensor<double>{{-1, -1}, {1, 1}}, 1e-5));
}
