// Systems of equations with a triangular matrix.
#pragma once

#include "../simd/triangular.hpp"
#include "matrices.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SolveTriangularOptions {
    bool upper = false;          // which triangle of a is read
    bool left = true;            // a x = b; else x a = b
    bool unitriangular = false;  // the diagonal of a is not read, it counts as ones
    bool transposed = false;     // with the transpose of a in the place of a
};

namespace detail {

/// b with the sign turned, in the batch of the result, becomes x.
template <class T>
Tensor<T> solve_triangular_values(const Tensor<T>& a, const Tensor<T>& b,
                                  const SolveTriangularOptions& options) {
    const int64_t n = a.size(-1), columns = b.size(-1);
    const Shape batch = broadcast_shapes("solve_triangular", leading(a.shape()), leading(b.shape()));
    const Tensor<T> packed = contiguous(a);
    Tensor<T> x = evaluate(
        "solve_triangular", [](const auto& v) TAPEGRAD_LAMBDA { return -v; },
        batch_view("solve_triangular", b, batch));
    const Strides strides = batch_strides("solve_triangular", packed, batch);
    const T* const from = packed.data();
    T* const to = output(x);
    if (x.numel() > 0)
        for_each_matrix(numel_of(batch), n * n * columns / 2, [&](int64_t q) {
            simd::Triangle<T> t{
                {from + batch_offset(batch, strides, q), n, 1}, options.upper, options.unitriangular};
            if (options.transposed) t = {t.a.transposed(), !t.upper, t.unit};
            simd::solve_triangle(t, n, simd::Columns<T>{to + q * n * columns, columns, 1, columns});
        });
    return x;
}

}

/// Solution of a system with a triangular matrix, of which only that triangle is read.
///   a x = b, or x a = b
/// Shape    a (..., n, n), b (..., n, k), or (..., k, n) on the left of a; leading axes broadcast -> x
/// Grad     db = a^-T dy, da = the triangle of -db x^T;  saves a, x
/// Numeric  (a + e) x = b with |e| <= (n + 1) eps |a|; a 0 on the diagonal gives infinities and NaN
/// Throws   ShapeError: a is not square, sizes that do not fit
template <Floating T>
Tensor<T> solve_triangular(const Tensor<T>& a, const Tensor<T>& b, SolveTriangularOptions options = {}) {
    const int64_t n = detail::check_square("solve_triangular", "a", a.shape());
    if (b.rank() < 2 || b.size(options.left ? -2 : -1) != n)
        detail::fail<ShapeError>("solve_triangular", "a ", a.shape(), " and b ", b.shape(),
                                 " do not fit: b must be ", options.left ? "(..., " : "(..., k, ", n,
                                 options.left ? ", k)" : ")");
    if (!options.left) {
        options.left = true;
        options.transposed = !options.transposed;
        return transpose(solve_triangular(a, transpose(b), options));
    }
    return record("solve_triangular", detail::solve_triangular_values(a, b, options), {a, b},
                  [a, options](const Tensor<T>& dy, const Tensor<T>& x, Needs needs) {
                      SolveTriangularOptions other = options;
                      other.transposed = !options.transposed;
                      std::array<Tensor<T>, 2> d;
                      d[1] = solve_triangular(a, dy, other);
                      if (!needs[0]) return d;
                      const Tensor<T> da =
                          options.transposed ? matmul(x, transpose(d[1])) : matmul(d[1], transpose(x));
                      const int64_t beside = options.unitriangular ? 1 : 0;
                      d[0] = -(options.upper ? triu(da, beside) : tril(da, -beside));
                      return d;
                  });
}

}
