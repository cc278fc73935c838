#include <tapegrad/simd/map.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;
using simd::Batch;
using simd::MapDriver;
using simd::MapSource;
using simd::MapTarget;

namespace {

/// out = 2 a + b
template <class T>
void kernel(const void*, const T* const* in, const int64_t* in_step, T* const* out, const int64_t* out_step,
            int64_t batches) {
    for (int64_t i = 0; i < batches; ++i) {
        const auto a = Batch<T>::load(in[0] + i * in_step[0]), b = Batch<T>::load(in[1] + i * in_step[1]);
        (a + a + b).store(out[0] + i * out_step[0]);
    }
}

template <class T>
std::vector<T> numbers(int64_t n) {
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(i * 37 % 101);
    return v;
}

template <class T>
struct Input {
    std::vector<T> data = numbers<T>(20'000);
    Strides strides;
    int64_t origin = 5000;
    T at(const Dims& place) const {
        int64_t offset = origin;
        for (int axis = 0; axis < place.rank(); ++axis) offset += place[axis] * strides[axis];
        return data[static_cast<std::size_t>(offset)];
    }
    MapSource<T> source() const { return {data.data() + origin, strides}; }
};

template <class T>
void check(const Shape& shape, const Strides& a_strides, const Strides& b_strides) {
    CAPTURE(shape.to_string());
    CAPTURE(a_strides.to_string());
    CAPTURE(b_strides.to_string());
    Input<T> a, b;
    a.strides = a_strides;
    b.strides = b_strides;
    const int64_t n = numel_of(shape);
    std::vector<T> out(static_cast<std::size_t>(n) + 2, T(-7));
    const MapSource<T> sources[] = {a.source(), b.source()};
    const MapTarget<T> target{out.data() + 1};
    const MapDriver<T> driver(&kernel<T>, nullptr, shape, sources);
    driver.run(std::span(&target, 1));
    Dims place = Dims::filled(shape.rank(), 0);
    bool right = true;
    double total = 0;
    for (int64_t i = 0; i < n; ++i) {
        const T want = static_cast<T>(2 * a.at(place) + b.at(place));
        right &= out[static_cast<std::size_t>(i) + 1] == want;
        total += static_cast<double>(want);
        for (int axis = shape.rank() - 1; axis >= 0 && ++place[axis] == shape[axis]; --axis) place[axis] = 0;
    }
    CHECK(right);
    CHECK(out.front() == T(-7));
    CHECK(out.back() == T(-7));
    CHECK(driver.sum() == total);  // small integers: exact
}

}

TEST_CASE_TEMPLATE("map: the driver over lengths and layouts", T, float, double) {
    constexpr int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, W + 1, 2 * W + 1, int64_t{511}, int64_t{512},
                            int64_t{513}, int64_t{3000}})
        for (const int64_t step : {1, 0, 2, -1}) check<T>({n}, {1}, {step});
    for (const int64_t rows : {1, 3, 9})
        for (const int64_t n :
             {int64_t{1}, W - 1, W + 1, int64_t{63}, int64_t{64}, int64_t{65}, int64_t{600}}) {
            check<T>({rows, n}, {n, 1}, {0, 1});
            check<T>({rows, n}, {n, 1}, {1, 0});
            check<T>({rows, n}, {1, rows}, {n, 1});
            check<T>({rows, n}, {0, 0}, {n, 1});
            check<T>({rows, n}, {n + 3, 1}, {2 * n, 2});
        }
    check<T>({3, 4, 5, 6}, {120, 30, 6, 1}, {1, 0, 3, 15});
    check<T>({2, 1, 3, 1, 2, 2, 1, 3}, {36, 99, 12, 99, 6, 3, 99, 1}, {0, 0, 1, 0, 3, 0, 0, 6});
    check<T>({}, {}, {});
}

TEST_CASE("map: bool inputs become 0 and 1, bool results 0 or not") {
    for (const int64_t n : {1, 15, 16, 17, 600}) {
        std::vector<char> flags(static_cast<std::size_t>(n)), got(static_cast<std::size_t>(n));
        std::vector<float> x(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < x.size(); ++i) {
            flags[i] = i % 3 == 0;
            x[i] = static_cast<float>(i % 2) * -2;
        }
        const MapSource<float> sources[] = {{flags.data(), {1}, true}, {x.data(), {1}}};
        const MapTarget<float> target{nullptr, reinterpret_cast<bool*>(got.data())};
        MapDriver<float>(&kernel<float>, nullptr, {n}, sources).run(std::span(&target, 1));
        bool right = true;
        for (std::size_t i = 0; i < x.size(); ++i) right &= (got[i] != 0) == ((i % 3 == 0) != (i % 2 == 1));
        CHECK(right);
    }
}

TEST_CASE("map: an output that nobody wants is not written") {
    const std::vector<float> x = numbers<float>(100);
    const MapSource<float> sources[] = {{x.data(), {1}}, {x.data(), {1}}};
    const MapTarget<float> target{};
    CHECK_NOTHROW(MapDriver<float>(&kernel<float>, nullptr, {100}, sources).run(std::span(&target, 1)));
}

TEST_CASE("map: sums have the same bits for any number of threads") {
    std::vector<float> x(300'000);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1 / static_cast<float>(i + 1);
    const MapSource<float> sources[] = {{x.data(), {1}}, {x.data(), {0}}};
    const MapDriver<float> driver(&kernel<float>, nullptr, {300'000}, sources);
    double one = 0;
    for (int threads = 1; threads <= 4; ++threads) {
        const support::Threads scope(threads);
        if (threads == 1) one = driver.sum();
        CHECK(driver.sum() == one);
    }
}
