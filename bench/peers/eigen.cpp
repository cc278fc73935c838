#include <Eigen/Core>

#include "../support/gemm_cases.hpp"

namespace {

using namespace support;

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ColumnMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

/// c = a b, where a transposed operand is one that is stored by columns.
template <class A, class B>
void product(const GemmOperands<float>& of) {
    const GemmCase& s = of.s;
    for (int64_t q = 0; q < s.batch; ++q) {
        const Eigen::Map<const A> a(of.a.data() + q * s.m * s.k, s.m, s.k);
        const Eigen::Map<const B> b(of.b.data() + q * s.k * s.n, s.k, s.n);
        Eigen::Map<RowMajor> c(const_cast<float*>(of.c.data()) + q * s.m * s.n, s.m, s.n);
        c.noalias() = a * b;
    }
}

const bool registered = [] {
    add_gemm("gemm_eigen", [](GemmOperands<float>& of, int threads) {
        Eigen::setNbThreads(threads);
        return [&of] {
            if (of.s.a_transposed && of.s.b_transposed)
                product<ColumnMajor, ColumnMajor>(of);
            else if (of.s.a_transposed)
                product<ColumnMajor, RowMajor>(of);
            else if (of.s.b_transposed)
                product<RowMajor, ColumnMajor>(of);
            else
                product<RowMajor, RowMajor>(of);
        };
    });
    return true;
}();

}
