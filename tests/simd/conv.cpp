#include <tapegrad/simd/conv.hpp>

#include "conv_definition.hpp"

using namespace conv_definition;

namespace {

const ConvShape shapes[] = {
    shape(1, 1, 1, 1, {1, 1, 1}, {1, 1, 1}),
    shape(2, 1, 3, 5, {1, 7, 9}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}),
    shape(2, 2, 3, 4, {1, 6, 17}, {1, 3, 2}, {1, 2, 1}, {0, 2, 1}, {1, 1, 3}),
    shape(1, 1, 4, 33, {1, 1, 70}, {1, 1, 5}, {1, 1, 3}, {0, 0, 2}),
    shape(3, 3, 1, 1, {1, 9, 8}, {1, 3, 3}, {1, 2, 2}, {0, 1, 1}),
    shape(1, 1, 2, 3, {4, 5, 6}, {2, 3, 2}, {2, 1, 3}, {1, 1, 0}, {1, 2, 1}),
    shape(2, 1, 8, 6, {1, 5, 5}, {1, 1, 1}),
    shape(2, 1, 8, 6, {1, 9, 9}, {1, 1, 1}, {1, 2, 2}),
    shape(1, 1, 1, 2, {1, 3, 3}, {1, 2, 2}, {1, 5, 5}, {0, 0, 0}),
    shape(1, 1, 40, 20, {1, 13, 40}, {1, 5, 5}, {1, 1, 1}, {0, 2, 2}),
    shape(1, 1, 2, 2, {1, 4, 4}, {1, 3, 3}, {1, 1, 1}, {0, 4, 4}),
    shape(0, 1, 2, 2, {1, 4, 4}, {1, 3, 3}),
};

}

TEST_CASE_TEMPLATE("conv: the definition, and both transposes", T, float, double) {
    for (const ConvShape& s : shapes) check<T>(s);
}
