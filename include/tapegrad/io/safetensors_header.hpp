// The header of a safetensors file: which tensors lie where. Everything is checked before anything is
// believed.
//
//   8 bytes       n, the length of the header, little endian
//   n bytes       {"__metadata__": {"key": "value"}, "name": {"dtype": "F32", "shape": [2, 3],
//   "data_offsets": [0, 24]}} the rest      the elements, little endian, without holes
#pragma once

#include <algorithm>
#include <vector>

#include "../core/dtype.hpp"
#include "input_file.hpp"
#include "json.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A tensor of a safetensors file.
struct SafetensorsEntry {
    std::string name;
    std::string type;  // as in the file: "F32", "BF16", ...
    Shape shape;
    int64_t begin = 0, end = 0;  // bytes behind the header
};
using SafetensorsMetadata = std::vector<std::pair<std::string, std::string>>;

namespace detail {

inline constexpr int64_t max_safetensors_header = 100'000'000;  // of the format
inline constexpr std::size_t max_safetensors_metadata = 65'536;

struct SafetensorsType {
    std::string_view name;
    int bits;
    int dtype;  // of DType; -1 for those that no tensor holds
};
constexpr int known(DType dtype) { return static_cast<int>(dtype); }
inline constexpr SafetensorsType safetensors_types[] = {
    {"F32", 32, known(DType::float32)},
    {"F64", 64, known(DType::float64)},
    {"BF16", 16, known(DType::bfloat16)},
    {"F16", 16, known(DType::float16)},
    {"I32", 32, known(DType::int32)},
    {"I64", 64, known(DType::int64)},
    {"U8", 8, known(DType::uint8)},
    {"BOOL", 8, known(DType::boolean)},
    {"I8", 8, -1},
    {"I16", 16, -1},
    {"U16", 16, -1},
    {"U32", 32, -1},
    {"U64", 64, -1},
    {"C64", 64, -1},
    {"F8_E4M3", 8, -1},
    {"F8_E5M2", 8, -1},
    {"F8_E8M0", 8, -1},
    {"F6_E2M3", 6, -1},
    {"F6_E3M2", 6, -1},
    {"F4", 4, -1},
    {"F8_E4M3FNUZ", 8, -1},
    {"F8_E5M2FNUZ", 8, -1},
};
constexpr const SafetensorsType* find_safetensors_type(std::string_view name) {
    for (const SafetensorsType& type : safetensors_types)
        if (type.name == name) return &type;
    return nullptr;
}
constexpr std::string_view safetensors_name(DType dtype) {
    for (const SafetensorsType& type : safetensors_types)
        if (type.dtype == known(dtype)) return type.name;
    return {};
}

/// Follows the events through the only structure that a header may have.
class SafetensorsParser final : public JsonEvents {
public:
    SafetensorsParser(const InputFile& file, std::vector<SafetensorsEntry>& entries,
                      SafetensorsMetadata& metadata)
        : file_(file), entries_(entries), metadata_(metadata) {}

