#include <tapegrad/simd/strided_copy.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;

template <class T>
T pattern(int64_t i) {
    return static_cast<T>(i * 37 + 11);
}

/// Elements that the strides reach from the lowest one, and where the view begins.
struct Extent {
    int64_t size = 1, origin = 0;
    Extent(const Shape& shape, const Strides& strides) {
        for (int i = 0; i < shape.rank(); ++i) {
            const int64_t reach = (shape[i] - 1) * strides[i];
            size += reach < 0 ? -reach : reach;
            if (reach < 0) origin -= reach;
        }
    }
};

/// The offset of each element of a view in row-major order.
std::vector<int64_t> offsets(const Shape& shape, const Strides& strides) {
    std::vector<int64_t> out;
    for (int64_t i = 0; i < numel_of(shape); ++i) {
        int64_t rest = i, offset = 0;
        for (int axis = shape.rank() - 1; axis >= 0; --axis) {
            offset += rest % shape[axis] * strides[axis];
            rest /= shape[axis];
        }
        out.push_back(offset);
    }
    return out;
}

/// Both directions against an element-by-element copy; nothing outside the view is written.
template <class T>
void check_copies(const Shape& shape, const Strides& strides) {
    CAPTURE(shape.to_string());
    CAPTURE(strides.to_string());
    const Extent extent(shape, strides);
    const auto n = static_cast<std::size_t>(numel_of(shape)), reach = static_cast<std::size_t>(extent.size);
    const std::vector<int64_t> offset = offsets(shape, strides);
    std::vector<T> view(reach), dense(n + 2, T(1));
    for (std::size_t i = 0; i < reach; ++i) view[i] = pattern<T>(static_cast<int64_t>(i));
    simd::copy_from_strided(view.data() + extent.origin, shape, strides, dense.data() + 1);
    int64_t wrong = dense.front() != T(1) || dense.back() != T(1);
    for (std::size_t i = 0; i < n; ++i) wrong += dense[i + 1] != pattern<T>(extent.origin + offset[i]);
    CHECK(wrong == 0);

    if (strides.contains(0)) return;
    std::vector<T> target(reach, T(1)), expected(reach, T(1));
    for (std::size_t i = 0; i < n; ++i) {
        dense[i] = pattern<T>(static_cast<int64_t>(i) + 5);
        expected[static_cast<std::size_t>(extent.origin + offset[i])] = dense[i];
    }
    simd::copy_to_strided(dense.data(), target.data() + extent.origin, shape, strides);
    CHECK(target == expected);
}

/// The strides of a row-major tensor seen through a permutation: axis i of the view is axis order[i] of
/// memory.
Strides permuted(const Shape& view, const Axes& order) {
    Shape memory = view;
    for (int i = 0; i < view.rank(); ++i) memory[static_cast<int>(order[i])] = view[i];
    const Strides strides = row_major(memory);
    Strides out = strides;
    for (int i = 0; i < view.rank(); ++i) out[i] = strides[static_cast<int>(order[i])];
    return out;
}

}

TEST_CASE_TEMPLATE("strided_copy: transposes of every size around a block", T, std::uint8_t, std::int16_t,
                   float, double) {
    for (const int64_t rows : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 130})
        for (const int64_t columns : {1, 2, 4, 5, 8, 15, 16, 17, 32, 63, 64, 65, 129}) {
            check_copies<T>({rows, columns}, {1, rows});
            check_copies<T>({rows, columns}, {1, rows + 3});
            check_copies<T>({2, rows, columns}, {rows * columns, 1, rows});
        }
    check_copies<T>({3, 5000}, {1, 3});
    check_copies<T>({5000, 3}, {1, 5000});
}

TEST_CASE_TEMPLATE("strided_copy: permutations", T, std::uint8_t, std::int16_t, float, std::int64_t) {
    const Shape shape{3, 5, 4, 18};
    for (int64_t a = 0; a < 4; ++a)
        for (int64_t b = 0; b < 4; ++b)
            for (int64_t c = 0; c < 4; ++c) {
                if (a == b || a == c || b == c) continue;
                check_copies<T>(shape, permuted(shape, {a, b, c, 6 - a - b - c}));
            }
    check_copies<T>({2, 1, 3, 2, 1, 2, 3, 2}, permuted({2, 1, 3, 2, 1, 2, 3, 2}, {7, 6, 5, 4, 3, 2, 1, 0}));
}

TEST_CASE_TEMPLATE("strided_copy: slices, flips and broadcasts", T, std::uint8_t, float, double) {
    check_copies<T>({}, {});
    check_copies<T>({1}, {1});
    check_copies<T>({17}, {1});
    check_copies<T>({40}, {3});
    check_copies<T>({40}, {-1});
    check_copies<T>({9, 40}, {100, 2});
    check_copies<T>({9, 40}, {-100, -2});
    check_copies<T>({9, 40}, {-1, 9});
    check_copies<T>({9, 40}, {2, 19});
    check_copies<T>({9, 40}, {0, 1});
    check_copies<T>({9, 40}, {1, 0});
    check_copies<T>({3, 9, 40}, {1, 0, 4});
    check_copies<T>({7, 5}, {0, 0});
}

TEST_CASE("strided_copy: an empty view touches nothing") {
    const float* const nothing = nullptr;
    simd::copy_from_strided(nothing, {0}, {1}, static_cast<float*>(nullptr));
    simd::copy_to_strided(nothing, static_cast<float*>(nullptr), {3, 0, 2}, {1, 1, 1});
}

TEST_CASE_TEMPLATE("strided_copy: large views, cut into chunks", T, std::uint8_t, float) {
    check_copies<T>({400'000}, {1});
    check_copies<T>({2, 200'000}, {200'001, 1});
    check_copies<T>({300'000}, {2});
    check_copies<T>({700, 701}, {1, 700});
    check_copies<T>({2, 12, 128, 64}, permuted({2, 12, 128, 64}, {0, 2, 1, 3}));
    check_copies<T>({2, 12, 64, 128}, permuted({2, 12, 64, 128}, {0, 2, 3, 1}));
}
