// Splines against those of nflows: tests/golden/flows.py.
#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/cubic_spline.hpp>
#include <tapegrad/ops/linear_spline.hpp>
#include <tapegrad/ops/quadratic_spline.hpp>
#include <tapegrad/ops/rational_quadratic_spline.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

template <class Forward, class Inverse>
void check(const std::string& name, const Forward& forward, const Inverse& inverse, SplineOptions options) {
    const SafetensorsFile file("tests/golden/flows.safetensors");
    for (const bool tails : {true, false}) {
        CAPTURE(name);
        CAPTURE(tails);
        const auto get = [&](const char* what) {
            return file.load<double>("spline." + name + (tails ? "." : "_none.") + what);
        };
        options.tails = tails ? SplineTails::linear : SplineTails::none;
        options.low = tails ? -3 : 0;
        options.high = tails ? 3 : 1;
        const Tensor<double> x = get("x0").requires_grad_(), p = get("x1").requires_grad_();
        const Splined<double> y = forward(x, p, options);
        CHECK(support::close(y.value, get("y"), 1e-12));
        CHECK(support::close(y.log_slope, get("log_slope"), 1e-12));
        const auto d = grad(y.value * get("dy") + y.log_slope * get("dlog_slope"), {x, p}, {}, ones_like(x));
        CHECK(support::close(d[0], get("dx0"), 1e-10));
        CHECK(support::close(d[1], get("dx1"), 1e-10));
        const Splined<double> back = inverse(y.value.detach(), p.detach(), options);
        // There nflows' formulas cancel, and move the last knot by 1e-6.
        CHECK(support::close(back.value, get("back"), 1e-5));
        CHECK(support::close(back.log_slope, get("back_log_slope"), 1e-5));
        // In float, within what the capability asks.
        const auto single = [](const Tensor<double>& t) { return detail::cast<float>(t.detach()); };
        if constexpr (std::is_invocable_v<Forward, Tensor<float>, Tensor<float>, SplineOptions>)
            CHECK(support::close(forward(single(x), single(p), options).value, get("y"), 1e-5));
    }
}

}

TEST_CASE("splines: equal to nflows'") {
    using D = Tensor<double>;
    const auto row = []<class F, class I>(const char* name, const F& f, const I& i,
                                          const SplineOptions& o = {}) { check(name, f, i, o); };
    row(
        "rational_quadratic",
        [](const auto& x, const auto& p, auto o) { return rational_quadratic_spline(x, p, o); },
        [](const D& y, const D& p, auto o) { return rational_quadratic_spline_inverse(y, p, o); });
    row(
        "linear", [](const D& x, const D& p, auto o) { return linear_spline(x, p, o); },
        [](const D& y, const D& p, auto o) { return linear_spline_inverse(y, p, o); }, {.min_height = 0});
    row(
        "quadratic", [](const D& x, const D& p, auto o) { return quadratic_spline(x, p, o); },
        [](const D& y, const D& p, auto o) { return quadratic_spline_inverse(y, p, o); });
    row(
        "cubic", [](const D& x, const D& p, auto o) { return cubic_spline(x, p, o); },
        [](const D& y, const D& p, auto o) { return cubic_spline_inverse(y, p, o); });
}
