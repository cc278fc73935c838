// Checkpoints: a run that stops and goes on ends with the bits of one that did not stop.
//
//   ./07_checkpoint_resume       last line: "resumed run equals the uninterrupted one: yes"
#include <cstdio>
#include <tapegrad/tapegrad.hpp>
#include <tapegrad/train/checkpoint.hpp>

using namespace tapegrad;

struct Net {
    Linear<> in, out;
    Dropout drop{0.1};
    TAPEGRAD_FIELDS(in, out, drop);

    explicit Net(Generator& generator) : in(4, 32, generator), out(32, 1, generator) {}
    Tensor<float> operator()(const Tensor<float>& x, Generator& generator) const {
        return out(drop(tanh(in(x)), generator));
    }
};

// A model, its optimizer and its randomness: all that a run is.
struct Run {
    Generator generator{1};
    Net net{generator};
    AdamW<> optimizer{parameters(net), {.lr = 1e-2}};
    int64_t step = 0;

    void train(int64_t until) {
        for (; step < until; ++step) {
            const Tensor<float> x = randn<float>({64, 4}, generator);
            const Tensor<float> loss = mse_loss(net(x, generator), sum(square(x), 1, true));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        }
    }
};

int main() {
    const char* const path = "checkpoint_lesson.safetensors";

    Run whole;
    whole.train(200);

    Run begun;
    begun.train(100);
    // Written to a temporary name, synced and renamed: the file is the old checkpoint or the new one, never
    // half of one.
    save_checkpoint(path, begun.net, begun.optimizer, {.step = begun.step, .generators = {begun.generator}});

    // Another process would begin here: nothing but the file is known.
    Run resumed;
    const TrainingState state = load_checkpoint(path, resumed.net, resumed.optimizer);
    resumed.step = state.step;
    resumed.generator = state.generators.at(0);
    std::printf("resumed at step %lld\n", static_cast<long long>(resumed.step));
    resumed.train(200);

    // Python reads the same file: safetensors.torch.load_file(path)["in.weight"].
    const SafetensorsFile file(path);
    for (const std::string& name : file.names()) std::printf("  %s\n", name.c_str());
    std::remove(path);

    bool same = true;
    const auto a = parameters(whole.net), b = parameters(resumed.net);
    for (std::size_t i = 0; i < a.size(); ++i) same &= to_vector(a[i]) == to_vector(b[i]);
    std::printf("resumed run equals the uninterrupted one: %s\n", same ? "yes" : "no");
    return same ? 0 : 1;
}
