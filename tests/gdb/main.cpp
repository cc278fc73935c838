// What the printers of scripts/gdb show; gdb stops in `look`.
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

[[gnu::noinline]] void look(const Tensor<float>& matrix, const Tensor<float>& turned,
                            const Tensor<bfloat16>& half, const Tensor<float>& leaf,
                            const Tensor<float>& result, const Tensor<int64_t>& many,
                            const Tensor<double>& undefined, const Shape& shape) {
    asm volatile(""
                 :
                 : "r"(&matrix), "r"(&turned), "r"(&half), "r"(&leaf), "r"(&result), "r"(&many),
                   "r"(&undefined), "r"(&shape)
                 : "memory");
}

}

int main() {
    const Tensor<float> matrix{{1, 2.5F, 3}, {4, 5, 6}};
    Tensor<float> leaf{-1};
    leaf.requires_grad_();
    look(matrix, detail::view_of(matrix, {3, 2}, {1, 3}), Tensor<bfloat16>{bfloat16(1.5F)}, leaf, exp(leaf),
         arange<int64_t>(1000), {}, matrix.shape());
}
