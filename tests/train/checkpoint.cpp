#include <tapegrad/train/checkpoint.hpp>

#include <doctest/doctest.h>

#include <tapegrad/data/windows.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {

/// A GPT with dropout in training: draws batches from its own generator, dropout from that of the thread.
struct Run {
    GPT<float> model;
    AdamW<float> optimizer;
    Generator batches{11};
    int64_t step = 0;

    explicit Run(std::uint64_t seed)
        : model(make(seed)), optimizer(decay_groups(parameters(model), AdamWOptions{.lr = 1e-2})) {}
    static GPT<float> make(std::uint64_t seed) {
        Generator generator(seed);
        return GPT<float>(
            {.vocab_size = 17, .block_size = 8, .n_layer = 2, .n_head = 2, .n_embd = 16, .dropout = 0.1},
            generator);
    }
    float train(int steps) {
        const Tensor<int64_t> tokens = arange<int64_t>(200) / 12;
        float last = 0;
        for (int i = 0; i < steps; ++i, ++step) {
            const TokenBatch batch = random_windows(tokens, 4, 8, batches);
            optimizer.zero_grad();
            const auto loss = model.loss(batch.x, batch.y);
            loss.backward();
            clip_grad_norm(parameters(model), 1.0);
            optimizer.step();
            last = loss.item();
        }
        return last;
    }
    void save(const std::string& path) const {
        save_checkpoint(path, model, optimizer, {.step = step, .generators = {batches}});
    }
    void load(const std::string& path) {
        const TrainingState state = load_checkpoint(path, model, optimizer);
        step = state.step;
        batches = state.generators.at(0);
    }
};

bool same_bits(const GPT<float>& a, const GPT<float>& b) {
    const auto pa = parameters(a), pb = parameters(b);
    for (std::size_t i = 0; i < pa.size(); ++i)
        if (std::memcmp(pa[i].data(), pb[i].data(),
                        static_cast<std::size_t>(pa[i].numel()) * sizeof(float)) != 0)
            return false;
    return pa.size() == pb.size();
}

}

TEST_CASE("checkpoint: a resumed run equals an uninterrupted one, bit for bit") {
    const TemporaryFolder folder;
    const std::string path = folder / "run.safetensors";
    manual_seed(5);
    Run whole(1);
    const float loss = (whole.train(10), whole.train(10));

    manual_seed(5);
    Run first(1);
    first.train(10);
    first.save(path);
    first.train(3);  // lost

    manual_seed(99);
    Run second(2);
    second.load(path);
    CHECK(second.step == 10);
    CHECK(second.train(10) == loss);
    CHECK(same_bits(second.model, whole.model));
    CHECK(!same_bits(first.model, whole.model));
    CHECK(folder.files() == 1);
}

TEST_CASE("checkpoint: the model is found by any reader, extras and metadata come back") {
    const TemporaryFolder folder;
    const std::string path = folder / "run.safetensors";
    Run run(1);
    run.train(1);
    StateDict extra;
    extra.add("best", Tensor<float>(1.25F));
    save_checkpoint(path, run.model, run.optimizer,
                    {.step = 7,
                     .generators = {Generator(1, 2), Generator(~std::uint64_t{0}, 4)},
                     .extra = extra,
                     .metadata = {{"config", "tiny"}}});
    GPT<float> other = Run::make(2);
    const LoadReport report = load_state_dict(other, load_safetensors(path), {.strict = false});
    CHECK(report.missing.empty());
    CHECK(same_bits(other, run.model));
    const TrainingState state = load_checkpoint(path, run.model, run.optimizer);
    CHECK(state.step == 7);
    CHECK(state.generators.size() == 2);
    CHECK(state.generators[1].seed() == ~std::uint64_t{0});
    CHECK(state.generators[1].stream() == 4);
    CHECK(state.extra.get<float>("best").item() == 1.25F);
    CHECK(state.metadata == SafetensorsMetadata{{"config", "tiny"}});
}

TEST_CASE("checkpoint: what does not fit is refused and changes nothing") {
    const TemporaryFolder folder;
    const std::string path = folder / "run.safetensors";
    Run run(1);
    run.train(2);
    run.save(path);
    const StateDict good = load_safetensors(path);
    const GPT<float> model_before = clone(run.model);
    const auto refused = [&](const char* what, const auto& change, const std::string& version = "1") {
        CAPTURE(std::string(what));
        StateDict changed;
        for (const NamedTensor& entry : good) {
            NamedTensor copy = entry;
            if (change(copy)) changed.add(copy.name, copy.tensor);
        }
        save_safetensors(path, changed, {{"tapegrad.checkpoint", version}});
        const Generator of_thread = default_generator();
        CHECK_THROWS_AS(load_checkpoint(path, run.model, run.optimizer), IoError);
        CHECK(same_bits(run.model, model_before));
        CHECK(default_generator().offset() == of_thread.offset());
        CHECK(run.optimizer.state_dict().get<int64_t>("0.step").item() == 2);
    };
    const auto replaced = [](const char* name, TensorBase tensor) {
        return [name, tensor](NamedTensor& e) {
            if (e.name == name) e.tensor = tensor;
            return true;
        };
    };
    const auto without = [](const char* name) { return [name](NamedTensor& e) { return e.name != name; }; };
    refused("a parameter is missing", without("transformer.ln_f.weight"));
    refused("a parameter of another shape", replaced("transformer.ln_f.weight", ones<float>({3})));
    refused("an unknown parameter", [](NamedTensor& e) {
        if (e.name == "transformer.ln_f.bias") e.name = "transformer.ln_f.shift";
        return true;
    });
    refused("a moment of another shape", replaced("training.optimizer.3.exp_avg", ones<float>({3})));
    refused("a moment of another type", replaced("training.optimizer.3.exp_avg", ones<double>({16})));
    refused("an unknown state", [](NamedTensor& e) {
        if (e.name == "training.optimizer.3.exp_avg") e.name = "training.optimizer.99.exp_avg";
        return true;
    });
    refused("no step", without("training.step"));
    refused("a negative step", replaced("training.step", full<int64_t>({}, -1)));
    refused("a step of several numbers", replaced("training.step", zeros<int64_t>({2})));
    refused("a short generator", replaced("training.generator.0", zeros<int64_t>({2})));
    refused("no generator of the thread", without("training.generator.default"));
    refused("an unknown part", [](NamedTensor& e) {
        if (e.name == "training.generator.0") e.name = "training.other";
        return true;
    });
    refused(
        "a newer version", [](NamedTensor&) { return true; }, "2");
    save_safetensors(path, good);
    CHECK_THROWS_WITH_AS(load_checkpoint(path, run.model, run.optimizer),
                         ("checkpoint: " + path + ": is no checkpoint of a training run").c_str(), IoError);
}
