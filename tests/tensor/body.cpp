#include <tapegrad/tensor/body.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <tapegrad/tensor/tensor.hpp>  // what a leaf has

#include "../support/message.hpp"

using namespace tapegrad;

TEST_CASE("body: a fresh one is one pooled block, and goes back whole") {
    const auto before = pool::statistics().live_bytes;
    detail::Body* const body = detail::new_body(DType::float32, {2, 3}, {3, 1}, 6);
    CHECK(pool::statistics().live_bytes > before);
    CHECK(body->storage == &body->own);
    CHECK(body->contiguous);
    CHECK(reinterpret_cast<std::uintptr_t>(body->data) % 64 == 0);
    body->release();
    CHECK(pool::statistics().live_bytes == before);
}

TEST_CASE("body: a view keeps the storage, in either order of release") {
    const auto before = pool::statistics().live_bytes;
    for (const bool view_first : {true, false}) {
        detail::Body* const body = detail::new_body(DType::int64, {4}, {1}, 4);
        detail::Body* const view = detail::new_view(*body, static_cast<int64_t*>(body->data) + 1, {2}, {2});
        static_cast<int64_t*>(body->data)[3] = 9;
        CHECK_FALSE(view->contiguous);
        CHECK(view->numel == 2);
        (view_first ? view : body)->release();
        if (!view_first) CHECK(static_cast<int64_t*>(view->data)[2] == 9);
        (view_first ? body : view)->release();
    }
    CHECK(pool::statistics().live_bytes == before);
}

TEST_CASE("body: memory from outside is given back once, with the last view") {
    int freed = 0;
    float values[4] = {};
    detail::Body* const body = detail::new_borrowed(
        DType::float32, values, {4}, {1}, 4, [](void* count) { ++*static_cast<int*>(count); }, &freed);
    detail::Body* const view = detail::new_view(*body, values, {2}, {1});
    body->release();
    CHECK(freed == 0);
    view->release();
    CHECK(freed == 1);
}

TEST_CASE("body: row-major order") {
    CHECK(detail::is_row_major({2, 3}, {3, 1}));
    CHECK_FALSE(detail::is_row_major({2, 3}, {1, 2}));
    CHECK(detail::is_row_major({2, 1, 3}, {3, 77, 1}));  // the stride of a size of 1 is never walked
    CHECK(detail::is_row_major({0, 3}, {5, 5}));
    CHECK(detail::is_row_major({0, int64_t{1} << 40, int64_t{1} << 40}, {1, 1, 1}));
    CHECK(detail::is_row_major({}, {}));
    CHECK_FALSE(detail::is_row_major({2}, {0}));
    CHECK_FALSE(detail::is_row_major({3}, {2}));
}

TEST_CASE("body: bytes that overflow are an error") {
    CHECK(support::message<ShapeError>([] {
              detail::new_body(DType::float64, {int64_t{1} << 60}, {1}, int64_t{1} << 60);
          }) == "empty: shape (1152921504606846976,) needs more than 2^62 bytes");
}
