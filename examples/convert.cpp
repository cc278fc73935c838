// Converts the weights of language models between safetensors and GGUF.
//
//   ./convert MODEL model.gguf --type q8_0       a folder of Hugging Face, for llama.cpp
//   ./convert model.gguf FOLDER --type bf16      back: safetensors and config.json, for transformers
//   ./convert MODEL FOLDER --max-shard-size 2GB  cut into files of another size, or another type
//   ./convert a.safetensors b.safetensors --type f16
//
// MODEL is a .safetensors file, an index, a GGUF file, or a folder. Names change with the format, as far as the
// architecture is known; --keep-names keeps them. One tensor at a time is in memory.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <tapegrad/io/gguf_writer.hpp>
#include <tapegrad/io/mapped_weights.hpp>
#include <tapegrad/io/open_weights.hpp>
#include <tapegrad/io/sharded_writer.hpp>
#include <tapegrad/models/gguf_metadata.hpp>
#include <tapegrad/ops/convert.hpp>
#include <tapegrad/text/save_gguf_tokenizer.hpp>

using namespace tapegrad;
namespace fs = std::filesystem;

namespace {

struct Settings {
    std::string input, output, type;
    int64_t max_shard_size = 5'000'000'000;
    bool keep_names = false;
};

bool is_float(const TensorInfo& info) {
    return info.dtype == DType::float32 || info.dtype == DType::float64 || info.dtype == DType::float16 ||
           info.dtype == DType::bfloat16;
}

/// Says what was left out, and refuses to lose what nobody knows.
std::shared_ptr<const WeightFile> mapped(std::shared_ptr<const WeightFile> file, const KeyMap& map) {
    auto result = std::make_shared<MappedWeights>(std::move(file), map);
    if (!result->report().ok())
        throw ValueError("no other name is known for '" + result->report().unmatched.front() + "' and " +
                         std::to_string(result->report().unmatched.size() - 1) +
                         " other tensors; --keep-names keeps all");
    for (const std::string& name : result->report().dropped) std::printf("left out  %s\n", name.c_str());
    return result;
}

void write_file(const std::string& path, const std::string& content) {
    AtomicFile file("convert", path);
    file.write(content.data(), static_cast<int64_t>(content.size()));
    file.commit();
}

/// The tokenizer of a folder, when there is one that GGUF can say.
void add_tokenizer(const fs::path& folder, GgufMetadata& metadata) {
    const char* const files[] = {"tokenizer.json", "tokenizer.model", "vocab.json"};
    if (std::none_of(std::begin(files), std::end(files), [&](auto f) { return fs::exists(folder / f); }))
        return;
    const std::string architecture = metadata.string("general.architecture");
    try {
        const int64_t rows = metadata.integer(architecture + ".vocab_size");
        for (const auto& [key, value] : gguf_tokenizer(folder.string(), rows)) metadata.set(key, value);
        std::printf("tokenizer %s\n", metadata.string("tokenizer.ggml.model").c_str());
    } catch (const ValueError& e) {
        std::printf("tokenizer left out; %s\n", e.what());
    }
}

void to_gguf(const Settings& s, std::shared_ptr<const WeightFile> file) {
    GgufModel model;
    if (const GgufMetadata* const found = metadata_of(*file)) {
        for (const auto& [key, value] : *found)
            if (!key.starts_with("split.")) model.metadata.set(key, value);
    } else {
        const fs::path folder =
            fs::is_directory(s.input) ? fs::path(s.input) : fs::path(s.input).parent_path();
        const std::string config = (folder / "config.json").string();
        if (!s.keep_names && fs::exists(config)) {
            model = gguf_metadata(ConfigFile(config));
            const std::string architecture = model.metadata.string("general.architecture");
            file = mapped(file, gguf_keys(architecture, model.heads).reversed());
            add_tokenizer(folder, model.metadata);
        } else {
            std::printf("names     kept; %s\n", s.keep_names ? "as asked" : "there is no config.json");
        }
    }
    std::vector<TensorInfo> tensors = file->infos();
    std::string type = s.type;
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (type.empty()) {  // that of the first matrix
        const auto matrix = std::find_if(tensors.begin(), tensors.end(), [](const TensorInfo& info) {
            return is_float(info) && info.shape.rank() == 2;
        });
        type = matrix == tensors.end() ? "F32" : gguf_type(*matrix->dtype);
    }
    tensors = with_gguf_type(std::move(tensors), type);
    for (const NamedTensor& extra : model.tensors)
        tensors.push_back({extra.name, extra.tensor.shape(), extra.tensor.dtype(), "F32", 0});
    const std::pair<const char*, std::uint32_t> file_types[] = {
        {"F32", 0}, {"F16", 1}, {"Q4_0", 2}, {"Q8_0", 7}, {"BF16", 32}};
    for (const auto& [name, number] : file_types)
        if (type == name) model.metadata.set("general.file_type", number);
    if (type[0] == 'Q') model.metadata.set("general.quantization_version", std::uint32_t{2});
    GgufWriter writer(s.output, tensors, model.metadata);
    for (const TensorInfo& info : writer.order()) {
        const auto extra = std::find_if(model.tensors.begin(), model.tensors.end(),
                                        [&](const NamedTensor& t) { return t.name == info.name; });
        writer.write(extra != model.tensors.end() ? extra->tensor : file->load_any(info.name));
    }
    writer.commit();
    std::printf("wrote     %s: %zu tensors, matrices as %s, %ju bytes\n", s.output.c_str(), tensors.size(),
                type.c_str(), static_cast<std::uintmax_t>(fs::file_size(s.output)));
}

/// What is no weight goes along from folder to folder.
void copy_beside(const Settings& s, const std::string& config) {
    if (!config.empty()) write_file(s.output + "/config.json", config);
    if (!fs::is_directory(s.input) || fs::equivalent(s.input, s.output)) return;
    for (const char* name :
         {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
          "tokenizer.model", "special_tokens_map.json", "vocab.json", "merges.txt", "vocab.txt"})
        if (fs::exists(fs::path(s.input) / name))
            fs::copy_file(fs::path(s.input) / name, fs::path(s.output) / name,
                          fs::copy_options::overwrite_existing);
}

template <class Writer>
void write_all(Writer& writer, const WeightFile& file) {
    for (const TensorInfo& info : writer.order())
        writer.write(visit(file.load_any(info.name), [&](const auto& x) -> TensorBase {
            switch (*info.dtype) {
                case DType::float32:
                    return to<float>(x);
                case DType::float16:
                    return to<float16>(x);
                case DType::bfloat16:
                    return to<bfloat16>(x);
                default:
                    return x;
            }
        }));
    writer.commit();
}

void to_safetensors(const Settings& s, std::shared_ptr<const WeightFile> file) {
    if (s.type.starts_with("q")) throw ValueError("safetensors hold no " + s.type + "; GGUF does");
    std::string config;
    if (const GgufMetadata* const found = metadata_of(*file); found != nullptr && !s.keep_names) {
        const GgufMetadata& m = *found;
        const std::string architecture = m.string("general.architecture");
        if (architecture == "llama" || architecture == "qwen2" || architecture == "gpt2")
            config = config_json(*file, m);
        file = mapped(file, gguf_keys(m));  // the metadata lives on in it
    }
    std::vector<TensorInfo> tensors = file->infos();
    for (TensorInfo& info : tensors)
        if (is_float(info) && !s.type.empty())
            info.dtype = s.type == "f32"   ? DType::float32
                         : s.type == "f16" ? DType::float16
                                           : DType::bfloat16;
    const std::string kind = s.type.empty() ? "of their types" : "as " + s.type;
    if (s.output.ends_with(".safetensors")) {
        SafetensorsWriter writer(s.output, tensors, {{"format", "pt"}});
        write_all(writer, *file);
        std::printf("wrote     %s: %zu tensors %s, %ju bytes\n", s.output.c_str(), tensors.size(),
                    kind.c_str(), static_cast<std::uintmax_t>(fs::file_size(s.output)));
        return;
    }
    ShardedWriter writer(s.output, tensors, {.max_shard_size = s.max_shard_size});
    write_all(writer, *file);
    copy_beside(s, config);
    for (const std::string& name : writer.files())
        std::printf("wrote     %s/%s, %ju bytes\n", s.output.c_str(), name.c_str(),
                    static_cast<std::uintmax_t>(fs::file_size(fs::path(s.output) / name)));
    std::printf("wrote     %s: %zu tensors %s%s\n", s.output.c_str(), tensors.size(), kind.c_str(),
                config.empty() ? "" : ", config.json");
}

}

int main(int argc, char** argv) {
    Settings s;
    CLI::App app("Converts the weights of language models between safetensors and GGUF.");
    app.add_option("input", s.input, "a .safetensors file, an index, a GGUF file, or a folder")->required();
    app.add_option("output", s.output, "*.gguf, *.safetensors, or a folder")->required();
    app.add_option("--type", s.type, "of the elements; of matrices alone in GGUF")
        ->check(CLI::IsMember({"f32", "f16", "bf16", "q8_0", "q4_0"}));
    app.add_option("--max-shard-size", s.max_shard_size, "of the files of a folder, such as 2GB")
        ->transform(CLI::AsSizeValue(true));
    app.add_flag("--keep-names", s.keep_names, "tensors keep their names");
    try {
        app.parse(argc, argv);
        std::shared_ptr<const WeightFile> file = open_weights(s.input);
        if (s.output.ends_with(".gguf"))
            to_gguf(s, std::move(file));
        else
            to_safetensors(s, std::move(file));
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help
        std::fprintf(stderr, "convert: %s\n", e.what());
        return 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "convert: %s\n", e.what());
        return 1;
    }
}
