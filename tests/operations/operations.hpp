// The table of all public operations. A file of this folder lists those of one family:
//
//   const Operations table("reduce", {            // tests/golden/table_reduce.safetensors, and its script
//       operation("cumsum", [](const auto& x) { return cumsum(x, 0); }),
//       operation("cdist", [](const auto& a, const auto& b) { return cdist(a, b); }, {.order = 1}),
//   });
//   TEST_CASE("operations: reduce") { table.check(); }
//
// The inputs come from the golden file, which holds for every case i = 0, 1, ... of a row
//
//   <name>/i.x0, .x1, ...    the inputs, float64
//   <name>/i.y               what PyTorch computes of them
//   <name>/i.dy, .d0, .d1    an upstream gradient, and the gradients of the inputs
//
// or, where PyTorch has no such operation, from `inputs` of the row. From them every row is checked: values
// and gradients against PyTorch's, gradients against differences, float against double, every layout against
// the contiguous one, sizes around the SIMD width and 0, NaN in every place, memory that ends at any allocation.
// scripts/check.py asks a row of every public function of ops/; "<function>:<what>" names a further row of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../support/tensors.hpp"

namespace support {

struct OperationOptions {
    int order = 2;          // gradients checked against differences: 0 for what has none
    double golden = 1e-10;  // allowed |y - PyTorch's| / (1 + |PyTorch's|)
    double single =
        100;  // allowed error of floats, in their eps (1 + |value|), on inputs from the golden ones
    double difference = 1e-5;  // allowed error of a gradient against differences, absolute and relative
    bool sizes = true;         // the last axis of all inputs may have any size, the same for all
    bool layouts = true;       // the layout of the inputs leaves every bit as it is
    bool nan = true;           // a NaN in an input shows in the result
    std::vector<std::vector<Shape>> inputs = {};  // cases of normal numbers, where the golden file has none
};

/// A row. Its function takes float tensors and gives one tensor, of any element type.
struct Operation {
    using Doubles = std::vector<Tensor<double>>;
    std::string name;
    std::function<Tensor<double>(const Doubles&)> f64;
    std::function<Tensor<double>(const std::vector<Tensor<float>>&)> f32;  // its result as doubles
    OperationOptions options;
};

namespace table {

template <class T>
Tensor<double> as_double(const Tensor<T>& y) {
    if constexpr (std::is_same_v<T, double>)
        return y;
    else
        return tapegrad::detail::cast<double>(y);
}
template <class T, class F, std::size_t... I>
Tensor<double> call(const F& f, const std::vector<Tensor<T>>& x, std::index_sequence<I...>) {
    return as_double(f(x[I]...));
}
template <class F, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return std::is_invocable_v<const F&, std::enable_if_t<(I < 99), Tensor<double>>...>;
}
/// How many tensors a generic lambda takes.
template <class F, std::size_t N = 1>
constexpr std::size_t arity() {
    static_assert(N <= 6, "an operation of the table takes 1 to 6 tensors");
    if constexpr (takes<F>(std::make_index_sequence<N>()))
        return N;
    else
        return arity<F, N + 1>();
}

}

template <class F>
Operation operation(const char* name, const F& f, OperationOptions options = {}) {
    using Indices = std::make_index_sequence<table::arity<F>()>;
    return {name, [f](const std::vector<Tensor<double>>& x) { return table::call(f, x, Indices()); },
            [f](const std::vector<Tensor<float>>& x) { return table::call(f, x, Indices()); },
            std::move(options)};
}

/// The rows of a family.
class Operations {
public:
    Operations(const char* family, std::vector<Operation> rows) : family_(family), rows_(std::move(rows)) {}

    /// All checks of every row, as doctest checks.
    void check() const;
    /// A tensor of the golden file: indices, masks and targets that a row's function captures.
    template <class T>
    static Tensor<T> golden(const char* family, const std::string& name);

private:
    const char* family_;
    std::vector<Operation> rows_;
};

}
