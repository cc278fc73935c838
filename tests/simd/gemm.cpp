#include <tapegrad/simd/gemm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace tapegrad;
using simd::Batch;
using simd::MatrixRef;
using simd::width;
using std::int64_t;

template <class T>
using Wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;

template <class T>
Wide<T> wide(T v) {
    return static_cast<Wide<T>>(v);
}

/// A matrix in row-major order, and copies of it in other orders.
template <class T>
struct Matrix {
    int64_t rows, cols;
    std::vector<T> values;
    std::vector<std::vector<T>> copies;

    Matrix(int64_t m, int64_t n, std::mt19937& random)
        : rows(m), cols(n), values(static_cast<std::size_t>(m * n)) {
        std::uniform_real_distribution<T> uniform(-1, 1);
        for (T& v : values) v = uniform(random);
    }
    T operator()(int64_t i, int64_t j) const { return values[static_cast<std::size_t>(i * cols + j)]; }

    MatrixRef<T> ref() const { return {values.data(), cols, 1}; }
    /// The same matrix with other strides; what lies between its elements is NaN.
    MatrixRef<T> strided(int64_t row_stride, int64_t col_stride) {
        const int64_t down = (rows > 0 ? rows - 1 : 0) * row_stride,
                      right = (cols > 0 ? cols - 1 : 0) * col_stride;
        const int64_t first = (down < 0 ? -down : 0) + (right < 0 ? -right : 0);
        const int64_t size = first + (down > 0 ? down : 0) + (right > 0 ? right : 0) + 1;
        auto& copy = copies.emplace_back(static_cast<std::size_t>(size), std::numeric_limits<T>::quiet_NaN());
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t j = 0; j < cols; ++j)
                copy[static_cast<std::size_t>(first + i * row_stride + j * col_stride)] = (*this)(i, j);
        return {copy.data() + first, row_stride, col_stride};
    }
    MatrixRef<T> transposed() { return strided(1, rows + 1); }
    MatrixRef<T> general() { return strided(2 * cols + 3, 2); }
    MatrixRef<T> reversed() { return strided(-cols, -1); }
};

template <class T>
struct Reference {
    std::vector<Wide<T>> value, magnitude;

    Reference(const Matrix<T>& a, const Matrix<T>& b)
        : value(static_cast<std::size_t>(a.rows * b.cols)), magnitude(value.size()) {
        for (int64_t i = 0; i < a.rows; ++i)
            for (int64_t p = 0; p < a.cols; ++p)
                for (int64_t j = 0; j < b.cols; ++j) {
                    const Wide<T> term = wide(a(i, p)) * wide(b(p, j));
                    value[static_cast<std::size_t>(i * b.cols + j)] += term;
                    magnitude[static_cast<std::size_t>(i * b.cols + j)] += term < 0 ? -term : term;
                }
    }
};

/// How many elements of c - start are further from the product than k + 1 roundings of each term.
template <class T>
int64_t wrong(const Reference<T>& expected, int64_t k, const std::vector<T>& c, int64_t n, int64_t ldc,
              T start) {
    const Wide<T> eps = wide(std::numeric_limits<T>::epsilon()), from = wide(start);
    int64_t count = 0;
    for (std::size_t e = 0; e < expected.value.size(); ++e) {
        const auto i = static_cast<int64_t>(e) / n, j = static_cast<int64_t>(e) % n;
        const Wide<T> got = wide(c[static_cast<std::size_t>(i * ldc + j)]);
        const Wide<T> bound = static_cast<Wide<T>>(k + 1) * eps * (expected.magnitude[e] + std::abs(from));
        if (!(std::abs(got - from - expected.value[e]) <= bound)) ++count;
    }
    return count;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

struct Threads {
    int before = num_threads();
    ~Threads() { set_num_threads(before); }
};

template <class T>
void check_shape(int64_t m, int64_t n, int64_t k, std::mt19937& random) {
    CAPTURE(m);
    CAPTURE(n);
    CAPTURE(k);
    Matrix<T> a(m, k, random), b(k, n, random);
    const Reference<T> expected(a, b);
    const std::vector<MatrixRef<T>> lefts{a.ref(), a.transposed(), a.general(), a.reversed()};
    const std::vector<MatrixRef<T>> rights{b.ref(), b.transposed(), b.general(), b.reversed()};
    const T gap = 77, start = T(0.5);
    const int64_t ldc = n + 3;
    std::vector<T> first;
    for (std::size_t form = 0; form < 6; ++form) {
        // NN, NT, TN, TT, general, reversed
        const std::size_t left = form < 4 ? form / 2 : form - 2, right = form < 4 ? form % 2 : form - 2;
        CAPTURE(form);
        for (const bool accumulate : {false, true}) {
            std::vector<T> c(static_cast<std::size_t>(m * ldc), gap);
            for (int64_t i = 0; i < m; ++i)
                for (int64_t j = 0; j < n; ++j) c[static_cast<std::size_t>(i * ldc + j)] = start;
            simd::gemm(m, n, k, lefts[left], rights[right], c.data(), ldc, accumulate);
            REQUIRE(wrong(expected, k, c, n, ldc, accumulate ? start : T(0)) == 0);
            bool gaps_kept = true;
            for (int64_t i = 0; i < m; ++i)
                for (int64_t j = n; j < ldc; ++j)
                    gaps_kept &= c[static_cast<std::size_t>(i * ldc + j)] == gap;
            REQUIRE(gaps_kept);
            if (accumulate || m == 1 || n == 1) continue;
            if (first.empty()) first = c;
            REQUIRE(same_bits(c, first));
        }
    }
}

/// value + 1000 row + col + bias[col], reading the bias no further than its end.
template <class T>
struct Tagged {
    const T* bias;
    int64_t n;
    Batch<T> operator()(const Batch<T>& value, int64_t row, int64_t col) const {
        T tag[Batch<T>::size];
        for (int64_t l = 0; l < width<T>; ++l) tag[l] = static_cast<T>(1000 * row + col + l);
        const int64_t left = n - col < width<T> ? n - col : width<T>;
        return value + Batch<T>::load(tag) + simd::load_partial(bias + col, left);
    }
};

}

