// Everything that a training run needs to go on as if it had not stopped, in one safetensors file.
//
//   <name>                        the parameters and buffers of the model: any reader of safetensors finds
//   its model here training.optimizer.<name>     what the optimizer keeps training.generator.<i>        seed,
//   stream and offset of generator i; `default` is that of this thread training.step                 how many
//   steps were taken training.extra.<name>         what the program adds
#pragma once

#include <bit>

#include "../core/random.hpp"
#include "../io/safetensors.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a run has beside its model and its optimizer.
struct TrainingState {
    int64_t step = 0;
    std::vector<Generator> generators = {};
    StateDict extra = {};
    SafetensorsMetadata metadata = {};
};

namespace detail {

inline constexpr const char* checkpoint_version = "1";

inline Tensor<int64_t> saved_generator(const Generator& g) {
    const auto word = [](std::uint64_t v) { return std::bit_cast<int64_t>(v); };
    return Tensor<int64_t>{word(g.seed()), word(g.stream()), word(g.offset())};
}
inline Generator loaded_generator(const StateDict& dict, const std::string& name) {
    const auto words = dict.get<int64_t>(name);
    if (words.shape() != Shape{3})
        fail<ValueError>("state_dict", name, " has shape ", words.shape(), ", not (3,)");
    const auto word = [&](int64_t i) { return std::bit_cast<std::uint64_t>(words(i)); };
    Generator g(word(0), word(1));
    g.set_offset(word(2));
    return g;
}

inline TrainingState loaded_state(const StateDict& training, Generator& of_thread) {
    TrainingState state;
    state.step = training.get<int64_t>("step").item();
    if (state.step < 0) fail<ValueError>("state_dict", "step is ", state.step);
    of_thread = loaded_generator(training, "generator.default");
    std::size_t known = 2;
    for (std::string name = "generator.0"; training.contains(name); ++known) {
        state.generators.push_back(loaded_generator(training, name));
        name = "generator." + std::to_string(state.generators.size());
    }
    state.extra = training.under("extra.");
    known += state.extra.size() + training.under("optimizer.").size();
    if (known != training.size())
        fail<ValueError>("state_dict", "there are tensors that a checkpoint does not have");
    return state;
}

}

/// Writes a checkpoint; `path` means the old one until the new one is whole and on the disk.
/// Throws   IoError: it cannot be written; ValueError: a model whose names begin with "training."
template <Module M, class AnOptimizer>
void save_checkpoint(const std::string& path, const M& model, const AnOptimizer& optimizer,
                     const TrainingState& state) {
    StateDict saved = state_dict_once(model);
    if (!saved.under("training.").empty())
        detail::fail<ValueError>("checkpoint",
                                 "a model may have no member named training that holds tensors");
    saved.add_all("training.optimizer.", optimizer.state_dict());
    saved.add("training.generator.default", detail::saved_generator(default_generator()));
    for (std::size_t i = 0; i < state.generators.size(); ++i)
        saved.add("training.generator." + std::to_string(i), detail::saved_generator(state.generators[i]));
    saved.add("training.step", full<int64_t>({}, state.step));
    saved.add_all("training.extra.", state.extra);
    SafetensorsMetadata metadata = state.metadata;
    metadata.emplace_back("tapegrad.checkpoint", detail::checkpoint_version);
    save_safetensors(path, saved, metadata);
}

/// Puts model, optimizer and the generator of this thread back to where they were, and returns the rest. What
/// comes after has the bits of a run that did not stop. When it throws, nothing is changed.
/// Throws   IoError: no such file, a broken one, no checkpoint, or one of another model or optimizer
template <Module M, class AnOptimizer>
TrainingState load_checkpoint(const std::string& path, M& model, AnOptimizer& optimizer) {
    const SafetensorsFile file(path);
    const std::string* const version = file.find_metadata("tapegrad.checkpoint");
    if (version == nullptr) detail::fail<IoError>("checkpoint", path, ": is no checkpoint of a training run");
    if (*version != detail::checkpoint_version)
        detail::fail<IoError>("checkpoint", path, ": has version ", detail::shown(*version),
                              ", this library reads ", detail::checkpoint_version);
    const StateDict saved = file.load_all(), training = saved.under("training.");
    StateDict parameters;
    for (const NamedTensor& entry : saved)
        if (!entry.name.starts_with("training.")) parameters.add(entry.name, entry.tensor);
    try {
        Generator of_thread;
        TrainingState state = detail::loaded_state(training, of_thread);
        const StateDict before = optimizer.state_dict();
        optimizer.load_state_dict(training.under("optimizer."));
        try {
            load_state_dict(model, parameters);
        } catch (...) {
            optimizer.load_state_dict(before);
            throw;
        }
        default_generator() = of_thread;
        for (const auto& [key, value] : file.metadata())
            if (key != "tapegrad.checkpoint") state.metadata.emplace_back(key, value);
        return state;
    } catch (const IoError&) {
        throw;
    } catch (const Error& e) {
        detail::fail<IoError>("checkpoint", path, ": ", std::string_view(e.what()));
    }
}

}
