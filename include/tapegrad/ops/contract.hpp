// Two tensors whose axes carry labels multiplied, and summed over labels: as one batched matrix product, or
// element by element where no axis belongs to one of them alone.
#pragma once

#include "einsum_equation.hpp"
#include "matmul.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A tensor whose axes carry labels, each once.
template <class T>
struct Labelled {
    Tensor<T> x;
    Dims labels;
};

/// x with its axes in another order; x itself when that is the order they have.
template <class T>
Tensor<T> in_order(const Tensor<T>& x, const Axes& axes) {
    for (int i = 0; i < axes.rank(); ++i)
        if (axes[i] != i) return permute(x, axes);
    return x;
}

/// Where each of `wanted` stands among the labels.
inline Axes places_of(const Dims& wanted, const Dims& labels) {
    Axes places;
    for (const int64_t label : wanted) {
        int at = 0;
        while (labels[at] != label) ++at;
        places.push_back(at);
    }
    return places;
}
inline Dims joined(const Dims& a, const Dims& b) {
    Dims all = a;
    for (const int64_t v : b) all.push_back(v);
    return all;
}

/// The labels of two factors by what becomes of them.
struct PairRoles {
    Dims batch;        // of both, kept
    Dims inner;        // of both, summed
    Dims left, right;  // of one
    PairRoles(const Dims& a, const Dims& b, LabelSet kept) {
        for (const int64_t label : a) {
            const bool both = b.contains(label);
            (!both ? left : contains(kept, label) ? batch : inner).push_back(label);
        }
        for (const int64_t label : b)
            if (!a.contains(label)) right.push_back(label);
    }
};

/// a b, summed over the labels of both that are not kept. Recorded.
/// Shape    labels of a, labels of b -> those of both that are kept, those of a alone, those of b alone
template <class T>
Labelled<T> contract(const Labelled<T>& a, const Labelled<T>& b, LabelSet kept) {
    const PairRoles roles(a.labels, b.labels, kept);
    const Dims labels = joined(joined(roles.batch, roles.left), roles.right);
    const Tensor<T> x = in_order(a.x,
                                 places_of(joined(joined(roles.batch, roles.left), roles.inner), a.labels)),
                    z = in_order(b.x,
                                 places_of(joined(joined(roles.batch, roles.inner), roles.right), b.labels));
    // The sizes of axes [from, from + n) of t.
    const auto sizes = [](const Tensor<T>& t, int from, int n) {
        return Shape(std::span<const int64_t>(t.shape().begin() + from, static_cast<std::size_t>(n)));
    };
    const int batch = roles.batch.rank(), inner = roles.inner.rank();
    const Shape outer = sizes(x, 0, batch), rows = sizes(x, batch, roles.left.rank()),
                terms = sizes(z, batch, inner), columns = sizes(z, batch + inner, roles.right.rank());
    if (batch > 0 && rows.empty() && columns.empty()) {
        // Products of vectors that belong together: each is too small for a matrix product.
        Axes axes;
        for (int i = 0; i < inner; ++i) axes.push_back(batch + i);
        return {inner == 0 ? x * z : sum(x * z, axes), labels};
    }
    if (inner == 0 && (rows.empty() || columns.empty())) {
        // Nothing is summed, and one factor has all the axes of the result.
        const Shape ones = Dims::filled(rows.rank() + columns.rank(), 1), repeated = joined(outer, ones);
        const bool repeat_left = rows.empty() && !columns.empty(),
                   repeat_right = columns.empty() && !rows.empty();
        return {(repeat_left ? in_shape(x, repeated) : x) * (repeat_right ? in_shape(z, repeated) : z),
                labels};
    }
    // matmul walks up to six batch axes as they lie; more become one.
    const Shape walked = batch <= max_rank - 2 ? outer : Shape{numel_of(outer)};
    const Shape m{numel_of(rows)}, k{numel_of(terms)}, n{numel_of(columns)};
    const Tensor<T> y =
        matmul(in_shape(x, joined(joined(walked, m), k)), in_shape(z, joined(joined(walked, k), n)));
    return {in_shape(y, joined(joined(outer, rows), columns)), labels};
}

}