TEST_CASE("gemm: value over shapes and strides, float") {
    std::mt19937 random(1);
    const int64_t sizes[] = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 257};
    for (const int64_t m : sizes)
        for (const int64_t n : sizes)
            for (const int64_t k : sizes) check_shape<float>(m, n, k, random);
}

TEST_CASE("gemm: value over shapes and strides, double") {
    std::mt19937 random(2);
    const int64_t sizes[] = {0, 1, 3, 7, 8, 9, 17, 33, 100};
    for (const int64_t m : sizes)
        for (const int64_t n : sizes)
            for (const int64_t k : sizes) check_shape<double>(m, n, k, random);
}

TEST_CASE_TEMPLATE("gemm: several blocks of k, rows and columns", T, float, double) {
    std::mt19937 random(3);
    check_shape<T>(29, 37, 512, random);
    check_shape<T>(29, 37, 513, random);
    check_shape<T>(29, 37, 1500, random);
    check_shape<T>(2100, 5, 40, random);
    check_shape<T>(5, 2100, 40, random);
    check_shape<T>(1, 3000, 400, random);
    check_shape<T>(3000, 1, 400, random);
    check_shape<T>(60, 128, 256, random);
}

TEST_CASE_TEMPLATE("gemm: an element does not depend on its position", T, float, double) {
    std::mt19937 random(4);
    const int64_t m = 61, n = 83, k = 450;
    const Matrix<T> a(m, k, random), b(k, n, random);
    std::vector<T> whole(static_cast<std::size_t>(m * n));
    simd::gemm(m, n, k, a.ref(), b.ref(), whole.data(), n);
    for (const int64_t row : {0, 1, 13, 14, 40})
        for (const int64_t col : {0, 1, 15, 16, 33, 80})
            for (const int64_t rows : {2, 5, 21})
                for (const int64_t cols : {2, 3}) {
                    std::vector<T> part(static_cast<std::size_t>(rows * cols));
                    simd::gemm(rows, cols, k, a.ref().at(row, 0), b.ref().at(0, col), part.data(), cols);
                    for (int64_t i = 0; i < rows; ++i)
                        REQUIRE(std::memcmp(&part[static_cast<std::size_t>(i * cols)],
                                            &whole[static_cast<std::size_t>((row + i) * n + col)],
                                            static_cast<std::size_t>(cols) * sizeof(T)) == 0);
                }
}

TEST_CASE_TEMPLATE("gemm: the same bits for 1 to 4 threads", T, float, double) {
    const Threads restore;
    std::mt19937 random(5);
    const int64_t shapes[][3] = {{768, 512, 128}, {512, 128, 768}, {768, 65, 128},
                                 {65, 128, 768},  {300, 300, 300}, {30, 2500, 100},
                                 {1, 2000, 900},  {2000, 1, 900},  {33, 33, 2000}};
    for (const auto& [m, n, k] : shapes) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        Matrix<T> a(m, k, random), b(k, n, random);
        const std::vector<MatrixRef<T>> lefts{a.ref(), a.transposed()}, rights{b.ref(), b.transposed()};
        for (const auto& left : lefts)
            for (const auto& right : rights) {
                std::vector<T> one;
                for (const int threads : {1, 2, 3, 4}) {
                    set_num_threads(threads);
                    std::vector<T> c(static_cast<std::size_t>(m * n), T(1));
                    simd::gemm(m, n, k, left, right, c.data(), n, true);
                    if (threads == 1) one = c;
                    REQUIRE(same_bits(c, one));
                }
            }
    }
}

