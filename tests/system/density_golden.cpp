// What the tests of density models share, compiled once.
#include "../density/golden.hpp"

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/jacobian.hpp>

namespace support {

const StateDict& density_golden() {
    static const StateDict dict = load_safetensors("tests/golden/density.safetensors");
    return dict;
}

namespace density_check {

void run(const std::string& name, const OfTensor& f, double tolerance) {
    const StateDict golden = density_golden().under(name + '.');
    const Tensor<double> x = detail::copy(golden.get<double>("x0")).requires_grad_();
    const Tensor<double> y = f(x);
    CHECK(close(y, golden.get<double>("y"), tolerance));
    backward(y, golden.get<double>("dy"));
    if (golden.contains("dx0")) CHECK(close(x.grad(), golden.get<double>("dx0"), tolerance));
}
void parameter(const std::string& name, const Tensor<double>& p, double tolerance) {
    CAPTURE(name);
    const Tensor<double> want = density_golden().get<double>(name);
    CHECK(close(p.grad().defined() ? p.grad() : zeros<double>(p.shape()), want, tolerance));
}

}

std::vector<std::vector<bool>> dependencies(const OfTensor& f, const Tensor<double>& x) {
    const Tensor<double> d = detail::contiguous(jacobian(f, x));
    const int64_t n = x.numel(), m = d.numel() / n;
    std::vector<std::vector<bool>> result(static_cast<std::size_t>(m));
    for (int64_t a = 0; a < m; ++a)
        for (int64_t b = 0; b < n; ++b)
            result[static_cast<std::size_t>(a)].push_back(d.data()[a * n + b] != 0);
    return result;
}

}

TEST_CASE("density golden: the file is there, and what depends on what is seen") {
    CHECK(support::density_golden().contains("nade.state.weight"));
    const auto sees = support::dependencies(
        [](const tapegrad::Tensor<double>& x) {
            return x * tapegrad::Tensor<double>{1, 0};
        },
        tapegrad::Tensor<double>{2, 3});
    CHECK(sees == std::vector<std::vector<bool>>{{true, false}, {false, false}});
}
