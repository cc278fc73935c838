// Connectionist temporal classification of a batch of utterances.
#include <tapegrad/loss/ctc.hpp>

#include "../support/through_tape.hpp"

namespace {

using namespace support;

const bool registered = [] {
    constexpr int64_t time = 400, batch = 16, classes = 32, length = 80;
    Generator generator(2);
    const Tensor<int64_t> targets = randint(1, classes, {batch, length}, generator),
                          times = full<int64_t>({batch}, time), lengths = full<int64_t>({batch}, length);
    add_with_gradient("ctc_loss", "16x400x32_80", {time, batch, classes},
                      [=](const Tensor<float>& x) { return ctc_loss(x, targets, times, lengths); });
    return true;
}();

}
