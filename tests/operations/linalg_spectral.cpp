// Linear algebra: orthogonal factors, eigenvalues, singular values.
#include <doctest/doctest.h>

#include <tapegrad/ops/qr.hpp>
#include <tapegrad/ops/svd.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

// Vectors of near eigenvalues are large in their derivatives.
const OperationOptions matrices{.single = 1000, .difference = 1e-4, .sizes = false};
const OperationOptions finite{.single = 1000, .difference = 1e-4, .sizes = false, .nan = false};

template <class X>
X symmetric(const X& a) {
    return (a + transpose(a)) * typename X::value_type(0.5);
}

const Operations factors("linalg",
                         {operation(
                              "qr:q", [](const auto& a) { return qr(a).q; }, finite),
                          operation(
                              "qr:r", [](const auto& a) { return qr(a).r; }, matrices),
                          operation(
                              "eigh:values", [](const auto& a) { return eigh(symmetric(a)).values; }, finite),
                          operation(
                              "eigh:vectors", [](const auto& a) { return eigh(symmetric(a)).vectors; },
                              finite),
                          operation(
                              "eigvalsh", [](const auto& a) { return eigvalsh(symmetric(a)); }, finite),
                          operation(
                              "svd:u", [](const auto& a) { return svd(a).u; }, finite),
                          operation(
                              "svd:s", [](const auto& a) { return svd(a).s; }, finite),
                          operation(
                              "svd:vh", [](const auto& a) { return svd(a).vh; }, finite),
                          operation(
                              "svdvals", [](const auto& a) { return svdvals(a); }, finite)});

}

TEST_CASE("operations: linalg, spectral") { factors.check(); }
