// A tensor that grows along its rows: what a layer keeps of the tokens before.
#pragma once

#include "../ops/index_rows.hpp"
#include "../ops/join.hpp"
#include "../ops/slicing.hpp"
#include "../ops/write.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Rows (B, H, T, width) under each other, kept for later queries; with a window the last ones alone.
///
/// Where gradients are recorded, the rows are joined as any tensors, and gradients flow to those that were added
/// before. Elsewhere they are written into memory that has room for more, half as much again as it holds. A copy of a
/// buffer goes on alone: it shares the rows so far, and what is added to one is not seen by the other.
template <Floating T>
class CacheBuffer {
public:
    CacheBuffer() = default;
    /// window 0: all rows are kept.
    explicit CacheBuffer(int64_t window) : window_(window) {}
    CacheBuffer(const CacheBuffer& other) : CacheBuffer(other.window_) {
        rows_ = other.rows_;  // without the room behind them: the other one writes there
        dropped_ = other.dropped_;
    }
    CacheBuffer& operator=(const CacheBuffer& other) {
        CacheBuffer copy(other);
        return *this = std::move(copy);
    }
    CacheBuffer(CacheBuffer&&) noexcept = default;
    CacheBuffer& operator=(CacheBuffer&&) noexcept = default;
    ~CacheBuffer() = default;

    /// The rows that are kept; undefined before the first ones.
    const Tensor<T>& rows() const { return rows_; }
    int64_t window() const { return window_; }
    /// How many were ever added.
    int64_t length() const { return dropped_ + held(); }

    /// Adds rows (B, H, T, width). Gives those that the queries of the same tokens may look at: all that were kept
    /// and these.
    /// Throws   ShapeError: x does not go under the rows so far
    Tensor<T> extend(const Tensor<T>& x) {
        check(x);
        const Tensor<T> seen = grad_enabled() ? join(x) : write(x);
        keep(seen);
        return seen;
    }
    /// The rows of some members of the batch, in that order, for each of which it goes on alone.
    void select(const Tensor<int64_t>& members) {
        if (!rows_.defined()) return;
        rows_ = index_select(rows_, 0, members);
        room_ = Tensor<T>();
    }

private:
    int64_t held() const { return rows_.defined() ? rows_.size(2) : 0; }
    void check(const Tensor<T>& x) const {
        if (x.rank() != 4)
            detail::fail<ShapeError>("cache", "x ", x.shape(), " must be (batch, heads, length, width)");
        if (rows_.defined() &&
            (rows_.size(0) != x.size(0) || rows_.size(1) != x.size(1) || rows_.size(3) != x.size(3)))
            detail::fail<ShapeError>("cache", "x ", x.shape(), " does not go under the rows so far, ",
                                     rows_.shape());
    }
    Tensor<T> join(const Tensor<T>& x) {
        room_ = Tensor<T>();
        return rows_.defined() ? cat({rows_, x}, 2) : x;
    }
    Tensor<T> write(const Tensor<T>& x) {
        const int64_t before = held(), after = before + x.size(2);
        if (!room_.defined() || begin_ + after > room_.size(2)) {  // to the front of new memory
            Tensor<T> larger = empty<T>({x.size(0), x.size(1), after + after / 2 + 8, x.size(3)});
            if (before > 0) copy_(narrow(larger, 2, 0, before), rows_);
            room_ = larger;
            begin_ = 0;
        }
        Tensor<T> target = narrow(room_, 2, begin_ + before, x.size(2));
        copy_(target, x);
        return narrow(room_, 2, begin_, after);
    }
    void keep(const Tensor<T>& seen) {
        const int64_t n = seen.size(2), gone = window_ > 0 && n > window_ ? n - window_ : 0;
        rows_ = gone > 0 ? narrow(seen, 2, gone, window_) : seen;
        begin_ += gone;
        dropped_ += gone;
    }

    int64_t window_ = 0, begin_ = 0, dropped_ = 0;  // begin_: where rows_ lie in room_
    Tensor<T> rows_, room_;
};

}
