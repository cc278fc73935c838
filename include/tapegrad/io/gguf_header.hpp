// The header of a GGUF file: metadata, and which tensors lie where. Everything is checked before anything is
// believed, and no memory is asked for that the file could not fill.
//
//   "GGUF", version, tensors, keys            4, 4, 8 and 8 bytes, all numbers little endian
//   key, type of value, value                 for each key
//   name, axes, sizes, type, offset           for each tensor; the last axis first
//   padding, then the elements of each tensor, each padded to general.alignment
// Source   https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include "file_cursor.hpp"
#include "gguf_metadata.hpp"
#include "gguf_types.hpp"
#include "weight_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline constexpr std::uint64_t max_gguf_keys = 65'536, max_gguf_tensors = 1'000'000;
inline constexpr std::uint64_t max_gguf_key = 65'535, max_gguf_name = 64;  // bytes, of the format
inline constexpr int max_gguf_rank = 4;                                    // of ggml
inline constexpr int64_t gguf_alignment = 32, max_gguf_alignment = 65'536;

constexpr int64_t padded(int64_t n, int64_t alignment) { return (n + alignment - 1) / alignment * alignment; }

struct GgufEntry {
    std::string name;
    const GgufTensorType* type = nullptr;
    Shape shape;
    int64_t bytes = 0;
    int64_t begin = 0;  // from the first tensor on
};

struct GgufHeader {
    GgufMetadata metadata;
    std::vector<GgufEntry> entries;
    int64_t data_begin = 0;
};

class GgufHeaderReader {
public:
    explicit GgufHeaderReader(const InputFile& file) : file_(file), at_(file) {}

    GgufHeader read() {
        char magic[4]{};
        for (char& c : magic) c = static_cast<char>(at_.take<std::uint8_t>("the first four bytes"));
        if (std::string_view(magic, 4) != "GGUF") file_.fail(0, "the file does not begin with GGUF");
        const auto version = at_.take<std::uint32_t>("version");
        if ((version & 0xFFFF) == 0 && version != 0)
            file_.fail(4, "version ", version, ": a file of a big endian machine");
        if (version != 2 && version != 3) file_.fail(4, "version ", version, "; 2 and 3 are read");
        // What each takes at least is there.
        const std::uint64_t tensors = count("tensors", 24, max_gguf_tensors);
        const std::uint64_t keys = count("keys", 13, max_gguf_keys);
        GgufHeader header;
        std::vector<GgufMetadata::Entry> values;
        for (std::uint64_t i = 0; i < keys; ++i) {
            std::string key = name("key", max_gguf_key);
            key_ = shown(key) + ": ";
            GgufValue value = any_value();
            values.emplace_back(std::move(key), std::move(value));
        }
        header.metadata = GgufMetadata(file_.path(), std::move(values));
        const int64_t alignment = alignment_of(header.metadata);
        for (std::uint64_t i = 0; i < tensors; ++i) header.entries.push_back(entry());
        header.data_begin = padded(at_.offset(), alignment);
        check_layout(header, alignment);
        return header;
    }

private:
    std::uint64_t count(std::string_view what, std::uint64_t least, std::uint64_t most) {
        const int64_t begin = at_.offset();
        const auto n = at_.take<std::uint64_t>(what);
        if (n > static_cast<std::uint64_t>(file_.size()) / least)
            file_.fail(begin, n, " ", what, " in a file of ", file_.size(), " bytes");
        if (n > most) file_.fail(begin, n, " ", what, "; at most ", most, " are read");
        return n;
    }
    std::string name(std::string_view what, std::uint64_t limit) {
        const int64_t begin = at_.offset();
        std::string out = at_.string(limit, what);
        if (out.empty()) file_.fail(begin, what, ": is empty");
        return out;
    }

    GgufType type() {
        const int64_t begin = at_.offset();
        const auto id = at_.take<std::uint32_t>(key_ + "type");
        if (id > static_cast<std::uint32_t>(GgufType::float64))
            file_.fail(begin, key_, "the type ", id, " of a value is unknown");
        return static_cast<GgufType>(id);
    }
    GgufValue any_value() {
        GgufType of = type();
        if (of != GgufType::array) return values(of, false, 1);
        const int64_t begin = at_.offset();
        of = type();
        if (of == GgufType::array) file_.fail(begin, key_, "lists of lists are not read");
        const auto n = at_.take<std::uint64_t>(key_ + "length");
        const std::uint64_t least = of == GgufType::string ? 8 : static_cast<std::uint64_t>(size_of(of));
        if (n > static_cast<std::uint64_t>(at_.left()) / least)
            file_.fail(begin + 4, key_, n, " values of ", tapegrad::name(of), ", ", at_.left(),
                       " bytes are left");
        return values(of, true, static_cast<int64_t>(n));
    }
    GgufValue values(GgufType of, bool is_array, int64_t n) {
        const int64_t begin = at_.offset();
        std::string bytes;
        std::vector<int64_t> begins;
        const std::string what = key_ + "value";
        if (of != GgufType::string) {
            at_.append(bytes, static_cast<std::uint64_t>(n * size_of(of)), what);
            for (std::size_t i = 0; of == GgufType::boolean && i < bytes.size(); ++i)
                if (static_cast<unsigned char>(bytes[i]) > 1)
                    file_.fail(begin + static_cast<int64_t>(i), key_, "the bool ",
                               static_cast<unsigned char>(bytes[i]));
        } else {
            if (is_array) begins.reserve(static_cast<std::size_t>(n));
            for (int64_t i = 0; i < n; ++i) {
                if (is_array) begins.push_back(static_cast<int64_t>(bytes.size()));
                const auto length = at_.take<std::uint64_t>(what);
                append_little(bytes, length);
                at_.append(bytes, length, what);
            }
        }
        return {of, is_array, n, std::move(bytes), std::move(begins)};
    }

