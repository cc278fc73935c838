#include <tapegrad/simd/igamma.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace tapegrad;

namespace {

template <class T>
T last_lane(const simd::Batch<T>& b) {
    T v[simd::Batch<T>::size];
    b.store(v);
    return v[simd::Batch<T>::size - 1];
}
template <class T>
double lower(double a, double x) {
    return static_cast<double>(
        last_lane(simd::igamma(simd::Batch<T>(static_cast<T>(a)), simd::Batch<T>(static_cast<T>(x)))));
}
template <class T>
double upper(double a, double x) {
    return static_cast<double>(
        last_lane(simd::igammac(simd::Batch<T>(static_cast<T>(a)), simd::Batch<T>(static_cast<T>(x)))));
}
double slope(double a, double logarithm) {
    return last_lane(simd::log_gamma_slope(simd::Batch<double>(a), simd::Batch<double>(logarithm)));
}

}

TEST_CASE("igamma: values in 80 digits") {
    const struct {
        double a, x, p, q, slope;
    } rows[] = {
        {1e-08, 0.001, 0.99999993668460828, 6.3315391719088761e-8, 633787408.67079155},
        {1e-08, 0.5, 0.99999999440226402, 5.5977359770995871e-9, 92291064.322770473},
        {0.01, 1e-30, 0.50404727285999545, 0.49595272714000455, 6851.6667331952695},
        {0.01, 0.3, 0.99092760357823491, 0.009072396421765093, 123.44920015920253},
        {0.3, 0.01, 0.27924099635901486, 0.72075900364098514, 14.920695356145887},
        {0.3, 0.99, 0.91443390879238326, 0.085566091207616743, 2.7509204743122595},
        {0.3, 1.01, 0.91689349742452074, 0.083106502575479264, 2.7191573025178793},
        {0.3, 6.0, 0.99978562882928109, 0.00021437117071891481, 0.82049255742414849},
        {0.9, 0.2, 0.22256612864666613, 0.77743387135333387, 2.4996982032003445},
        {1.0, 1.0, 0.63212055882855768, 0.36787944117144232, 1.1735630272247269},
        {1.0, 30.0, 0.99999999999990642, 9.3576229688401746e-14, 0.13369009284408895},
        {1.5, 2.0, 0.73853587005088938, 0.26146412994911062, 0.64231477533594292},
        {2.0, 0.1, 0.00467884016044447, 0.99532115983955553, 1.6736173806687573},
        {3.0, 9.0, 0.99376780489362268, 0.0062321951063773172, 0.19330615689598664},
        {9.0, 9.0, 0.54434739567758127, 0.45565260432241873, 0.11319008177947748},
        {11.0, 4.0, 0.0028397661205137431, 0.99716023387948626, 0.14663884739453287},
        {11.0, 11.0, 0.54011129730631346, 0.45988870269368654, 0.092298352765399999},
        {50.0, 30.0, 0.00051889146254803429, 0.99948110853745197, 0.025625805084174788},
        {50.0, 80.0, 0.99986921602340859, 0.00013078397659141034, 0.015718753727891757},
        {300.0, 300.0, 0.5076777888862635, 0.4923222111137365, 0.0033351858012918921},
        {300.0, 360.0, 0.99947317178623427, 0.00052682821376572888, 0.003040379518163405},
        {5000.0, 4900.0, 0.077944956226513914, 0.92205504377348609, 0.00020203380745265138},
        {5000.0, 5100.0, 0.92067111892238102, 0.079328881077618977, 0.00019803287388458409},
        {20000.0, 19500.0, 0.00018327005188799396, 0.99981672994811201, 5.0636037925113419e-5},
        {20000.0, 20000.0, 0.50094031623374932, 0.49905968376625068, 5.000041666874994e-5},
        {20000.0, 20600.0, 0.99998684700177773, 1.3152998222272686e-5, 4.9265080931620585e-5},
        {1000000.0, 1001000.0, 0.84134478636834029, 0.15865521363165971, 9.9950049966693313e-7},
    };
    for (const auto& row : rows) {
        CAPTURE(row.a);
        CAPTURE(row.x);
        const double error = row.a < 100 ? 4e-14 : 4e-13;
        CHECK(std::fabs(lower<double>(row.a, row.x) / row.p - 1) < error);
        CHECK(std::fabs(upper<double>(row.a, row.x) / row.q - 1) < error);
        CHECK(std::fabs(slope(row.a, std::log(row.x)) / row.slope - 1) < 1e-11);
        const double a = static_cast<double>(static_cast<float>(row.a)),
                     x = static_cast<double>(static_cast<float>(row.x));
        if (row.p > 1e-30) CHECK(std::fabs(lower<float>(a, x) / lower<double>(a, x) - 1) < 1.2e-7);
        if (row.q > 1e-30) CHECK(std::fabs(upper<float>(a, x) / upper<double>(a, x) - 1) < 1.2e-7);
    }
}

TEST_CASE_TEMPLATE("igamma: ends", T, float, double) {
    constexpr double inf = std::numeric_limits<double>::infinity(),
                     nan = std::numeric_limits<double>::quiet_NaN();
    for (const double a : {0.5, 1.0, 30.0}) {
        CHECK(lower<T>(a, 0) == 0);
        CHECK(upper<T>(a, 0) == 1);
        CHECK(lower<T>(a, inf) == 1);
        CHECK(upper<T>(a, inf) == 0);
        CHECK(lower<T>(inf, a) == 0);
        CHECK(upper<T>(inf, a) == 1);
        CHECK(lower<T>(0, a) == 1);
        CHECK(upper<T>(0, a) == 0);
        for (const auto& [b, x] : {std::pair{nan, a}, {a, nan}, {-a, a}, {a, -a}, {0.0, 0.0}, {inf, inf}}) {
            CHECK(std::isnan(lower<T>(b, x)));
            CHECK(std::isnan(upper<T>(b, x)));
        }
    }
}

TEST_CASE("log_gamma_slope: where the number itself is none, and ends") {
    // x^a / gamma(a + 1) is held: -(log x - digamma(a + 1)) / a.
    CHECK(slope(0.01, -5000) == doctest::Approx((5000 - 0.56088545786867450) / 0.01).epsilon(1e-12));
    CHECK(slope(0.5, -1e308) == std::numeric_limits<double>::infinity());
    CHECK(std::isnan(slope(0, 1)));
    CHECK(std::isnan(slope(1, std::numeric_limits<double>::infinity())));
    CHECK(std::isnan(slope(1, std::numeric_limits<double>::quiet_NaN())));
    // Both forms, where one ends and the other begins.
    for (const double z : {-7.99, -3.0, 0.01, 3.0, 7.99}) {
        const double below = 1e4, above = std::nextafter(1e4, 2e4), x = 1e4 + z * 100;
        CHECK(slope(below, std::log(x)) == doctest::Approx(slope(above, std::log(x))).epsilon(1e-10));
    }
}
