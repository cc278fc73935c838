// The weights of linear layers in fewer bits, for a model that runs and is no longer trained.
#pragma once

#include "../ops/convert.hpp"
#include "../ops/stored_linear.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// bfloat16: half of float's memory; int8: a quarter and a scale for each group; int4: an eighth and a scale for
/// each 32.
enum class Storage { bfloat16, int8, int4 };

struct StoreOptions {
    int64_t group = 64;  // of int8
};

/// What store_ and widen_ did.
struct StoreReport {
    int64_t layers = 0;                         // whose weights changed
    int64_t bytes_before = 0, bytes_after = 0;  // of these weights, each once; a float weight that another
                                                // member shares still takes its own
};

namespace detail {

template <class T, class Weight>
class StoredAs final : public StoredWeight<T> {
public:
    explicit StoredAs(Weight weight) : weight_(std::move(weight)) {}
    Tensor<T> product(const Tensor<T>& x, const Tensor<T>& bias) const override {
        return linear(x, weight_, bias);
    }
    Shape shape() const override { return weight_.shape(); }
    int64_t bytes() const override {
        if constexpr (requires { weight_.scales; })
            return weight_.values.numel() + weight_.scales.numel() * static_cast<int64_t>(sizeof(T));
        else
            return weight_.numel() * static_cast<int64_t>(sizeof(bfloat16));
    }
    const char* storage() const override {
        if constexpr (std::is_same_v<Weight, Quantized<T>>)
            return "int8";
        else if constexpr (std::is_same_v<Weight, Quantized4<T>>)
            return "int4";
        else
            return "bfloat16";
    }
    Tensor<T> dequantize() const override {
        if constexpr (requires { weight_.scales; })
            return tapegrad::dequantize(weight_);
        else
            return cast<T>(weight_);
    }

private:
    Weight weight_;
};

template <class X>
inline constexpr bool is_linear = false;
template <class T>
inline constexpr bool is_linear<Linear<T>> = true;

/// Calls f(path, layer) for every linear layer below a module, or for itself.
template <class M, class F>
void for_each_linear(M& module, F f) {
    walk(module, [&](const Path& path, auto& x) {
        if constexpr (is_linear<std::remove_cvref_t<decltype(x)>>) f(path, x);
    });
}

}

/// A weight for Linear, of a matrix in 8 bits, in 4, or in bfloat16.
template <class Weight>
requires std::same_as<Weight, Quantized<float>> || std::same_as<Weight, Quantized4<float>> ||
    std::same_as<Weight, Tensor<bfloat16>>
        StoredWeightPtr<float> stored_weight(Weight weight) {
    return std::make_shared<detail::StoredAs<float, Weight>>(std::move(weight));
}
/// The same of a matrix of floats.
/// Throws   ShapeError: w is no matrix; ValueError: as quantize and quantize4
template <std::same_as<float> T>
StoredWeightPtr<T> stored_weight(const Tensor<T>& w, Storage storage, const StoreOptions& options = {}) {
    const Tensor<T> bare = w.detach();
    if (storage == Storage::int8) return stored_weight(quantize(bare, {.group = options.group}));
    if (storage == Storage::int4) return stored_weight(quantize4(bare));
    detail::check_stored("stored_weight", bare);
    return stored_weight(detail::cast<bfloat16>(bare));
}

/// Stores the weight of every Linear of a module, wherever it is, in fewer bits, and lets go of its floats: where
/// nothing else holds them, their memory is free. Layers for whose name `skip` is true, and layers that are stored
/// already, are left as they are. What is computed stays float, and gradients go through; biases and all other
/// parameters are as before.
///   store_(model, Storage::int8, {}, [](std::string_view name) { return name == "lm_head"; });
/// A stored weight is no parameter and in no state_dict, which refuses to be made: a file without it would be of no
/// use. Layers that share a weight share what it becomes; a table of an Embedding that shares it stays.
/// Throws   ValueError: a weight that is not finite, with the name of the layer; the layers before it are stored
/// See      widen_, quantize, quantize4
template <Module M, class Skip>
StoreReport store_(M& module, Storage storage, const StoreOptions& options, const Skip& skip) {
    StoreReport report;
    // Of weights that somebody else holds too: they may come again.
    std::vector<std::pair<Tensor<float>, StoredWeightPtr<float>>> seen;
    detail::for_each_linear(module, [&](const detail::Path& path, auto& layer) {
        static_assert(std::is_same_v<decltype(layer.weight), Tensor<float>>, "store_ takes modules of float");
        const std::string key = path.to_string();
        if (!layer.weight.defined() || skip(std::string_view(key))) return;
        ++report.layers;
        const Tensor<float> weight = std::exchange(layer.weight, {});
        for (const auto& [known, stored] : seen)
            if (known.is_same(weight)) {
                layer.stored = stored;
                return;
            }
        try {
            layer.stored = stored_weight(weight, storage, options);
        } catch (const ValueError& e) {
            layer.weight = weight;
            detail::fail<ValueError>("store_", '\'', key, "': ", e.what());
        }
        report.bytes_before += weight.numel() * static_cast<int64_t>(sizeof(float));
        report.bytes_after += layer.stored->bytes();
        if (!weight.is_unique()) seen.emplace_back(weight, layer.stored);
    });
    return report;
}
template <Module M>
StoreReport store_(M& module, Storage storage, const StoreOptions& options = {}) {
    return store_(module, storage, options, [](std::string_view) { return false; });
}

/// Makes the stored weights of a module tensors again, and parameters: to save it, or to train it. Their values are
/// those that were computed with. Layers that shared a stored weight share the tensor; a head that shared the table
/// of an Embedding before has one of its own.
template <Module M>
StoreReport widen_(M& module) {
    StoreReport report;
    std::vector<std::pair<StoredWeightPtr<float>, Tensor<float>>> seen;
    detail::for_each_linear(module, [&](const detail::Path&, auto& layer) {
        static_assert(std::is_same_v<decltype(layer.weight), Tensor<float>>, "widen_ takes modules of float");
        if (layer.stored == nullptr) return;
        ++report.layers;
        const StoredWeightPtr<float> stored = std::exchange(layer.stored, nullptr);
        for (const auto& [known, weight] : seen)
            if (known == stored) {
                layer.weight = weight;
                return;
            }
        layer.weight = parameter(stored->dequantize());
        report.bytes_before += stored->bytes();
        report.bytes_after += layer.weight.numel() * static_cast<int64_t>(sizeof(float));
        seen.emplace_back(stored, layer.weight);
    });
    return report;
}

}
