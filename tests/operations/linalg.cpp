// Linear algebra: systems of equations, elimination, determinants, exponentials.
#include <doctest/doctest.h>

#include <tapegrad/ops/cholesky.hpp>
#include <tapegrad/ops/det.hpp>
#include <tapegrad/ops/matrix_exp.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

// The sizes of a matrix belong together. The condition of a matrix multiplies the error of floats.
const OperationOptions matrices{.single = 1000, .sizes = false};
const OperationOptions part{.single = 1000, .sizes = false, .nan = false};  // not all of a is read
const OperationOptions constant{.order = 0, .sizes = false, .nan = false};

/// a a^T + 1.
template <class X>
X positive(const X& a) {
    return matmul(a, transpose(a)) + eye<typename X::value_type>(a.size(-1));
}

/// A row of solve_triangular.
Operation triangular(const char* name, const SolveTriangularOptions& options) {
    return operation(
        name, [options](const auto& a, const auto& b) { return solve_triangular(a, b, options); }, part);
}
Operation factored(const char* name, const LuSolveOptions& options) {
    return operation(
        name,
        [options](const auto& a, const auto& b) {
            const auto f = lu_factor(a);
            return lu_solve(f.lu, f.pivots, b, options);
        },
        matrices);
}

const Operations equations(
    "linalg",
    {operation(
         "cholesky", [](const auto& a) { return cholesky(positive(a)); }, part),
     operation(
         "cholesky:upper", [](const auto& a) { return cholesky(positive(a), {.upper = true}); }, part),
     triangular("solve_triangular", {}),
     triangular("solve_triangular:upper", {.upper = true}),
     triangular("solve_triangular:unit", {.unitriangular = true}),
     triangular("solve_triangular:upper, unit", {.upper = true, .unitriangular = true}),
     triangular("solve_triangular:right", {.left = false}),
     triangular("solve_triangular:upper, right, unit", {.upper = true, .left = false, .unitriangular = true}),
     triangular("solve_triangular:transposed", {.transposed = true}),
     triangular("solve_triangular:upper, right, transposed",
                {.upper = true, .left = false, .transposed = true}),
     operation(
         "lu_factor", [](const auto& a) { return lu_factor(a).lu; }, matrices),
     operation(
         "lu_factor:pivots", [](const auto& a) { return lu_factor(a).pivots; }, constant),
     operation(
         "lu:p", [](const auto& a) { return lu(a).p; }, constant),
     operation(
         "lu:l", [](const auto& a) { return lu(a).l; }, part),
     operation(
         "lu:u", [](const auto& a) { return lu(a).u; }, part),
     factored("lu_solve", {}),
     factored("lu_solve:adjoint", {.adjoint = true}),
     factored("lu_solve:right", {.left = false}),
     factored("lu_solve:right, adjoint", {.left = false, .adjoint = true}),
     operation(
         "solve", [](const auto& a, const auto& b) { return solve(a, b); }, matrices),
     operation(
         "solve:vectors", [](const auto& a, const auto& b) { return solve(a, b); }, matrices),
     operation(
         "inverse", [](const auto& a) { return inverse(a); }, matrices),
     operation(
         "det", [](const auto& a) { return det(a); }, matrices),
     operation(
         "slogdet", [](const auto& a) { return slogdet(a).logabsdet; }, matrices),
     operation(
         "slogdet:sign", [](const auto& a) { return slogdet(a).sign; }, constant),
     operation(
         "matrix_exp", [](const auto& a) { return matrix_exp(a); }, matrices),
     operation("matrix_exp:large",
               [](const auto& a) {
                   using T = typename std::remove_cvref_t<decltype(a)>::value_type;
                   return matrix_exp(a * T(6));
               },
               {.golden = 1e-9, .single = 1e5, .difference = 1e-4, .sizes = false}),
     operation(
         "matrix_exp_trace", [](const auto& a) { return matrix_exp_trace(a); }, matrices)});

}

TEST_CASE("operations: linalg") { equations.check(); }
