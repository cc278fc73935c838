// The channels of events in another order: a bijector that changes no volume.
#pragma once

#include "../ops/index_rows.hpp"
#include "../tensor/random.hpp"
#include "channels.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y[:, i] = x[:, order[i]].
///   Permutation::reversed(8), Permutation::random(8, generator), Permutation(Tensor<int64_t>{2, 0, 1})
/// Shape    x (n, channels, ...) -> y, same shape
/// Throws   ShapeError: order is no list, x of other channels; ValueError: order does not hold each of 0, 1, ... once
struct Permutation {
    Buffer<int64_t> order;
    TAPEGRAD_FIELDS(order);

    Permutation() = default;
    explicit Permutation(const Tensor<int64_t>& order_) : order(detail::copy(order_)) {
        static_cast<void>(inverted());
    }
    static Permutation reversed(int64_t channels) {
        Tensor<int64_t> order = empty<int64_t>({channels});
        for (int64_t i = 0; i < channels; ++i) detail::output(order)[i] = channels - 1 - i;
        return Permutation(order);
    }
    static Permutation random(int64_t channels, Generator& generator) {
        return Permutation(randperm(channels, generator));
    }

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_channels("Permutation", x, order.numel());
        return {index_select<T>(x, 1, order), zeros<T>({x.size(0)})};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_channels("Permutation", y, order.numel());
        return {index_select(y, 1, inverted()), zeros<T>({y.size(0)})};
    }

private:
    /// Of what a file may have brought since.
    Tensor<int64_t> inverted() const {
        if (order.rank() != 1)
            detail::fail<ShapeError>("Permutation", "order ", order.shape(), " is no list");
        const int64_t n = order.numel();
        Tensor<int64_t> places = full<int64_t>({n}, -1);
        int64_t* const to = detail::output(places);
        for (int64_t i = 0; i < n; ++i) {
            const int64_t from = order.data()[i];
            if (from < 0 || from >= n || to[from] >= 0)
                detail::fail<ValueError>("Permutation", "order[", i, "] is ", from, ", which is ",
                                         from < 0 || from >= n ? "outside [0, " : "there already, in [0, ", n,
                                         ')');
            to[from] = i;
        }
        return places;
    }
};

}
