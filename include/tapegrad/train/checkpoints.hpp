// The checkpoints of a run in one folder: the last few, and the best.
#pragma once

#include <charconv>
#include <filesystem>
#include <optional>

#include "checkpoint.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct CheckpointsOptions {
    /// How many of the last are kept.
    int64_t keep = 3;
    /// Whether a lower metric is a better one: a loss, not an accuracy.
    bool lower_is_better = true;
};

/// step_<number>.safetensors for the last few steps that were saved, and best.safetensors for the best.
class Checkpoints {
public:
    /// Makes the folder when it is not there.
    /// Throws   IoError: it cannot be made; ValueError: keep not positive
    explicit Checkpoints(std::string folder, CheckpointsOptions options = {})
        : folder_(std::move(folder)), options_(options) {
        if (options.keep < 1)
            detail::fail<ValueError>("checkpoints", "keep is ", options.keep, "; it must be positive");
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        if (!std::filesystem::is_directory(folder_, error))
            detail::fail<IoError>("checkpoints", folder_, ": is no folder, and cannot be made");
    }

    std::string path(int64_t step) const {
        return folder_ + "/step_" + std::to_string(step) + ".safetensors";
    }
    std::string best_path() const { return folder_ + "/best.safetensors"; }
    /// The steps of which there is one, ascending.
    std::vector<int64_t> steps() const {
        std::vector<int64_t> found;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
            const std::string name = entry.path().filename().string();
            int64_t step = -1;
            if (!name.starts_with("step_")) continue;
            std::from_chars(name.data() + 5, name.data() + name.size(), step);
            if (step >= 0 && name == "step_" + std::to_string(step) + ".safetensors") found.push_back(step);
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    /// The metric of the best one; nothing when there is none.
    std::optional<double> best_metric() const {
        if (!std::filesystem::exists(best_path())) return std::nullopt;
        const SafetensorsFile file(best_path());
        const std::string* const text = file.find_metadata(metric_key);
        double value = 0;
        if (text == nullptr || std::from_chars(text->data(), text->data() + text->size(), value).ptr !=
                                   text->data() + text->size())
            return std::nullopt;
        return value;
    }

    /// Saves a step, drops those that are not kept, and when `metric` is better than any before makes this
    /// the best one too. NaN is never better.
    /// Throws   as save_checkpoint
    template <Module M, class AnOptimizer>
    void save(const M& model, const AnOptimizer& optimizer, TrainingState state,
              std::optional<double> metric = std::nullopt) {
        if (metric) {
            char text[32];
            const auto end = std::to_chars(text, text + sizeof text, *metric).ptr;
            state.metadata.emplace_back(metric_key, std::string(text, end));
        }
        save_checkpoint(path(state.step), model, optimizer, state);
        if (metric && *metric == *metric && is_better(*metric)) make_best(path(state.step));
        drop_old(state.step);
    }

    /// Loads the newest that is whole: one that is not is passed over. Nothing when there is none.
    /// Throws   IoError: there are some, and none can be loaded: that of the newest
    template <Module M, class AnOptimizer>
    std::optional<TrainingState> resume(M& model, AnOptimizer& optimizer) const {
        const std::vector<int64_t> found = steps();
        std::optional<IoError> first;
        for (auto step = found.rbegin(); step != found.rend(); ++step) {
            try {
                TrainingState state = load_checkpoint(path(*step), model, optimizer);
                std::erase_if(state.metadata, [](const auto& entry) { return entry.first == metric_key; });
                return state;
            } catch (const IoError& e) {
                if (!first) first = e;
            }
        }
        if (first) throw *first;
        return std::nullopt;
    }

private:
    static constexpr const char* metric_key = "tapegrad.metric";

    bool is_better(double metric) const {
        const std::optional<double> best = best_metric();
        return !best || !(*best == *best) || (options_.lower_is_better ? metric < *best : metric > *best);
    }
    /// Another name of the same file, or a copy where the file system knows no such thing. It appears at once.
    void make_best(const std::string& from) const {
        const std::string temporary = best_path() + ".tmp";
        std::error_code error;
        std::filesystem::remove(temporary, error);
        std::filesystem::create_hard_link(from, temporary, error);
        if (error) std::filesystem::copy_file(from, temporary, error);
        if (!error) std::filesystem::rename(temporary, best_path(), error);
        if (error)
            detail::fail<IoError>("checkpoints", best_path(), ": cannot be written: ", error.message());
    }
    /// A run that went back to an earlier step leaves later ones behind: they go too, with those that are old.
    void drop_old(int64_t step) const {
        const std::vector<int64_t> found = steps();
        const auto here = std::upper_bound(found.begin(), found.end(), step);
        for (auto at = found.begin(); at != found.end(); ++at) {
            std::error_code error;
            if (at >= here || here - at > options_.keep) std::filesystem::remove(path(*at), error);
        }
    }

    std::string folder_;
    CheckpointsOptions options_;
};

}
