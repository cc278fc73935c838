#include <tapegrad/simd/gemm_pack.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;
using simd::width;

template <class T>
void check_pack(int64_t lane, int64_t term, int64_t lanes, int64_t readable, int64_t k, int64_t step) {
    CAPTURE(lane);
    CAPTURE(term);
    CAPTURE(lanes);
    CAPTURE(readable);
    CAPTURE(k);
    CAPTURE(step);
    // Exactly the memory that the matrix covers, so that the address sanitizer sees a read beside it.
    const int64_t size = k > 0 ? (readable - 1) * lane + (k - 1) * term + 1 : 0;
    std::vector<T> from(static_cast<std::size_t>(size));
    for (int64_t i = 0; i < size; ++i) from[static_cast<std::size_t>(i)] = static_cast<T>(i + 1);
    const auto end = static_cast<std::size_t>(k * step + simd::detail::pack_slack<T>);
    std::vector<T> to(end, T(-1));
    simd::detail::pack(from.data(), lane, term, lanes, readable, k, to.data(), step);
    int64_t wrong = 0;
    const int64_t w = width<T>, padded = (lanes + w - 1) / w * w;
    for (int64_t p = 0; p < k; ++p)
        for (int64_t l = 0; l < lanes || (l < padded && padded <= step); ++l) {
            const T got = to[static_cast<std::size_t>(p * step + l)];
            wrong += l < lanes ? got != from[static_cast<std::size_t>(l * lane + p * term)]
                               : !(got == got) || got < 0;
        }
    CHECK(wrong == 0);
}

}

TEST_CASE_TEMPLATE("gemm_pack: any strides, whole and partial panels", T, float, double) {
    const int64_t w = width<T>;
    for (const int64_t k : {int64_t{0}, int64_t{1}, w - 1, w, w + 1, 3 * w + 2})
        for (int64_t lanes = 1; lanes <= 2 * w + 1; ++lanes)
            for (const int64_t step : {lanes, (lanes + w - 1) / w * w, 3 * w}) {
                check_pack<T>(1, lanes, lanes, lanes, k, step);
                check_pack<T>(1, lanes + 3, lanes, lanes, k, step);
                check_pack<T>(1, 4 * w, lanes, lanes + w - 1, k, step);
                check_pack<T>(1, 4 * w, lanes, lanes + 1, k, step);
                check_pack<T>(k + 1, 1, lanes, lanes, k, step);
                check_pack<T>(k + 1, 1, lanes, lanes + w, k, step);
                check_pack<T>(2 * k + 1, 2, lanes, lanes, k, step);
            }
}
