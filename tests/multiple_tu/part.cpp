#include "part.hpp"

#include <everything.hpp>

Part PART() {
    using namespace tapegrad;
    auto x = arange<float>(-5, 6);
    x.requires_grad_();
    const auto y = sum(map(
        "swish", [](const auto& v) { return v * sigmoid(v); }, x));
    y.backward();
    return {TAPEGRAD_ISA_NAME, y.item(), x.grad().data()[0]};
}
