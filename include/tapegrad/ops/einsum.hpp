// Sums of products in Einstein's notation, and products over named axes.
#pragma once

#include "contract.hpp"
#include "contraction_order.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// An operand with each of its labels once: diagonals of those that repeat, and no axes of size 1, which
/// broadcast by not being there.
template <class T>
Labelled<T> labelled_once(const Tensor<T>& x, const Dims& labels) {
    Window in_x, packed;
    const Strides rows = row_major(x.shape());
    Dims once;
    bool repeats = false;
    for (int axis = 0; axis < x.rank(); ++axis) {
        if (x.shape()[axis] == 1) continue;
        int at = 0;
        while (at < once.rank() && once[at] != labels[axis]) ++at;
        if (at == once.rank()) {
            once.push_back(labels[axis]);
            in_x.shape.push_back(x.shape()[axis]);
            in_x.strides.push_back(0);
            packed.strides.push_back(0);
        } else {
            repeats = true;
        }
        in_x.strides[at] += x.strides()[axis];
        packed.strides[at] += rows[axis];
    }
    packed.shape = in_x.shape;
    if (once.rank() == x.rank()) return {x, once};
    if (!repeats) return {squeeze(x), once};
    return {part("diagonal", x, in_x, packed), once};
}

/// The labels that are not kept summed away.
template <class T>
Labelled<T> summed(const Labelled<T>& a, LabelSet kept) {
    Axes axes;
    Dims rest;
    for (int axis = 0; axis < a.labels.rank(); ++axis) {
        if (contains(kept, a.labels[axis]))
            rest.push_back(a.labels[axis]);
        else
            axes.push_back(axis);
    }
    return axes.empty() ? a : Labelled<T>{sum(a.x, axes), rest};
}

/// The axes in the order of the output, with those that no operand has, of size 1, put in.
template <class T>
Tensor<T> arranged(const Labelled<T>& a, const Dims& output) {
    Dims present;
    Shape shape;
    for (const int64_t label : output)
        if (a.labels.contains(label)) present.push_back(label);
    const Tensor<T> x = in_order(a.x, places_of(present, a.labels));
    for (int axis = 0; const int64_t label : output)
        shape.push_back(a.labels.contains(label) ? x.shape()[axis++] : 1);
    return in_shape(x, shape);
}

}

/// A sum of products, named by a label for each axis of each operand.
///   einsum("ij,jk->ik", a, b)       matrix product: labels that the output lacks are summed over
///   einsum("bhqd,bhkd->bhqk", q, k) attention scores
///   einsum("ii", a)                 trace: a label twice in one operand is its diagonal
///   einsum("...ij->...ji", a)       an ellipsis stands for the axes that are not named, and broadcasts
/// Without "->" the output has the axes of the ellipsis, then the labels that appear once, in alphabetical
/// order (capitals first). Axes of size 1 broadcast. Several operands are multiplied two at a time as batched
/// matrix products, up to seven in the cheapest order, more in one found greedily.
/// Shape    as the equation says
/// Grad     each operand's is an einsum of the others and dy;  saves the factors of each product
/// Numeric  each product as matmul; the bits may depend on the layout where one factor is a vector
/// Throws   ShapeError: an equation that is none or does not fit the shapes, in which case it names the
/// operand and the
///          label; a product in between of more than eight axes
/// Source   numpy.einsum and torch.einsum; the greedy choice is that of opt_einsum
/// See      matmul, tensordot
template <Floating T>
Tensor<T> einsum(std::string_view equation, std::span<const Tensor<T>> operands) {
    std::vector<Shape> shapes;
    for (const Tensor<T>& x : operands) shapes.push_back(x.shape());
    const detail::Equation<> e(equation, shapes);
    std::vector<detail::Labelled<T>> terms;
    for (std::size_t i = 0; i < operands.size(); ++i)
        terms.push_back(detail::labelled_once(operands[i], e.operands()[i]));
    const detail::LabelSet output = detail::set_of(e.output());
    std::vector<detail::LabelSet> sets;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        detail::LabelSet elsewhere = output;
        for (std::size_t k = 0; k < terms.size(); ++k)
            if (k != i) elsewhere |= detail::set_of(terms[k].labels);
        terms[i] = detail::summed(terms[i], elsewhere);
        sets.push_back(detail::set_of(terms[i].labels));
    }
    const std::vector<detail::PairStep> steps = detail::ContractionOrder<>(sets, output, e.sizes()).steps();
    if (steps.size() + 1 != terms.size())
        e.wrong("a product of some of the operands has more than ", max_rank, " axes");
    for (const detail::PairStep& step : steps) {
        const auto a = std::exchange(terms[step.a], {}), b = std::exchange(terms[step.b], {});
        detail::LabelSet kept = output;
        for (const detail::Labelled<T>& term : terms) kept |= detail::set_of(term.labels);
        terms.push_back(detail::contract(a, b, kept));
    }
    return detail::arranged(terms.back(), e.output());
}
template <Floating T, std::same_as<Tensor<T>>... Rest>
Tensor<T> einsum(std::string_view equation, const Tensor<T>& first, const Rest&... rest) {
    const Tensor<T> operands[] = {first, rest...};
    return einsum(equation, std::span<const Tensor<T>>(operands));
}

