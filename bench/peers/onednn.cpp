#include <dnnl.h>
#include <omp.h>

#include "../support/gemm_cases.hpp"

namespace {

using namespace support;

const bool registered = [] {
    add_gemm("gemm_onednn", [](GemmOperands<float>& of, int threads) {
        omp_set_num_threads(threads);
        return [&of, s = of.s] {
            for (int64_t q = 0; q < s.batch; ++q)
                dnnl_sgemm(s.a_transposed ? 'T' : 'N', s.b_transposed ? 'T' : 'N', s.m, s.n, s.k, 1.0F,
                           of.a.data() + q * s.m * s.k, s.a_transposed ? s.m : s.k,
                           of.b.data() + q * s.k * s.n, s.b_transposed ? s.k : s.n, 0.0F,
                           of.c.data() + q * s.m * s.n, s.n);
        };
    });
    return true;
}();

}
