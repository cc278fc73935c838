// Examples put together to a batch: tensors stacked along a new first axis, numbers as a tensor of rank 1,
// tuples component by component.
#pragma once

#include <cstring>
#include <tuple>
#include <vector>

#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The examples stacked; all of one shape. Without a tape.
template <class T>
Tensor<T> stack_examples(const std::vector<Tensor<T>>& examples) {
    const Shape& each = examples.at(0).shape();
    Shape shape = each;
    shape.insert(0, static_cast<int64_t>(examples.size()));
    Tensor<T> out = empty<T>(shape);
    const int64_t n = examples[0].numel();
    T* to = output(out);
    for (std::size_t i = 0; i < examples.size(); ++i, to += n) {
        if (examples[i].shape() != each)
            fail<ShapeError>("collate", "example ", i, " of the batch has shape ", examples[i].shape(),
                             ", example 0 has ", each, "; PadCollate takes unequal lengths");
        simd::copy_from_strided(examples[i].data(), each, examples[i].strides(), to);
    }
    return out;
}
template <class T>
Tensor<T> stack_numbers(const std::vector<T>& numbers) {
    Tensor<T> out = empty<T>({static_cast<int64_t>(numbers.size())});
    std::copy(numbers.begin(), numbers.end(), output(out));
    return out;
}

template <class C, class T>
auto collate_any(const C& tensors, const std::vector<Tensor<T>>& examples) {
    return tensors(examples);
}
template <class C, Element T>
auto collate_any(const C&, const std::vector<T>& numbers) {
    return stack_numbers(numbers);
}
template <class C, class... Parts>
auto collate_any(const C& tensors, const std::vector<std::tuple<Parts...>>& examples) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto column = [&]<std::size_t i>(std::integral_constant<std::size_t, i>) {
            std::vector<std::tuple_element_t<i, std::tuple<Parts...>>> values;
            values.reserve(examples.size());
            for (const auto& example : examples) values.push_back(std::get<i>(example));
            return collate_any(tensors, values);
        };
        return std::tuple(column(std::integral_constant<std::size_t, I>{})...);
    }
    (std::index_sequence_for<Parts...>());
}

}

/// Stacks examples of equal shapes.
/// Shape    n of (...) -> (n, ...); numbers -> (n,)
/// Throws   ShapeError: shapes that differ
struct Collate {
    template <class Example>
    auto operator()(const std::vector<Example>& examples) const {
        return detail::collate_any([](const auto& tensors) { return detail::stack_examples(tensors); },
                                   examples);
    }
};

/// Sequences of unequal lengths, filled up at the end.
template <class T>
struct PaddedBatch {
    Tensor<T> values;         // (n, longest, ...)
    Tensor<bool> mask;        // (n, longest), true where an element is there
    Tensor<int64_t> lengths;  // (n,)
};

/// Pads sequences to the longest of the batch, or to a multiple of `multiple` of that.
/// Shape    n of (length_i, ...) -> (n, longest, ...)
/// Throws   ShapeError: a tensor of rank 0, or shapes that differ beyond the first axis
struct PadCollate {
    double value = 0;
    int64_t multiple = 1;

    template <class Example>
    auto operator()(const std::vector<Example>& examples) const {
        return detail::collate_any([this](const auto& tensors) { return this->pad(tensors); }, examples);
    }

private:
    template <class T>
    PaddedBatch<T> pad(const std::vector<Tensor<T>>& examples) const {
        const auto tail = [](const TensorBase& x) {
            if (x.rank() == 0) detail::fail<ShapeError>("collate", "an example of rank 0 has no length");
            Shape shape = x.shape();
            shape.erase(0);
            return shape;
        };
        const Shape rest = tail(examples.at(0));
        const auto n = static_cast<int64_t>(examples.size());
        int64_t longest = 0;
        for (std::size_t i = 0; i < examples.size(); ++i) {
            if (tail(examples[i]) != rest)
                detail::fail<ShapeError>("collate", "example ", i, " of the batch has shape ",
                                         examples[i].shape(), ", example 0 has ", examples[0].shape(),
                                         "; only the first axis may differ");
            longest = std::max(longest, examples[i].size(0));
        }
        const int64_t unit = std::max(multiple, int64_t{1});
        longest = (longest + unit - 1) / unit * unit;
        Shape shape = rest;
        shape.insert(0, longest);
        shape.insert(0, n);
        PaddedBatch<T> out{empty<T>(shape), empty<bool>({n, longest}), empty<int64_t>({n})};
        const int64_t each = numel_of(rest);
        T* to = detail::output(out.values);
        bool* there = detail::output(out.mask);
        for (std::size_t i = 0; i < examples.size(); ++i, to += longest * each, there += longest) {
            const Tensor<T>& x = examples[i];
            simd::copy_from_strided(x.data(), x.shape(), x.strides(), to);
            std::fill(to + x.numel(), to + longest * each, detail::convert_one<T>(value));
            std::fill(there, there + x.size(0), true);
            std::fill(there + x.size(0), there + longest, false);
            detail::output(out.lengths)[i] = x.size(0);
        }
        return out;
    }
};

}