    void begin_object() override {
        if (in_ == In::nothing)
            in_ = In::header;
        else if (in_ == In::header && metadata_follows_)
            in_ = In::metadata;
        else if (in_ == In::header)
            in_ = In::tensor;
        else
            JsonEvents::begin_object();
        has_type_ = has_shape_ = has_offsets_ = false;
    }
    void key(std::string& name) override {
        if (in_ == In::header) {
            metadata_follows_ = name == "__metadata__";
            if (metadata_follows_ && std::exchange(has_metadata_, true)) fail("__metadata__ is there twice");
            if (!metadata_follows_) entries_.emplace_back().name = std::move(name);
        } else if (in_ == In::metadata) {
            if (metadata_.size() == max_safetensors_metadata) fail("__metadata__ has more than 65536 keys");
            metadata_.emplace_back(std::move(name), std::string());
        } else if (name == "dtype" && !std::exchange(has_type_, true)) {
            field_ = Field::type;
        } else if (name == "shape" && !std::exchange(has_shape_, true)) {
            field_ = Field::shape;
        } else if (name == "data_offsets" && !std::exchange(has_offsets_, true)) {
            field_ = Field::offsets;
        } else {
            const bool twice = name == "dtype" || name == "shape" || name == "data_offsets";
            fail("the key " + shown(name) + (twice ? " is there twice" : " is unknown"));
        }
    }
    void end_object() override {
        if (in_ == In::tensor && !has_type_) fail("dtype is missing");
        if (in_ == In::tensor && !has_shape_) fail("shape is missing");
        if (in_ == In::tensor && !has_offsets_) fail("data_offsets is missing");
        in_ = in_ == In::header ? In::nothing : In::header;
        metadata_follows_ = false;
    }
    void string(std::string& value) override {
        if (in_ == In::metadata) {
            metadata_.back().second = std::move(value);
        } else if (in_ == In::tensor && field_ == Field::type) {
            if (find_safetensors_type(value) == nullptr)
                fail("the element type " + shown(value) + " is unknown");
            entries_.back().type = std::move(value);
            field_ = Field::none;
        } else {
            JsonEvents::string(value);
        }
    }
    void begin_array() override {
        if (in_ != In::tensor || (field_ != Field::shape && field_ != Field::offsets) || in_array_)
            JsonEvents::begin_array();
        in_array_ = true;
        count_ = 0;
    }
    void integer(int64_t value) override {
        if (!in_array_) return JsonEvents::integer(value);
        if (value < 0) fail("the number " + std::to_string(value) + " is negative");
        SafetensorsEntry& entry = entries_.back();
        if (field_ == Field::shape) {
            if (entry.shape.rank() == max_rank) fail("the shape has more than 8 axes");
            entry.shape.push_back(value);
        } else {
            if (count_ == 2) fail("data_offsets has more than two numbers");
            (count_++ == 0 ? entry.begin : entry.end) = value;
        }
    }
    void end_array() override {
        if (field_ == Field::offsets && count_ != 2) fail("data_offsets has less than two numbers");
        in_array_ = false;
        field_ = Field::none;
    }
    void error(int64_t offset, const std::string& reason) override {
        std::string place = in_ == In::metadata ? "__metadata__: " : "";
        if (in_ == In::tensor || (in_ == In::header && !entries_.empty()))
            place = "tensor " + shown(entries_.back().name) + ": ";
        constexpr const char* fields[] = {"", "dtype: ", "shape: ", "data_offsets: "};
        if (in_ == In::tensor) place += fields[static_cast<int>(field_)];
        file_.fail(8 + offset, place, reason);
    }

private:
    enum class In { nothing, header, metadata, tensor };
    enum class Field { none, type, shape, offsets };

