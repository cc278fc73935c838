// Runs the same computation from every translation unit and compares the results with plain arithmetic.
#include <cmath>
#include <cstdio>

#include "part.hpp"

namespace {

float expected_sum() {
    double sum = 0;
    for (int x = -5; x <= 5; ++x) sum += x / (1 + std::exp(-x));
    return static_cast<float>(sum);
}

float expected_slope() {
    const double s = 1 / (1 + std::exp(5.0));
    return static_cast<float>(s + -5 * s * (1 - s));
}

bool check(const char* name, const Part& part) {
    // Eleven additions and a handful of roundings in float, of numbers up to 15.
    const bool right =
        std::fabs(part.sum - expected_sum()) < 1e-5f && std::fabs(part.slope - expected_slope()) < 1e-6f;
    std::printf("%-9s %-12s sum %.6f slope %.6f %s\n", name, part.isa, static_cast<double>(part.sum),
                static_cast<double>(part.slope), right ? "right" : "WRONG");
    return right;
}

}

int main() {
    bool right = check("first", first());
    right &= check("second", second());
#if defined(__x86_64__)
    right &= check("baseline", baseline());
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        right &= check("v3", v3());
    else
        std::printf("v3        is not run: this machine has no AVX2\n");
#endif
    return right ? 0 : 1;
}
