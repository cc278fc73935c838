// Products.
#include <doctest/doctest.h>

#include <tapegrad/ops/add_product.hpp>
#include <tapegrad/ops/bilinear.hpp>
#include <tapegrad/ops/cross.hpp>
#include <tapegrad/ops/indexing.hpp>
#include <tapegrad/ops/masked_linear.hpp>
#include <tapegrad/ops/matrix_power.hpp>
#include <tapegrad/ops/nade.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

// The sizes of the operands belong together, so the last one cannot have any value.
const OperationOptions matrices{.sizes = false};
// A vector is summed in the order of its layout.
const OperationOptions vectors{.layouts = false};
const OperationOptions vectors_fixed{.sizes = false, .layouts = false};
const OperationOptions diagonals{
    .sizes = false, .layouts = false, .nan = false};  // what lies beside is not read

/// A row of einsum, for any number of operands.
Operation equation(const char* name, const char* text, const OperationOptions& options) {
    return {
        name, [text](const std::vector<Tensor<double>>& x) { return einsum(text, std::span(x)); },
        [text](const std::vector<Tensor<float>>& x) { return table::as_double(einsum(text, std::span(x))); },
        options};
}

const Operations products(
    "products",
    {operation(
         "matmul", [](const auto& a, const auto& b) { return matmul(a, b); }, matrices),
     operation(
         "matmul:vectors", [](const auto& a, const auto& b) { return matmul(a, b); }, vectors),
     operation(
         "linear", [](const auto& x, const auto& w, const auto& b) { return linear(x, w, b); }, matrices),
     operation("linear:no bias", [](const auto& x, const auto& w) { return linear(x, w); }),
     operation(
         "masked_linear",
         [](const auto& x, const auto& w, const auto& b) {
             return masked_linear(x, w, tril(ones_like(w)), b);
         },
         matrices),
     operation(
         "degree_linear",
         [](const auto& x, const auto& w, const auto& b) {
             return degree_linear(x, w, arange<int64_t>(w.size(1)), arange<int64_t>(w.size(0)), b);
         },
         diagonals),
     operation(
         "nade",
         [](const auto& x, const auto& w, const auto& v, const auto& b, const auto& c) {
             return nade(x, w, v, b, c);
         },
         diagonals),
     operation(
         "dot", [](const auto& a, const auto& b) { return dot(a, b); }, vectors),
     operation(
         "vdot", [](const auto& a, const auto& b) { return vdot(a, b); }, vectors),
     operation(
         "inner", [](const auto& a, const auto& b) { return inner(a, b); }, vectors),
     operation("outer", [](const auto& a, const auto& b) { return outer(a, b); }),
     operation(
         "mv", [](const auto& a, const auto& b) { return mv(a, b); }, vectors_fixed),
     operation(
         "mm", [](const auto& a, const auto& b) { return mm(a, b); }, matrices),
     operation(
         "bmm", [](const auto& a, const auto& b) { return bmm(a, b); }, matrices),
     operation("kron", [](const auto& a, const auto& b) { return kron(a, b); }),
     operation(
         "addmm",
         [](const auto& x, const auto& a, const auto& b) {
             return addmm(x, a, b, {.beta = 0.5, .alpha = 2});
         },
         matrices),
     operation(
         "addmv",
         [](const auto& x, const auto& a, const auto& b) { return addmv(x, a, b, {.beta = -1, .alpha = 3}); },
         vectors_fixed),
     operation(
         "addr",
         [](const auto& x, const auto& a, const auto& b) { return addr(x, a, b, {.beta = -1, .alpha = 3}); },
         matrices),
     operation(
         "baddbmm", [](const auto& x, const auto& a, const auto& b) { return baddbmm(x, a, b); }, matrices),
     operation(
         "addbmm", [](const auto& x, const auto& a, const auto& b) { return addbmm(x, a, b); }, matrices),
     operation(
         "cross", [](const auto& a, const auto& b) { return cross(a, b); }, matrices),
     operation("cross:axis", [](const auto& a, const auto& b) { return cross(a, b, 0); }),
     operation(
         "bilinear",
         [](const auto& x, const auto& z, const auto& w, const auto& b) { return bilinear(x, z, w, b); },
         matrices),
     operation(
         "bilinear:no bias", [](const auto& x, const auto& z, const auto& w) { return bilinear(x, z, w); },
         vectors_fixed),
     operation(
         "matrix_power", [](const auto& x) { return matrix_power(x, 5); }, matrices),
     operation(
         "multi_dot",
         [](const auto& a, const auto& b, const auto& c, const auto& d) {
             return multi_dot({a, b, c, d});
         },
         vectors_fixed),
     operation(
         "multi_dot:vectors",
         [](const auto& a, const auto& b, const auto& c) {
             return multi_dot({a, b, c});
         },
         vectors_fixed),
     operation(
         "tensordot", [](const auto& a, const auto& b) { return tensordot(a, b); }, matrices),
     operation(
         "tensordot:axes",
         [](const auto& a, const auto& b) {
             return tensordot(a, b, {-1, 0}, {1, 2});
         },
         matrices),
     operation(
         "tensordot:outer", [](const auto& a, const auto& b) { return tensordot(a, b, 0); }, matrices),
     equation("einsum:product", "ij,jk->ik", matrices),
     equation("einsum:transposed", "ij,kj->ki", matrices),
     equation("einsum:implicit", "ba,cb", matrices),
     equation("einsum:trace", "ii", diagonals),
     equation("einsum:diagonal", "iji->ji", diagonals),
     equation("einsum:sum", "ijk->j", matrices),
     equation("einsum:permute", "ijk->kij", matrices),
     equation("einsum:dot", "i,i", vectors_fixed),
     equation("einsum:elementwise", "ij,ij->ij", matrices),
     equation("einsum:rows", "ij,ij->i", vectors_fixed),
     equation("einsum:scaled", "ij,i->ij", vectors_fixed),
     equation("einsum:outer", "i,jk->ijk", matrices),
     equation("einsum:summed first", "ij,kl->jl", vectors_fixed),
     equation("einsum:heads", "bhqd,bhkd->bhqk", matrices),
     equation("einsum:ellipsis", "...ij,...jk->...ik", matrices),
     equation("einsum:ellipsis summed", "...i->i", matrices),
     equation("einsum:ellipsis inside", "i...j,...->j...i", vectors_fixed),
     equation("einsum:ellipsis implicit", "a...b,b", vectors_fixed),
     equation("einsum:size 1", "ij,jk->ik", vectors_fixed),
     equation("einsum:size 1 kept", "bij,bj->bi", vectors_fixed),
     equation("einsum:three", "ij,jk,kl->il", vectors_fixed),
     equation("einsum:three of one", "ai,bi,ci->abc", vectors_fixed),
     equation("einsum:bilinear", "bn,anm,bm->ba", vectors_fixed),
     equation("einsum:five", "ab,bc,cd,de,ea->", vectors_fixed),
     equation("einsum:diagonal of a factor", "ii,ij->j", diagonals)});

}

TEST_CASE("operations: products") { products.check(); }
