// Data sets: anything with a size and examples by number. An example is a tensor, a number, or a tuple of
// those.
#pragma once

#include <concepts>
#include <memory>
#include <tuple>

#include "../core/random.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
template <class D>
concept PlainExamples = requires(const D& d, int64_t i) {
    d[i];
};
template <class D>
concept RandomExamples = requires(const D& d, int64_t i, Generator& generator) {
    d.draw(i, generator);
};
}

/// `size()` examples that `d[i]` gives, or `d.draw(i, generator)` where they have chance in them (a random
/// crop): all its randomness comes from that generator. Several threads may ask at once.
template <class D>
concept Dataset = requires(const D& d) {
    { d.size() } -> std::convertible_to<int64_t>;
}
&&(detail::PlainExamples<D> || detail::RandomExamples<D>);

/// Example i of a data set of either kind.
template <Dataset D>
auto draw_example(const D& dataset, int64_t i, Generator& generator) {
    if constexpr (detail::RandomExamples<D>)
        return dataset.draw(i, generator);
    else
        return dataset[i];
}
template <Dataset D>
using ExampleOf = decltype(draw_example(std::declval<const D&>(), int64_t{}, std::declval<Generator&>()));

namespace detail {
/// x[i] as a view, without a tape.
template <class T>
Tensor<T> row_view(const Tensor<T>& x, int64_t i) {
    Shape shape = x.shape();
    Strides strides = x.strides();
    const int64_t stride = strides[0];
    shape.erase(0);
    strides.erase(0);
    return view_of(x, shape, strides, i * stride);
}
}

/// Tensors of as many rows; example i is the tuple of their rows i, as views.
template <class... T>
class TensorDataset {
    static_assert(sizeof...(T) > 0);

public:
    /// Shape    (size, ...) each
    /// Throws   ShapeError: a tensor of rank 0, or of another size
    explicit TensorDataset(Tensor<T>... tensors) : tensors_(std::move(tensors)...) {
        const auto check = [this](const TensorBase& x) {
            if (x.rank() == 0) detail::fail<ShapeError>("dataset", "a tensor of rank 0 has no rows");
            if (size_ >= 0 && x.size(0) != size_)
                detail::fail<ShapeError>("dataset", "a tensor ", x.shape(), " beside one of ", size_,
                                         " rows");
            size_ = x.size(0);
        };
        std::apply([&](const auto&... x) { (check(x), ...); }, tensors_);
    }
    int64_t size() const { return size_; }
    /// Throws   IndexError: i outside [0, size)
    std::tuple<Tensor<T>...> operator[](int64_t i) const {
        if (i < 0 || i >= size_)
            detail::fail<IndexError>("dataset", "example ", i, " is outside [0, ", size_, ")");
        return std::apply([i](const auto&... x) { return std::tuple(detail::row_view(x, i)...); }, tensors_);
    }

private:
    std::tuple<Tensor<T>...> tensors_;
    int64_t size_ = -1;
};

/// The examples of another data set through `f(example)` or `f(example, generator)`: decoding, augmentation.
template <Dataset D, class F>
class MappedDataset {
public:
    MappedDataset(D dataset, F f) : dataset_(std::move(dataset)), f_(std::move(f)) {}
    int64_t size() const { return dataset_.size(); }
    auto draw(int64_t i, Generator& generator) const {
        if constexpr (std::invocable<const F&, ExampleOf<D>, Generator&>)
            return f_(draw_example(dataset_, i, generator), generator);
        else
            return f_(draw_example(dataset_, i, generator));
    }

private:
    D dataset_;
    F f_;
};

/// Some examples of another data set, in some order.
template <Dataset D>
class Subset {
public:
    /// Throws   IndexError: an index outside the data set
    Subset(std::shared_ptr<const D> dataset, std::vector<int64_t> indices)
        : dataset_(std::move(dataset)), indices_(std::move(indices)) {
        const int64_t n = dataset_->size();
        for (const int64_t i : indices_)
            if (i < 0 || i >= n)
                detail::fail<IndexError>("subset", "example ", i, " is outside [0, ", n, ")");
    }
    Subset(D dataset, std::vector<int64_t> indices)
        : Subset(std::make_shared<const D>(std::move(dataset)), std::move(indices)) {}
    int64_t size() const { return static_cast<int64_t>(indices_.size()); }
    const std::vector<int64_t>& indices() const { return indices_; }
    auto draw(int64_t i, Generator& generator) const {
        if (i < 0 || i >= size())
            detail::fail<IndexError>("subset", "example ", i, " is outside [0, ", size(), ")");
        return draw_example(*dataset_, indices_[static_cast<std::size_t>(i)], generator);
    }

private:
    std::shared_ptr<const D> dataset_;
    std::vector<int64_t> indices_;
};

}
