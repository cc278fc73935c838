// Debian's OpenBLAS 0.3.21 takes new CPUs for old ones: set OPENBLAS_CORETYPE=SkylakeX where there is AVX-512,
// Haswell elsewhere.
#include <cblas.h>

#include "../support/gemm_cases.hpp"

namespace {

using namespace support;

const bool registered = [] {
    add_gemm("gemm_openblas", [](GemmOperands<float>& of, int threads) {
        openblas_set_num_threads(threads);
        return [&of, s = of.s] {
            const auto size = [](int64_t n) { return static_cast<blasint>(n); };
            for (int64_t q = 0; q < s.batch; ++q)
                cblas_sgemm(CblasRowMajor, s.a_transposed ? CblasTrans : CblasNoTrans,
                            s.b_transposed ? CblasTrans : CblasNoTrans, size(s.m), size(s.n), size(s.k), 1.0F,
                            of.a.data() + q * s.m * s.k, size(s.a_transposed ? s.m : s.k),
                            of.b.data() + q * s.k * s.n, size(s.b_transposed ? s.k : s.n), 0.0F,
                            of.c.data() + q * s.m * s.n, size(s.n));
        };
    });
    return true;
}();

}