namespace detail {

/// Throws   ShapeError: lists of different lengths, an axis outside or named twice, sizes that differ
inline void check_tensordot(const Shape& a, const Shape& b, const Axes& a_axes, const Axes& b_axes) {
    constexpr const char* op = "tensordot";
    if (a_axes.rank() != b_axes.rank())
        fail<ShapeError>(op, "axes ", a_axes, " of a and ", b_axes, " of b: as many are needed of both");
    Axes in_a, in_b;
    for (int i = 0; i < a_axes.rank(); ++i) {
        const int from = normalize_axis(op, a_axes[i], a.rank()),
                  to = normalize_axis(op, b_axes[i], b.rank());
        if (in_a.contains(from) || in_b.contains(to))
            fail<ShapeError>(op, "an axis is named twice in ", in_a.contains(from) ? a_axes : b_axes);
        if (a[from] != b[to])
            fail<ShapeError>(op, "axis ", from, " of a ", a, " and axis ", to, " of b ", b, " differ: sizes ",
                             a[from], " and ", b[to]);
        in_a.push_back(from);
        in_b.push_back(to);
    }
}

}

/// Product of two tensors summed over pairs of axes.
///   tensordot(a, b, {1, 2}, {0, 1}): y_ik = sum_jl a_ijl b_jlk
/// Shape    a, b -> the axes of a that are not named, then those of b
/// Grad     da, db = tensordot of dy and the other;  saves a, b
/// Throws   ShapeError: lists of different lengths, an axis outside [-rank, rank) or named twice, sizes that
/// differ, more
///          than eight axes left
/// See      einsum, matmul
template <Floating T>
Tensor<T> tensordot(const Tensor<T>& a, const Tensor<T>& b, const Axes& a_axes, const Axes& b_axes) {
    detail::check_tensordot(a.shape(), b.shape(), a_axes, b_axes);
    Dims a_labels, b_labels;
    for (int i = 0; i < a.rank(); ++i) a_labels.push_back(i);
    for (int i = 0; i < b.rank(); ++i) b_labels.push_back(max_rank + i);
    for (int i = 0; i < a_axes.rank(); ++i)
        b_labels[normalize_axis("tensordot", b_axes[i], b.rank())] =
            normalize_axis("tensordot", a_axes[i], a.rank());
    return detail::contract(detail::Labelled<T>{a, a_labels}, detail::Labelled<T>{b, b_labels}, 0).x;
}
/// The same over the last `axes` axes of a and the first of b; 0 gives the outer product.
/// Throws   ShapeError: axes negative or above a rank, sizes that differ, more than eight axes left
template <Floating T>
Tensor<T> tensordot(const Tensor<T>& a, const Tensor<T>& b, int64_t axes = 2) {
    if (axes < 0 || axes > a.rank() || axes > b.rank())
        detail::fail<ShapeError>("tensordot", axes, " axes of a ", a.shape(), " and b ", b.shape());
    Axes last, first;
    for (int64_t i = 0; i < axes; ++i) {
        last.push_back(a.rank() - axes + i);
        first.push_back(i);
    }
    return tensordot(a, b, last, first);
}

}
