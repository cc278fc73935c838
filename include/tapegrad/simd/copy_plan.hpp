// What a copy between two strided layouts comes down to: the axes along which each side is dense, and the
// others, with axes joined where both sides walk them as one.
#pragma once

#include <array>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

struct CopyAxis {
    int64_t size = 1, from = 0, to = 0;
};

/// Along `write` the target is dense, along `read` the source; `read` has size 1 when that is the same axis.
/// The others are walked in the order of the target. No size is 0.
struct CopyPlan {
    std::array<CopyAxis, max_rank> outer;
    std::size_t rank = 0;
    int64_t outer_count = 1;
    CopyAxis read, write;

    CopyPlan(const Shape& shape, const Strides& from, const Strides& to) {
        for (int i = 0; i < shape.rank(); ++i)
            if (shape[i] != 1) insert({shape[i], from[i], to[i]});
        join();
        if (rank == 0) {
            write = {1, 1, 1};
            return;
        }
        write = outer[--rank];
        std::size_t densest = rank;
        for (std::size_t i = 0; i < rank; ++i) {
            const int64_t stride = length(outer[i].from);
            if (stride != 0 && stride < length(densest < rank ? outer[densest].from : write.from))
                densest = i;
        }
        if (densest < rank) {
            read = outer[densest];
            --rank;
            for (std::size_t i = densest; i < rank; ++i) outer[i] = outer[i + 1];
        }
        for (std::size_t i = 0; i < rank; ++i) outer_count *= outer[i].size;
    }

private:
    static int64_t length(int64_t stride) { return stride < 0 ? -stride : stride; }

    // Keeps the axes in the order of the target's strides, the longest first.
    void insert(const CopyAxis& axis) {
        std::size_t at = rank++;
        for (; at > 0 && length(outer[at - 1].to) < length(axis.to); --at) outer[at] = outer[at - 1];
        outer[at] = axis;
    }
    void join() {
        std::size_t joined = 0;
        for (std::size_t i = 0; i < rank; ++i) {
            const CopyAxis axis = outer[i];
            CopyAxis& last = outer[joined > 0 ? joined - 1 : 0];
            if (joined > 0 && last.from == axis.from * axis.size && last.to == axis.to * axis.size)
                last = {last.size * axis.size, axis.from, axis.to};
            else
                outer[joined++] = axis;
        }
        rank = joined;
    }
};

/// A place in the outer axes, as offsets of both sides.
struct CopyWalk {
    int64_t from = 0, to = 0;

    CopyWalk(const CopyPlan& plan, int64_t place) : plan_(&plan) {
        for (std::size_t i = plan.rank; i-- > 0;) {
            const CopyAxis& axis = plan.outer[i];
            index_[i] = place % axis.size;
            place /= axis.size;
            from += index_[i] * axis.from;
            to += index_[i] * axis.to;
        }
    }
    void next() {
        for (std::size_t i = plan_->rank; i-- > 0;) {
            const CopyAxis& axis = plan_->outer[i];
            from += axis.from;
            to += axis.to;
            if (++index_[i] < axis.size) return;
            index_[i] = 0;
            from -= axis.size * axis.from;
            to -= axis.size * axis.to;
        }
    }

private:
    const CopyPlan* plan_;
    std::array<int64_t, max_rank> index_;
};

}
