// Elements picked, written and combined by tensors of places and masks.
#include <doctest/doctest.h>

#include <tapegrad/ops/convert.hpp>
#include <tapegrad/ops/embedding.hpp>
#include <tapegrad/ops/grid.hpp>
#include <tapegrad/ops/index_tensors.hpp>
#include <tapegrad/ops/one_hot.hpp>
#include <tapegrad/ops/scatter_reduce.hpp>
#include <tapegrad/ops/take.hpp>

#include "operations.hpp"

using namespace support;

namespace {

using Ids = Tensor<int64_t>;

// What is picked may leave out a NaN, and places are for the sizes of the golden inputs.
const OperationOptions some{.sizes = false, .nan = false}, no_nan{.nan = false}, no_sizes{.sizes = false};
const OperationOptions constant{.order = 0, .nan = false};

Ids places() { return Ids{{0, 2, 1}, {1, 1, 0}}; }
Ids apart() { return Ids{{0, 2, 1}, {1, 0, 2}}; }
Tensor<bool> mask() { return Tensor<bool>{{true, false, true}, {false, true, true}}; }

std::vector<Operation> along_an_axis() {
    std::vector<Operation> rows{
        operation(
            "gather", [](const auto& x) { return gather(x, 0, places()); }, some),
        operation(
            "gather:last", [](const auto& x) { return gather(x, 1, places()); }, some),
        operation(
            "take_along_axis",
            [](const auto& x) {
                return take_along_axis(x, Ids{{0}, {-1}}, 1);
            },
            some),
        operation(
            "take_along_axis:wide",
            [](const auto& x) {
                return take_along_axis(x, reshape(Ids{0, 2, 2}, {1, 1, 3}), 2);
            },
            some),
        operation(
            "scatter", [](const auto& x, const auto& s) { return scatter(x, 0, apart(), s); }, some),
        operation(
            "scatter:value", [](const auto& x) { return scatter(x, 1, apart(), 1.5); }, some),
        operation(
            "scatter_add", [](const auto& x, const auto& s) { return scatter_add(x, 0, places(), s); }, some),
        operation(
            "scatter_add:last", [](const auto& x, const auto& s) { return scatter_add(x, -1, places(), s); },
            no_sizes),
        operation(
            "put_along_axis",
            [](const auto& x, const auto& s) {
                return put_along_axis(x, Ids{{0}, {2}}, s, 1);
            },
            some),
        operation(
            "take",
            [](const auto& x) {
                return take(x, Ids{{0, 5}, {-1, 5}});
            },
            some),
        operation(
            "put",
            [](const auto& x, const auto& s) {
                return put(x, Ids{{0, 5}, {-2, 1}}, s);
            },
            some),
        operation(
            "put:accumulate",
            [](const auto& x, const auto& s) {
                return put(x, Ids{{0, 5}, {-1, 5}}, s, true);
            },
            no_sizes),
    };
    struct How {
        const char *name, *alone;
        Reduce how;
    };
    for (const How& h : {How{"scatter_reduce", "scatter_reduce:sum_alone", Reduce::sum},
                         How{"scatter_reduce:prod", "scatter_reduce:prod_alone", Reduce::prod},
                         How{"scatter_reduce:mean", "scatter_reduce:mean_alone", Reduce::mean},
                         How{"scatter_reduce:amax", "scatter_reduce:amax_alone", Reduce::amax},
                         How{"scatter_reduce:amin", "scatter_reduce:amin_alone", Reduce::amin}})
        for (const bool self : {true, false})
            rows.push_back(operation(self ? h.name : h.alone,
                                     [how = h.how, self](const auto& x, const auto& s) {
                                         return scatter_reduce(x, 0, places(), s, how,
                                                               {.include_self = self});
                                     },
                                     {.sizes = false, .nan = self}));
    return rows;
}

std::vector<Operation> rows() {
    return {
        operation(
            "index_select",
            [](const auto& x) {
                return index_select(x, 0, Ids{2, 0, 2});
            },
            some),
        operation("index_select:middle",
                  [](const auto& x) {
                      return index_select(x, 1, Ids{2, 0, 2, 1});
                  }),
        operation(
            "index_select:last",
            [](const auto& x) {
                return index_select(x, -1, Ids{2, 0});
            },
            some),
        operation("index_add",
                  [](const auto& x, const auto& s) {
                      return index_add(x, 0, Ids{2, 0, 2}, s);
                  }),
        operation(
            "index_add:last",
            [](const auto& x, const auto& s) {
                return index_add(x, -1, Ids{2, 0, 2, 1}, s);
            },
            no_sizes),
        operation(
            "index_copy",
            [](const auto& x, const auto& s) {
                return index_copy(x, 0, Ids{2, 0}, s);
            },
            no_nan),
        operation(
            "index_copy:middle",
            [](const auto& x, const auto& s) {
                return index_copy(x, 1, Ids{2, 0}, s);
            },
            no_nan),
        operation(
            "index_fill",
            [](const auto& x) {
                return index_fill(x, 0, Ids{2, 0}, -1.5);
            },
            no_nan),
        operation(
            "index_fill:tensor",
            [](const auto& x, const auto& s) {
                return index_fill(x, 0, Ids{-1, 0}, s);
            },
            no_nan),
        operation(
            "index_put",
            [](const auto& x, const auto& s) {
                return index_put(x, {Ids{0, 2, 1}, Ids{1, -1, 0}}, s);
            },
            some),
        operation("index_put:accumulate",
                  [](const auto& x, const auto& s) {
                      return index_put(x, {Ids{0, 2, 0}}, s, true);
                  }),
        operation("embedding",
                  [](const auto& x) {
                      return embedding(x, Ids{{0, 2}, {2, 1}});
                  }),
        operation(
            "one_hot", [](const auto& x) { return one_hot(to<int64_t>(x), 5); }, constant),
    };
}

std::vector<Operation> masks() {
    return {
        operation(
            "masked_fill", [](const auto& x) { return masked_fill(x, mask(), 0.5); }, some),
        operation(
            "masked_fill:tensor", [](const auto& x, const auto& s) { return masked_fill(x, mask(), s); },
            some),
        operation(
            "masked_select", [](const auto& x) { return masked_select(x, mask()); }, some),
        operation(
            "masked_scatter", [](const auto& x, const auto& s) { return masked_scatter(x, mask(), s); },
            some),
        operation(
            "nonzero", [](const auto& x) { return nonzero(x); }, constant),
        operation(
            "argwhere", [](const auto& x) { return argwhere(x); }, constant),
        operation(
            "tril", [](const auto& x) { return tril(x, 1); }, no_nan),
        operation(
            "triu", [](const auto& x) { return triu(x, -1); }, no_nan),
        operation(
            "tril_indices",
            [](const auto& x) {
                const Ids at_rows = tril_indices(x.size(0), x.size(1), 1);
                return at(x, select(at_rows, 0, 0), select(at_rows, 0, 1));
            },
            no_nan),
        operation(
            "triu_indices",
            [](const auto& x) {
                const Ids at_rows = triu_indices(x.size(0), x.size(1), -1);
                return at(x, select(at_rows, 0, 0), select(at_rows, 0, 1));
            },
            no_nan),
    };
}

}

TEST_CASE("operations: indexing") {
    Operations("indexing", along_an_axis()).check();
    Operations("indexing", rows()).check();
    Operations("indexing", masks()).check();
}