    const InputFile& file_;
    std::vector<SafetensorsEntry>& entries_;
    SafetensorsMetadata& metadata_;
    In in_ = In::nothing;
    Field field_ = Field::none;
    bool metadata_follows_ = false, has_metadata_ = false, in_array_ = false;
    bool has_type_ = false, has_shape_ = false, has_offsets_ = false;
    int count_ = 0;
};

/// The bytes of an entry, by its shape and type.
inline int64_t safetensors_bytes(const InputFile& file, const SafetensorsEntry& e) {
    int64_t n = 1, spread = 1;
    bool overflow = false, none = false;
    for (int i = 0; i < e.shape.rank(); ++i) {
        none |= e.shape[i] == 0;
        overflow |= __builtin_mul_overflow(n, e.shape[i] == 0 ? 1 : e.shape[i], &n);
        // Strides leave the first size out, and are there also when another size is 0.
        if (i > 0 && __builtin_mul_overflow(spread, e.shape[i] == 0 ? 1 : e.shape[i], &spread))
            file.fail(8, "tensor ", shown(e.name), ": shape ", e.shape, " has strides above 2^63 - 1");
    }
    if (none) return 0;
    const int bits = find_safetensors_type(e.type)->bits;
    overflow |= __builtin_mul_overflow(n, int64_t{bits}, &n);
    if (overflow)
        file.fail(8, "tensor ", shown(e.name), ": shape ", e.shape, " needs more than 2^63 - 1 bits");
    if (n % 8 != 0)
        file.fail(8, "tensor ", shown(e.name), ": shape ", e.shape, " of ", e.type,
                  " is no whole number of bytes");
    return n / 8;
}

/// Every tensor has the bytes that its shape needs, and together they cover the data once, without holes.
inline void check_safetensors_layout(const InputFile& file, const std::vector<SafetensorsEntry>& entries,
                                     int64_t data_begin) {
    std::vector<const SafetensorsEntry*> order;
    order.reserve(entries.size());
    for (const SafetensorsEntry& e : entries) order.push_back(&e);
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (order[i - 1]->name == order[i]->name)
            file.fail(8, "tensor ", shown(order[i]->name), " is there twice");
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
    });
    int64_t at = 0;
    const int64_t size = file.size() - data_begin;
    for (const SafetensorsEntry* e : order) {
        const std::string name = shown(e->name);
        if (e->end < e->begin)
            file.fail(8, "tensor ", name, ": data_offsets end at ", e->end, " before they begin at ",
                      e->begin);
        if (e->end > size)
            file.fail(8, "tensor ", name, ": data_offsets end at ", e->end, ", the data at ", size);
        if (e->begin != at)
            file.fail(data_begin + e->begin, "tensor ", name, ": data_offsets begin at ", e->begin,
                      ", the tensor before ends at ", at);
        const int64_t bytes = safetensors_bytes(file, *e);
        if (e->end - e->begin != bytes)
            file.fail(data_begin + e->begin, "tensor ", name, ": ", e->end - e->begin, " bytes for a shape ",
                      e->shape, " of ", e->type, ", which needs ", bytes);
        at = e->end;
    }
    if (at != size) file.fail(data_begin + at, size - at, " bytes follow the last tensor");
}

/// Reads and checks the header; returns where the data begins.
inline int64_t read_safetensors_header(const InputFile& file, std::vector<SafetensorsEntry>& entries,
                                       SafetensorsMetadata& metadata) {
    unsigned char prefix[8]{};
    if (file.size() < 8)
        file.fail(0, "the length of the header is missing: the file has ", file.size(), " bytes");
    file.read(0, prefix, 8);
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | prefix[i];
    if (length > static_cast<std::uint64_t>(max_safetensors_header))
        file.fail(0, "a header of ", length, " bytes; the format allows 100000000");
    if (length > static_cast<std::uint64_t>(file.size() - 8))
        file.fail(0, "a header of ", length, " bytes in a file of ", file.size());
    if (length < 2) file.fail(0, "a header of ", length, " bytes");
    std::string text(length, '\0');
    file.read(8, text.data(), static_cast<int64_t>(length));
    if (text[0] != '{') file.fail(8, "the header does not begin with {");
    const std::size_t last = text.find_last_not_of(' ');
    if (text[last] != '}')
        file.fail(8 + static_cast<int64_t>(last), "the header does not end with } and spaces");
    SafetensorsParser parser(file, entries, metadata);
    parse_json(std::string_view(text).substr(0, last + 1), parser);
    std::vector<const std::string*> keys;
    for (const auto& [key, value] : metadata) keys.push_back(&key);
    std::sort(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a < *b; });
    for (std::size_t i = 1; i < keys.size(); ++i)
        if (*keys[i - 1] == *keys[i])
            file.fail(8, "__metadata__: the key ", shown(*keys[i]), " is there twice");
    const int64_t data_begin = 8 + static_cast<int64_t>(length);
    check_safetensors_layout(file, entries, data_begin);
    return data_begin;
}

}
}
