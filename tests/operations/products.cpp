// Products and distances.
#include <doctest/doctest.h>

#include <tapegrad/ops/add_product.hpp>
#include <tapegrad/ops/bilinear.hpp>
#include <tapegrad/ops/cross.hpp>
#include <tapegrad/ops/distance.hpp>
#include <tapegrad/ops/matrix_power.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
// The sizes of the operands belong together, so the last one cannot have any value.
const OperationOptions matrices{.sizes = false};
// A vector is summed in the order of its layout.
const OperationOptions vectors{.layouts = false};
const OperationOptions vectors_fixed{.sizes = false, .layouts = false};
const OperationOptions diagonals{
    .sizes = false, .layouts = false, .nan = false};  // what lies beside is not read

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
     operation(
         "einsum:product", [](const auto& a, const auto& b) { return einsum("ij,jk->ik", a, b); }, matrices),
     operation(
         "einsum:transposed", [](const auto& a, const auto& b) { return einsum("ij,kj->ki", a, b); },
         matrices),
     operation(
         "einsum:implicit", [](const auto& a, const auto& b) { return einsum("ba,cb", a, b); }, matrices),
     operation(
         "einsum:trace", [](const auto& a) { return einsum("ii", a); }, diagonals),
     operation(
         "einsum:diagonal", [](const auto& a) { return einsum("iji->ji", a); }, diagonals),
     operation(
         "einsum:sum", [](const auto& a) { return einsum("ijk->j", a); }, matrices),
     operation(
         "einsum:permute", [](const auto& a) { return einsum("ijk->kij", a); }, matrices),
     operation(
         "einsum:dot", [](const auto& a, const auto& b) { return einsum("i,i", a, b); }, vectors_fixed),
     operation(
         "einsum:elementwise", [](const auto& a, const auto& b) { return einsum("ij,ij->ij", a, b); },
         matrices),
     operation(
         "einsum:rows", [](const auto& a, const auto& b) { return einsum("ij,ij->i", a, b); }, vectors_fixed),
     operation(
         "einsum:scaled", [](const auto& a, const auto& b) { return einsum("ij,i->ij", a, b); },
         vectors_fixed),
     operation(
         "einsum:outer", [](const auto& a, const auto& b) { return einsum("i,jk->ijk", a, b); }, matrices),
     operation(
         "einsum:summed first", [](const auto& a, const auto& b) { return einsum("ij,kl->jl", a, b); },
         vectors_fixed),
     operation(
         "einsum:heads", [](const auto& a, const auto& b) { return einsum("bhqd,bhkd->bhqk", a, b); },
         matrices),
     operation(
         "einsum:ellipsis", [](const auto& a, const auto& b) { return einsum("...ij,...jk->...ik", a, b); },
         matrices),
     operation(
         "einsum:ellipsis summed", [](const auto& a) { return einsum("...i->i", a); }, matrices),
     operation(
         "einsum:ellipsis inside",
         [](const auto& a, const auto& b) { return einsum("i...j,...->j...i", a, b); }, vectors_fixed),
     operation(
         "einsum:ellipsis implicit", [](const auto& a, const auto& b) { return einsum("a...b,b", a, b); },
         vectors_fixed),
     operation(
         "einsum:size 1", [](const auto& a, const auto& b) { return einsum("ij,jk->ik", a, b); },
         vectors_fixed),
     operation(
         "einsum:size 1 kept", [](const auto& a, const auto& b) { return einsum("bij,bj->bi", a, b); },
         vectors_fixed),
     operation(
         "einsum:three",
         [](const auto& a, const auto& b, const auto& c) { return einsum("ij,jk,kl->il", a, b, c); },
         vectors_fixed),
     operation(
         "einsum:three of one",
         [](const auto& a, const auto& b, const auto& c) { return einsum("ai,bi,ci->abc", a, b, c); },
         vectors_fixed),
     operation(
         "einsum:bilinear",
         [](const auto& a, const auto& b, const auto& c) { return einsum("bn,anm,bm->ba", a, b, c); },
         vectors_fixed),
     operation(
         "einsum:five",
         [](const auto& a, const auto& b, const auto& c, const auto& d,
            const auto& e) { return einsum("ab,bc,cd,de,ea->", a, b, c, d, e); },
         vectors_fixed),
     operation(
         "einsum:diagonal of a factor", [](const auto& a, const auto& b) { return einsum("ii,ij->j", a, b); },
         diagonals),
     operation("cdist", [](const auto& x, const auto& z) { return cdist(x, z, 2); }),
     operation("cdist:1", [](const auto& x, const auto& z) { return cdist(x, z, 1); }),
     operation("cdist:inf", [](const auto& x, const auto& z) { return cdist(x, z, inf); }),
     operation("cdist:3.5", [](const auto& x, const auto& z) { return cdist(x, z, 3.5); }),
     operation("cdist:0 distance", [](const auto& x, const auto& z) { return cdist(x, z); }, {.order = 0}),
     operation("cdist:0", [](const auto& x, const auto& z) { return cdist(x, z, 0); },
               {.order = 0, .nan = false}),
     operation("pairwise_distance", [](const auto& x, const auto& z) { return pairwise_distance(x, z); }),
     operation("pairwise_distance:1",
               [](const auto& x, const auto& z) {
                   return pairwise_distance(x, z, {.p = 1, .keepdims = true});
               }),
     operation("cosine_similarity", [](const auto& x, const auto& z) { return cosine_similarity(x, z); }),
     operation("cosine_similarity:last",
               [](const auto& x, const auto& z) { return cosine_similarity(x, z, {.axis = -1}); }),
     operation("normalize", [](const auto& x) { return normalize(x); }),
     operation("normalize:1", [](const auto& x) { return normalize(x, {.p = 1, .axis = 0}); }),
     operation("normalize:3", [](const auto& x) { return normalize(x, {.p = 3, .axis = -1}); })});

}

TEST_CASE("operations: products") { products.check(); }
