#include <tapegrad/simd/cholesky.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;

namespace {

/// -(b b^T + n).
template <class T>
Tensor<T> negative(int64_t n) {
    const Tensor<T> b = support::normal<T>({n, n});
    Tensor<T> a = empty<T>({n, n});
    support::for_each_place(a.shape(), [&](const Dims& at, int64_t i) {
        double sum = at[0] == at[1] ? static_cast<double>(n) : 0;
        for (int64_t p = 0; p < n; ++p)
            sum += static_cast<double>(b(at[0], p)) * static_cast<double>(b(at[1], p));
        detail::output(a)[i] = static_cast<T>(-sum);
    });
    return a;
}

}

TEST_CASE_TEMPLATE("cholesky: value", T, float, double) {
    for (const int64_t n : {1, 2, 3, 15, 16, 17, 32, 63, 100, 200}) {
        const Tensor<T> a = negative<T>(n);
        Tensor<T> l = detail::copy(a);
        CHECK(simd::cholesky(n, l.mutable_data(), n) == 0);
        double worst = 0;
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j <= i; ++j) {
                double sum = static_cast<double>(a(i, j));
                for (int64_t p = 0; p <= j; ++p)
                    sum += static_cast<double>(l(i, p)) * static_cast<double>(l(j, p));
                worst = std::fmax(worst, std::fabs(sum) / -static_cast<double>(a(i, i)));
            }
        CHECK(worst <
              4 * std::sqrt(static_cast<double>(n)) * static_cast<double>(std::numeric_limits<T>::epsilon()));
    }
}

TEST_CASE("cholesky: the minor that is not positive, at every place") {
    for (const int64_t n : {1, 5, 16, 33, 70})
        for (int64_t i = 0; i<n; i += n> 20 ? 7 : 1)
            for (const double wrong : {1e9, 0.0, std::numeric_limits<double>::quiet_NaN()}) {
                Tensor<double> a = negative<double>(n);
                for (int64_t j = 0; j < i; ++j) a.set({i, j}, 0);
                a.set({i, i}, wrong);
                CHECK(simd::cholesky(n, a.mutable_data(), n) == i + 1);
            }
    CHECK(simd::cholesky<double>(0, nullptr, 0) == 0);
}

TEST_CASE("cholesky: rows further apart, the same bits on any number of threads") {
    const Tensor<float> a = negative<float>(150);
    Tensor<float> packed = detail::copy(a), apart = full<float>({150, 160}, 3.0F);
    for (int64_t i = 0; i < 150; ++i)
        for (int64_t j = 0; j <= i; ++j) apart.set({i, j}, a(i, j));
    {
        const support::Threads scope(1);
        simd::cholesky(150, packed.mutable_data(), 150);
    }
    const support::Threads scope(3);
    simd::cholesky(150, apart.mutable_data(), 160);
    bool same = true;
    for (int64_t i = 0; i < 150; ++i)
        for (int64_t j = 0; j <= i; ++j) same &= packed(i, j) == apart(i, j);
    CHECK(same);
    CHECK(apart(0, 155) == 3);
}
