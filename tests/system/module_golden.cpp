// What the tests of modules compare with, compiled once.
#include "../support/module_golden.hpp"

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

namespace support {

const StateDict& module_golden() {
    static const StateDict all = load_safetensors("tests/golden/nn.safetensors");
    return all;
}

namespace module_check {

namespace {
ModuleTensors numbered(const std::string& prefix) {
    ModuleTensors found;
    while (module_golden().contains(prefix + std::to_string(found.size())))
        found.push_back(module_golden().get<double>(prefix + std::to_string(found.size())));
    return found;
}
}

void run(const std::string& name, const ModuleCall& f, double tolerance) {
    ModuleTensors x;
    for (const Tensor<double>& input : numbered(name + ".x"))
        x.push_back(tapegrad::detail::copy(input).requires_grad_());
    const ModuleTensors y = f(x), want = numbered(name + ".y"), dy = numbered(name + ".dy"),
                        dx = numbered(name + ".dx");
    REQUIRE(y.size() == want.size());
    Tensor<double> total(0.0);
    for (std::size_t i = 0; i < y.size(); ++i) {
        CHECK_MESSAGE(close(y[i], want[i], tolerance), "result ", i);
        total = total + sum(y[i] * dy[i]);
    }
    total.backward();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const Tensor<double> got = x[i].grad();
        CHECK_MESSAGE(close(got.defined() ? got : zeros<double>(x[i].shape()), dx[i], tolerance),
                      "gradient of input ", i);
    }
}

bool is_golden(const TensorBase& got, const std::string& name, double tolerance) {
    if (got.dtype() == DType::int64)
        return to_vector(tapegrad::detail::cast_handle<int64_t>(got)) ==
               to_vector(module_golden().get<int64_t>(name));
    return close(tapegrad::detail::cast_handle<double>(got), module_golden().get<double>(name), tolerance);
}

}

}

TEST_CASE("module_golden: the file has the state of every case") {
    CHECK(support::module_golden().contains("batch_norm.2d.state.num_batches_tracked"));
}
