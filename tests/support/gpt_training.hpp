// A small GPT with dropout in training, on random tokens.
#pragma once

#include <tapegrad/data/windows.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>
#include <tapegrad/tensor/random.hpp>
#include <vector>

namespace support {

using namespace tapegrad;

struct GptTraining {
    Generator initial{1}, batches{2}, dropping{3};
    GPT<float> model{
        {.vocab_size = 65, .block_size = 32, .n_layer = 2, .n_head = 2, .n_embd = 64, .dropout = 0.1},
        initial};
    std::vector<Tensor<float>> weights = parameters(model);
    AdamW<float> optimizer{weights, {.lr = 1e-3}};
    Tensor<int64_t> tokens = randint(0, 65, {5000}, batches);

    void step() {
        const TokenBatch batch = random_windows(tokens, 12, 32, batches);
        const Tensor<float> loss = model.loss(batch.x, batch.y, dropping);
        optimizer.zero_grad();
        loss.backward();
        clip_grad_norm(weights, 1.0);
        optimizer.step();
    }
};

}
