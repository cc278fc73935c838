#include <doctest/doctest.h>

#include <tapegrad/ops/instance_norm.hpp>
#include <tapegrad/ops/rms_norm.hpp>

#include "operations.hpp"

using namespace support;

namespace {

/// A tensor of the golden file, in the element type of x.
template <class T>
Tensor<T> kept(const char* name, const Tensor<T>&) {
    return tapegrad::detail::cast<T>(Operations::golden<double>("norm", name));
}

// Of two elements that lie near each other, what the mean loses is seen after the division.
constexpr double lost = 3000;
const OperationOptions fixed{.single = lost, .sizes = false};

const Operations rows(
    "norm",
    {
        operation("rms_norm", [](const auto& x) { return rms_norm(x); }),
        operation("rms_norm:weight", [](const auto& x, const auto& w) { return rms_norm(x, w, 1e-3); }),
        operation(
            "group_norm", [](const auto& x) { return group_norm(x, 2); }, fixed),
        operation(
            "group_norm:affine",
            [](const auto& x, const auto& w, const auto& b) { return group_norm(x, 2, w, b, 1e-3); }, fixed),
        operation("instance_norm", [](const auto& x) { return instance_norm(x); }, {.single = lost}),
        operation(
            "instance_norm:affine",
            [](const auto& x, const auto& w, const auto& b) { return instance_norm(x, w, b, 1e-3); }, fixed),
        operation("batch_norm",
                  [](const auto& x) {
                      using Same = std::remove_cvref_t<decltype(x)>;
                      return batch_norm(x, Same(), Same(), Same(), Same(), {.training = true});
                  },
                  {.single = lost}),
        operation(
            "batch_norm:affine",
            [](const auto& x, const auto& w, const auto& b) {
                using Same = std::remove_cvref_t<decltype(x)>;
                return batch_norm(x, Same(), Same(), w, b, {.training = true, .eps = 1e-3});
            },
            fixed),
        operation(
            "batch_norm:eval",
            [](const auto& x, const auto& w, const auto& b) {
                return batch_norm(x, kept("mean", x), kept("var", x), w, b);
            },
            fixed),
        operation(
            "instance_norm:eval",
            [](const auto& x, const auto& w, const auto& b) {
                return instance_norm(x, kept("mean", x), kept("var", x), w, b, {});
            },
            fixed),
    });

}

TEST_CASE("operations: norm") { rows.check(); }
