#include <tapegrad/ops/pool_windows.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;
using detail::PoolAxis;
using support::message;

TEST_CASE("pool_windows: places inside of x") {
    const auto w = detail::windows_of(PoolAxis{5, 3, 2, 1, 1, false});
    CHECK(w.begin == std::vector<int64_t>{0, 1, 3});
    CHECK(w.end == std::vector<int64_t>{2, 4, 5});
    CHECK(detail::windows_of(PoolAxis{6, 3, 2, 0, 1, true}).end == std::vector<int64_t>{3, 5, 6});
    CHECK(PoolAxis{6, 3, 2, 0, 1, false}.count() == 2);
    CHECK(PoolAxis{2, 2, 3, 1, 1, true}.count() == 1);  // a second would begin behind x
    const auto dilated = detail::windows_of(PoolAxis{4, 2, 1, 1, 3, false});
    CHECK(dilated.begin == std::vector<int64_t>{2, 0, 1});
    CHECK(dilated.end == std::vector<int64_t>{3, 4, 4});
    const auto parts = detail::adaptive_windows(int64_t{5}, int64_t{3});
    CHECK(parts.begin == std::vector<int64_t>{0, 1, 3});
    CHECK(parts.end == std::vector<int64_t>{2, 4, 5});
}

TEST_CASE("pool_windows: errors") {
    const auto fault = [](const Spatial& window, const Spatial& stride, const Spatial& padding,
                          const Spatial& dilation) {
        return message<Error>([&] {
            detail::pool_axis("max_pool2d", Shape{1, 4, 5}, 1, 2, window, stride, padding, dilation, false);
        });
    };
    CHECK(fault(0, 1, 0, 1) == "max_pool2d: window is 0; it must be at least 1");
    CHECK(fault(2, -1, 0, 1) == "max_pool2d: stride is -1; it must be at least 1");
    CHECK(fault(2, 1, 0, 0) == "max_pool2d: dilation is 0; it must be at least 1");
    CHECK(fault(3, 1, 2, 1) ==
          "max_pool2d: padding is 2; it must be at least 0 and at most half the window 3");
    CHECK(fault(3, 1, 0, 2) == "max_pool2d: a window of 5 does not fit axis 1 of x (1, 4, 5) with padding 0");
    CHECK(message<ShapeError>([] { detail::check_pool("avg_pool1d", Shape{4}, 1, {Spatial(2)}); }) ==
          "avg_pool1d: x (4,) must be (batch, channels) and 1 spatial axis, or that without the batch");
    CHECK(message<ShapeError>([] {
              detail::check_pool("avg_pool2d", Shape{1, 4, 4}, 2, {Spatial{1, 2, 3}});
          }) == "avg_pool2d: 3 numbers for 2 spatial axes");
}
