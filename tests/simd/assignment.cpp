#include <tapegrad/simd/assignment.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace tapegrad;

TEST_CASE("assignment: columns of a permuted diagonal, for sizes around a register") {
    for (const std::size_t n : {1U, 2U, 7U, 8U, 9U, 16U, 33U}) {
        std::vector<float> costs(n * n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                costs[i * n + j] = static_cast<float>((i * 7 + j * 5) % 11 + 1);
        std::vector<int64_t> want(n), got(n);
        for (std::size_t i = 0; i < n; ++i) {
            want[i] = static_cast<int64_t>((i * 5 + 3) % n);
            if (std::gcd(5, static_cast<int>(n)) != 1) want[i] = static_cast<int64_t>(n - 1 - i);
            costs[i * n + static_cast<std::size_t>(want[i])] = -1;
        }
        simd::AssignmentSolver(costs.data(), static_cast<int64_t>(n)).solve(got.data());
        CHECK(got == want);
    }
    simd::AssignmentSolver(static_cast<const double*>(nullptr), 0).solve(nullptr);
}
