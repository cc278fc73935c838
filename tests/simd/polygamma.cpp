#include <tapegrad/simd/polygamma.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

namespace {
template <class T>
T polygamma(int n, double x) {
    T v[simd::Batch<T>::size];
    simd::polygamma(n, simd::Batch<T>(static_cast<T>(x))).store(v);
    return v[simd::Batch<T>::size - 1];
}
}

TEST_CASE("polygamma: values in 50 digits") {
    const struct {
        int n;
        double x, y;
    } rows[] = {
        {1, 0.001, 1000001.64253319583},         {1, 0.7, 2.83404915669461091},
        {1, 2.5, 0.490357756100234865},          {1, 30.0, 0.0338950603577399442},
        {1, 100000.0, 0.0000100000500001666667}, {1, -1.3, 14.5368762441370796},
        {1, -7.9, 103.236931400039483},          {1, -100.25, 19.7292833253493633},
        {2, 0.001, -2000000002.39763216},        {2, 0.7, -6.43499287419092369},
        {2, 2.5, -0.236204051641727403},         {2, 30.0, -0.00114876520372859984},
        {2, 100000.0, -1.00001000005e-10},       {2, -1.3, 68.5494134711621342},
        {2, -7.9, -1998.67378286517464},         {2, -100.25, 124.025008206917709},
        {3, 0.001, 6000000000006.46861},         {3, 0.7, 25.879149678427738},
        {3, 2.5, 0.223905848817252051},          {3, 30.0, 0.0000778600366473612906},
        {3, 100000.0, 2.0000300002e-15},         {3, -1.3, 768.720657199042694},
        {3, -7.9, 60014.2485401400884},          {3, -100.25, 1558.54545458846866},
        {4, 0.001, -24000000000000022.3},        {4, 0.7, -144.708253643024655},
        {4, 2.5, -0.313755999506731363},         {4, 30.0, -7.91494134018102404e-6},
        {4, 100000.0, -6.000120001e-20},         {4, -1.3, 9738.29885401774095},
        {4, -7.9, -2399973.83594820432},         {4, -100.25, 24481.5747827642878},
        {10, 0.001, -3.62879999999999917e+39},   {10, 0.7, -183531159.525787082},
        {10, 2.5, -156.229596593232995},         {10, 30.0, -7.23205103458570836e-10},
        {10, 100000.0, -3.6289814433264e-45},    {10, -1.3, 2048284892630.0751},
        {10, -7.9, -362879999989720295.0},       {10, -100.25, 15220204740668.3411},
    };
    for (const auto& [n, x, y] : rows) {
        CAPTURE(n);
        CAPTURE(x);
        CHECK(std::fabs(polygamma<double>(n, x) / y - 1) <= (n > 4 ? 14 : x > 0 ? 5 : 10) * 0x1p-53);
        const double rounded = static_cast<double>(static_cast<float>(x));
        if (std::fabs(y) > 1e-30 && std::fabs(y) < 1e30)
            CHECK(ulp::error(polygamma<float>(n, x), polygamma<double>(n, rounded)) <= 0.6);
    }
    CHECK(polygamma<double>(0, 1) == doctest::Approx(-0.57721566490153286061).epsilon(1e-15));
}
TEST_CASE_TEMPLATE("polygamma: poles, infinities and NaN", T, float, double) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    for (const double pole : {0.0, -0.0, -1.0, -7.0}) {
        CHECK(polygamma<T>(1, pole) == inf);
        CHECK(polygamma<T>(2, pole) == -inf);
    }
    CHECK(polygamma<T>(1, inf) == 0);
    CHECK(polygamma<T>(2, inf) == 0);
    CHECK(std::isnan(polygamma<T>(1, -inf)));
    CHECK(std::isnan(polygamma<T>(3, std::numeric_limits<double>::quiet_NaN())));
    CHECK(std::isfinite(polygamma<double>(30, 0.5)));
}