TEST_CASE_TEMPLATE("gemm: epilogue once for each finished element", T, float, double) {
    std::mt19937 random(6);
    for (const int64_t m : {1, 2, 15, 70})
        for (const int64_t n : {1, 3, 16, 33, 70})
            for (const int64_t k : {0, 1, 40, 800})
                for (const bool accumulate : {false, true}) {
                    CAPTURE(m);
                    CAPTURE(n);
                    CAPTURE(k);
                    const Matrix<T> a(m, k, random), b(k, n, random), bias(1, n, random);
                    std::vector<T> plain(static_cast<std::size_t>(m * n), T(3)), fused = plain;
                    simd::gemm(m, n, k, a.ref(), b.ref(), plain.data(), n, accumulate);
                    simd::gemm(m, n, k, a.ref(), b.ref(), fused.data(), n, accumulate,
                               Tagged<T>{bias.values.data(), n});
                    for (int64_t i = 0; i < m; ++i)
                        for (int64_t j = 0; j < n; ++j) {
                            T& value = plain[static_cast<std::size_t>(i * n + j)];
                            value = value + static_cast<T>(1000 * i + j) + bias(0, j);
                        }
                    REQUIRE(same_bits(fused, plain));
                }
}

TEST_CASE_TEMPLATE("gemm: NaN and inf reach exactly the elements that they belong to", T, float, double) {
    std::mt19937 random(7);
    const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    for (const int64_t m : {1, 4, 15})
        for (const int64_t n : {1, 5, 17})
            for (const int64_t k : {1, 2, 7, 8, 9, 16, 17, 33, 66, 130})
                for (int64_t p = 0; p < k; ++p) {
                    Matrix<T> a(m, k, random), b(k, n, random);
                    const int64_t row = p % m, col = p % n;
                    const auto check = [&](auto expected) {
                        for (const auto& left : {a.ref(), a.transposed()})
                            for (const auto& right : {b.ref(), b.transposed()}) {
                                std::vector<T> c(static_cast<std::size_t>(m * n));
                                simd::gemm(m, n, k, left, right, c.data(), n);
                                bool right_ones = true;
                                for (int64_t i = 0; i < m; ++i)
                                    for (int64_t j = 0; j < n; ++j)
                                        right_ones &= expected(i, j, c[static_cast<std::size_t>(i * n + j)]);
                                REQUIRE(right_ones);
                            }
                    };
                    T& left = a.values[static_cast<std::size_t>(row * k + p)];
                    T& right = b.values[static_cast<std::size_t>(p * n + col)];
                    left = nan;
                    check([&](int64_t i, int64_t, T v) { return std::isnan(v) == (i == row); });
                    left = inf;
                    right = 0;
                    check([&](int64_t i, int64_t j, T v) {
                        return i != row ? std::isfinite(v) : j == col ? std::isnan(v) : !std::isfinite(v);
                    });
                    left = 0;
                    right = -inf;
                    check([&](int64_t i, int64_t j, T v) {
                        return j != col ? std::isfinite(v) : i == row ? std::isnan(v) : !std::isfinite(v);
                    });
                }
}

TEST_CASE_TEMPLATE("gemm: broadcast operands have stride 0", T, float, double) {
    std::mt19937 random(8);
    const int64_t m = 20, n = 35, k = 70;
    Matrix<T> row(1, k, random), col(k, 1, random), a(m, k, random), b(k, n, random);
    std::vector<T> c(static_cast<std::size_t>(m * n)), d = c;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t p = 0; p < k; ++p) a.values[static_cast<std::size_t>(i * k + p)] = row(0, p);
    for (int64_t p = 0; p < k; ++p)
        for (int64_t j = 0; j < n; ++j) b.values[static_cast<std::size_t>(p * n + j)] = col(p, 0);
    simd::gemm(m, n, k, a.ref(), b.ref(), c.data(), n);
    simd::gemm(m, n, k, MatrixRef<T>{row.values.data(), 0, 1}, MatrixRef<T>{col.values.data(), 1, 0},
               d.data(), n);
    CHECK(same_bits(c, d));
}
