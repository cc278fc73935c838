// Tensors: creation, views, broadcasting, reductions, printing.
//
//   ./01_tensor            last line: "sum over rows: [12.0000, 15.0000, 18.0000]" as a tensor
#include <cstdio>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

int main() {
    // From nested braces, from sizes, from a generator that is a value: the same seed gives the same numbers.
    const Tensor<float> a{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    const Tensor<float> ones_row = ones<float>({3});
    Generator generator(42);
    const Tensor<float> noise = randn<float>({2, 2}, generator);
    std::printf("a =\n%s\n", to_string(a).c_str());
    std::printf("noise =\n%s\n", to_string(noise).c_str());

    // A copy of a tensor is a handle to the same elements; clone() has its own.
    Tensor<float> handle = a;
    std::printf("same elements: %s\n", handle.is_same(a) ? "yes" : "no");

    // Views share the elements and cost nothing: no number moves.
    const Tensor<float> second_row = select(a, 0, 1);  // (3,)
    const Tensor<float> columns = slice(a, 1, 0, 2);   // (3, 2)
    const Tensor<float> flipped_axes = transpose(a);   // (3, 3)
    std::printf("row 1      %s\n", to_string(second_row).c_str());
    std::printf("columns    %s\n", describe(columns).c_str());
    std::printf("transposed %s\n", describe(flipped_axes).c_str());

    // Arithmetic broadcasts as in NumPy.
    const Tensor<float> shifted = a * 2 - ones_row;  // (3, 3) - (3,)
    std::printf("2 a - 1 =\n%s\n", to_string(shifted).c_str());

    // Shapes are checked always, and the message says what to look for.
    try {
        matmul(a, ones<float>({4, 2}));
    } catch (const ShapeError& e) {
        std::printf("%s\n", e.what());
    }

    std::printf("sum over rows: %s\n", to_string(sum(a, 0)).c_str());
}
