// Derivatives of functions, and gradients that are no derivative.
#include <doctest/doctest.h>

#include <tapegrad/autograd/checkpoint.hpp>
#include <tapegrad/ops/estimators.hpp>
#include <tapegrad/ops/jacobian.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/ops/vmap.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

constexpr FunctionalOptions create{.create_graph = true};
const auto f = [](const auto& x, const auto& w) { return tanh(matmul(x, w)) * sum(x); };
const auto energy = [](const auto& x, const auto& w) { return sum(square(f(x, w))) + sum(x * x * x); };

// The sizes of the inputs belong together, and products with vectors are summed as they lie.
const OperationOptions functions{.order = 1, .sizes = false, .layouts = false};
// A gradient that is no derivative, as differences find out.
const OperationOptions estimators{.order = 0};

const Operations derivatives(
    "autograd",
    {
        operation(
            "vjp",
            [](const auto& x, const auto& w, const auto& v) {
                return vjp(f, {x, w}, v, create).gradients[0];
            },
            functions),
        operation(
            "vjp:second",
            [](const auto& x, const auto& w, const auto& v) {
                return vjp(f, {x, w}, v, create).gradients[1];
            },
            functions),
        operation(
            "jvp",
            [](const auto& x, const auto& w, const auto& v, const auto& u) {
                return jvp(f, {x, w}, {v, u}, create).dy;
            },
            functions),
        operation(
            "hvp",
            [](const auto& x, const auto& w, const auto& v, const auto& u) {
                return hvp(energy, {x, w}, {v, u}, create).gradients[0];
            },
            functions),
        operation(
            "jacobian",
            [](const auto& x, const auto& w) {
                return jacobian(f, {x, w}, create)[0];
            },
            functions),
        operation(
            "jacobian:second",
            [](const auto& x, const auto& w) {
                return jacobian(f, {x, w}, create)[1];
            },
            functions),
        operation(
            "hessian",
            [](const auto& x, const auto& w) {
                return hessian(energy, {x, w}, create)[0][0];
            },
            functions),
        operation(
            "hessian:mixed",
            [](const auto& x, const auto& w) {
                return hessian(energy, {x, w}, create)[0][1];
            },
            functions),
        operation(
            "vmap",
            [](const auto& x, const auto& w) {
                return vmap(f, {x, w});
            },
            functions),
        operation(
            "checkpoint", [](const auto& x, const auto& w) { return checkpoint(f, x, w); }, functions),
        operation(
            "straight_through", [](const auto& x) { return straight_through(round(x), x); }, estimators),
        operation(
            "scale_gradient", [](const auto& x) { return scale_gradient(x, 0.5); }, estimators),
        operation(
            "reverse_gradient", [](const auto& x) { return reverse_gradient(x, 2); }, estimators),
        operation(
            "clip_gradient", [](const auto& x) { return clip_gradient(x, 0.7); }, estimators),
    });

}

TEST_CASE("operations: autograd") { derivatives.check(); }
