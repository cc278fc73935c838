// What the files of the family "loss" share: rows for the three reductions, targets from the golden file.
#pragma once

#include <tapegrad/loss/reduction.hpp>

#include "operations.hpp"

namespace support {

using Options = OperationOptions;

/// A tensor of the golden file, in the element type of x.
template <class T>
Tensor<T> kept(const std::string& name, const Tensor<T>&) {
    return tapegrad::detail::cast<T>(Operations::golden<double>("loss", name));
}
inline Tensor<int64_t> integers(const char* name) { return Operations::golden<int64_t>("loss", name); }

/// A row for a function f(reduction, x0, ..., x<N-1>).
template <std::size_t N, class F>
void add_one(std::vector<Operation>& rows, const std::string& name, Reduction reduction, const F& f,
             const Options& options) {
    const auto bound = [f, reduction](const auto&... x) { return f(reduction, x...); };
    using Indices = std::make_index_sequence<N>;
    rows.push_back(
        {name, [bound](const std::vector<Tensor<double>>& x) { return table::call(bound, x, Indices()); },
         [bound](const std::vector<Tensor<float>>& x) { return table::call(bound, x, Indices()); }, options});
}
/// The rows "<name>" (mean), "<name>:sum" and "<name>:none".
template <std::size_t N, class F>
void add(std::vector<Operation>& rows, const std::string& name, const F& f, const Options& options = {}) {
    add_one<N>(rows, name, Reduction::mean, f, options);
    add_one<N>(rows, name + ":sum", Reduction::sum, f, options);
    add_one<N>(rows, name + ":none", Reduction::none, f, options);
}

// Targets of a fixed number of classes; some do not count, and what belongs to them shows in no result.
inline const Options classes{.sizes = false, .nan = false};

/// What a row is called for its reduction.
inline std::string suffix(Reduction r) {
    return r == Reduction::mean ? "" : r == Reduction::sum ? ":sum" : ":none";
}

}
