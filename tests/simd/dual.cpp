#include <tapegrad/simd/dual.hpp>

#include <doctest/doctest.h>

#include <tapegrad/simd/functions.hpp>

using namespace tapegrad;
using simd::Batch;
using simd::Dual;
using simd::Mask;
using simd::Reads;
using simd::Trace;

namespace {

template <class T>
T first(const Batch<T>& b) {
    T v[Batch<T>::size];
    b.store(v);
    return v[0];
}
constexpr Trace a = Trace::input(0), b = Trace::input(1);

}

TEST_CASE_TEMPLATE("dual: values and partial derivatives", T, float, double) {
    using D = Dual<T, 2>;
    const D x = D::template input<0>(Batch<T>(T(3))), y = D::template input<1>(Batch<T>(T(2)));
    CHECK(x.depends[0]);
    CHECK_FALSE(x.depends[1]);
    const D p = x * y + 2 * x - y / 4;
    CHECK(first(p.value) == T(11.5));
    CHECK(first(p.partial[0]) == T(4));
    CHECK(first(p.partial[1]) == T(2.75));
    const D q = exp(x * y);
    CHECK(first(q.value) == doctest::Approx(std::exp(6.0)));
    CHECK(first(q.partial[0]) == doctest::Approx(2 * std::exp(6.0)));
    CHECK(first(q.partial[1]) == doctest::Approx(3 * std::exp(6.0)));
}

TEST_CASE("dual: a derivative that is zero is known to be so") {
    using D = Dual<double, 2>;
    const D x = D::input<0>(Batch<double>(3.0)), y = D::input<1>(Batch<double>(2.0));
    CHECK_FALSE(sin(x).depends[1]);
    CHECK_FALSE(floor(x).depends[0]);
    CHECK_FALSE((D(1.0) + 2).depends[0]);
    CHECK((floor(x) * y).depends[1]);
    CHECK_FALSE((floor(x) * y).depends[0]);
    CHECK(first((-x).partial[0]) == -1);
}

TEST_CASE("dual: where joins the derivatives of both sides, and takes none from the other") {
    using D = Dual<double, 2>;
    const double inf = std::numeric_limits<double>::infinity();
    const D x = D::input<0>(Batch<double>(0.0)), y = D::input<1>(Batch<double>(2.0));
    const D z = where(y > 1, y * y, log(x));  // log is -inf here, its slope inf
    CHECK(first(z.value) == 4);
    CHECK(first(z.partial[0]) == 0);
    CHECK(first(z.partial[1]) == 4);
    CHECK(first(where(y > 3, y, log(x)).partial[0]) == inf);
    CHECK(first(where(x < 1, 7, y).partial[1]) == 0);
}

TEST_CASE("dual: a trace knows what each derivative reads") {
    const auto reads = [](const Trace& t) { return std::array{t.partial_reads[0], t.partial_reads[1]}; };
    using Two = std::array<uint32_t, 2>;
    static_assert((a + b).active == 3);
    CHECK(reads(a + b) == Two{0, 0});
    CHECK(reads(3 * a - b / 2) == Two{0, 0});
    CHECK(reads(a * b) == Two{2, 1});
    CHECK(reads(a / b) == Two{2, 3});
    CHECK(reads(exp(a) + sin(b)) == Two{1, 2});
    CHECK(reads(exp(a * b)) == Two{3, 3});
    CHECK(reads(floor(a) * b) == Two{0, 1});
    CHECK((floor(a) * b).active == 2);
    CHECK(reads(where(a < 0, a, b)) == Two{1, 1});
    CHECK(reads(where(Reads(4), a * 2, b)) == Two{4, 4});
    CHECK((a * b).reads == 3);
    CHECK(Trace(2.0).active == 0);
    Trace sum = a;
    sum += b * b;
    CHECK(reads(sum) == Two{0, 2});
}
