// Bijectors of images at several scales: half of the numbers leave at each.
#pragma once

#include "../ops/join.hpp"
#include "channels.hpp"
#include "squeeze.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Stages behind each other. Each begins with a squeeze by 2, then comes its bijector of images; of what that gives the
/// second half of the channels is done with, but for the last stage, which gives all. What is done with, stage by stage,
/// is the value.
///   image (3, 32, 32) -> (12, 16, 16), of which (6, 16, 16) go on -> (24, 8, 8), of which (12, 8, 8) go on -> ...
/// Shape    x (n, channels, height, width) -> value (n, channels height width)
/// Throws   ShapeError: x of another shape; ValueError: no stages, or a height or width that they do not halve evenly
/// Source   Dinh et al., Density Estimation using Real NVP, 2017
template <class B>
struct MultiScale {
    std::array<int64_t, 3> event{};  // channels, height, width
    std::vector<B> stages;
    TAPEGRAD_FIELDS(event, stages);

    MultiScale() = default;
    MultiScale(std::array<int64_t, 3> event_, std::vector<B> stages_)
        : event(event_), stages(std::move(stages_)) {
        const int64_t count = static_cast<int64_t>(stages.size());
        if (count == 0) detail::fail<ValueError>("MultiScale", "there are no stages");
        for (int64_t i = 0, height = event[1], width = event[2]; i < count; ++i, height /= 2, width /= 2)
            if (height < 2 || width < 2 || height % 2 != 0 || width % 2 != 0)
                detail::fail<ValueError>("MultiScale", "stage ", i, " cannot halve ", height, " x ", width,
                                         " places");
    }

    /// The numbers of an event.
    int64_t numel() const { return event[0] * event[1] * event[2]; }
    /// The channels that a stage works on, for images of so many.
    static int64_t channels_at(int64_t channels, int64_t stage) {
        for (int64_t i = 0; i < stage; ++i) channels *= 2;
        return channels * 4;
    }

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        if (x.rank() != 4 || x.size(1) != event[0] || x.size(2) != event[1] || x.size(3) != event[2])
            detail::fail<ShapeError>("MultiScale", "x ", x.shape(), " is not (n, ", event[0], ", ", event[1],
                                     ", ", event[2], ')');
        std::vector<Tensor<T>> done;
        Tensor<T> rest = x, log_det;
        for (std::size_t i = 0; i < stages.size(); ++i) {
            Mapped<T> y = stages[i].forward(squeeze.forward(rest).value, context);
            log_det = detail::joined_log_det(log_det, y.log_det);
            rest = y.value;
            if (i + 1 == stages.size()) break;
            auto [stays, leaves] = chunk<2>(rest, 1);
            done.push_back(as_row(leaves));
            rest = stays;
        }
        done.push_back(as_row(rest));
        return {cat(done, 1), log_det};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        if (y.rank() != 2 || y.size(1) != numel())
            detail::fail<ShapeError>("MultiScale", "y ", y.shape(), " is not (n, ", numel(), ')');
        Tensor<T> rest, log_det;
        int64_t end = numel();
        for (std::size_t i = stages.size(); i-- > 0;) {
            const auto stage = static_cast<int64_t>(i);
            const int64_t channels = channels_at(event[0], stage), height = event[1] >> (stage + 1),
                          width = event[2] >> (stage + 1);
            const bool is_last = i + 1 == stages.size();
            const int64_t own = is_last ? channels : channels / 2;
            end -= own * height * width;
            const Tensor<T> part =
                reshape(narrow(y, 1, end, own * height * width), {y.size(0), own, height, width});
            const Mapped<T> x = stages[i].inverse(is_last ? part : cat({rest, part}, 1), context);
            log_det = detail::joined_log_det(log_det, x.log_det);
            rest = squeeze.inverse(x.value).value;
        }
        return {rest, log_det};
    }

private:
    static inline const Squeeze squeeze{2};
    template <class T>
    static Tensor<T> as_row(const Tensor<T>& x) {
        return reshape(x, {x.size(0), x.size(1) * detail::places_of(x)});
    }
};

}