    int64_t alignment_of(const GgufMetadata& metadata) const {
        const GgufValue* const found = metadata.find("general.alignment");
        if (found == nullptr) return gguf_alignment;
        if (found->is_array() || found->type() != GgufType::uint32)
            metadata.fail("general.alignment: holds ", found->type_name(), ", not uint32");
        const int64_t value = found->integer();
        if (value == 0 || value > max_gguf_alignment || (value & (value - 1)) != 0)
            metadata.fail("general.alignment: ", value, " is no power of two up to ", max_gguf_alignment);
        return value;
    }

    GgufEntry entry() {
        GgufEntry e;
        const int64_t begin = at_.offset();
        e.name = name("name of a tensor", max_gguf_name);
        const std::string tensor = "tensor " + shown(e.name) + ": ";
        const auto rank = at_.take<std::uint32_t>(tensor + "axes");
        if (rank > max_gguf_rank) file_.fail(begin, tensor, rank, " axes; at most 4 are allowed");
        std::uint64_t sizes[max_gguf_rank]{};
        for (std::uint32_t i = 0; i < rank; ++i) sizes[i] = at_.take<std::uint64_t>(tensor + "size");
        int64_t elements = 1;
        bool overflow = false, none = false;
        for (std::uint32_t i = rank; i-- > 0;) {
            if (sizes[i] >> 63 != 0) file_.fail(begin, tensor, "the size ", sizes[i], " is above 2^63 - 1");
            const auto size = static_cast<int64_t>(sizes[i]);
            e.shape.push_back(size);
            none |= size == 0;
            overflow |= __builtin_mul_overflow(elements, size == 0 ? 1 : size, &elements);
        }
        const auto id = at_.take<std::uint32_t>(tensor + "type");
        e.type = find_gguf_tensor_type(id);
        if (e.type == nullptr) file_.fail(begin, tensor, "the type ", id, " of elements is unknown");
        const int64_t row = rank > 0 ? e.shape[static_cast<int>(rank) - 1] : 1;
        if (row % e.type->block != 0)
            file_.fail(begin, tensor, "rows of ", row, " elements; ", e.type->name, " holds multiples of ",
                       e.type->block);
        int64_t bits = 0;  // all sizes of memory, also of decoded elements, stay below 2^63
        if (overflow || __builtin_mul_overflow(elements, int64_t{64}, &bits))
            file_.fail(begin, tensor, "shape ", e.shape, " needs more than 2^63 - 1 bits");
        e.bytes = none ? 0 : elements / e.type->block * e.type->bytes;
        const auto offset = at_.take<std::uint64_t>(tensor + "offset");
        if (offset > static_cast<std::uint64_t>(file_.size()))
            file_.fail(begin, tensor, "begins at ", offset, " in a file of ", file_.size(), " bytes");
        e.begin = static_cast<int64_t>(offset);
        return e;
    }

    /// Tensors follow each other, but for the padding.
    void check_layout(const GgufHeader& header, int64_t alignment) const {
        const auto& entries = header.entries;
        std::vector<const GgufEntry*> order;
        for (const GgufEntry& e : entries) order.push_back(&e);
        std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
        for (std::size_t i = 1; i < order.size(); ++i)
            if (order[i - 1]->name == order[i]->name)
                file_.fail(24, "tensor ", shown(order[i]->name), ": is there twice");
        std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
            return a->begin != b->begin ? a->begin < b->begin : a->bytes < b->bytes;
        });
        const int64_t size = std::max<int64_t>(0, file_.size() - header.data_begin);
        int64_t end = 0;
        for (const GgufEntry* e : order) {
            const std::string tensor = "tensor " + shown(e->name) + ": ";
            const int64_t place = header.data_begin + e->begin;
            if (e->begin % alignment != 0)
                file_.fail(place, tensor, "begins at ", e->begin, ", which is no multiple of ", alignment);
            if (e->begin != padded(end, alignment))
                file_.fail(place, tensor, "begins at ", e->begin, ", the tensor before ends at ", end);
            if (e->bytes > size - e->begin)
                file_.fail(place, tensor, "has ", e->bytes, " bytes from ", e->begin,
                           " on, the data ends at ", size);
            end = e->begin + e->bytes;
        }
    }

    const InputFile& file_;
    FileCursor at_;
    std::string key_;  // whose value is read, for errors
};

}
}
