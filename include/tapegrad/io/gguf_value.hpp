// Values of GGUF's metadata: numbers, truths, texts, and lists of them, each with its type in the file.
// Source   https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <span>
#include <vector>

#include "../core/error.hpp"
#include "bytes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Types of values, by the number that stands in the file.
enum class GgufType : std::uint32_t {
    uint8,
    int8,
    uint16,
    int16,
    uint32,
    int32,
    float32,
    boolean,
    string,
    array,
    uint64,
    int64,
    float64
};

/// "uint8", ..., "float64".
constexpr std::string_view name(GgufType type) {
    constexpr std::string_view names[] = {"uint8",  "int8",    "uint16", "int16",  "uint32",
                                          "int32",  "float32", "bool",   "string", "array",
                                          "uint64", "int64",   "float64"};
    return static_cast<std::uint32_t>(type) < 13 ? names[static_cast<std::uint32_t>(type)] : "?";
}
/// Bytes of a number or truth; 0 for texts and lists.
constexpr int64_t size_of(GgufType type) {
    constexpr int64_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return static_cast<std::uint32_t>(type) < 13 ? sizes[static_cast<std::uint32_t>(type)] : 0;
}

namespace detail {
template <class T>
constexpr GgufType find_gguf_type() {
    if constexpr (std::is_same_v<T, bool>)
        return GgufType::boolean;
    else if constexpr (std::is_same_v<T, float>)
        return GgufType::float32;
    else if constexpr (std::is_same_v<T, double>)
        return GgufType::float64;
    else if constexpr (sizeof(T) == 1)
        return std::is_signed_v<T> ? GgufType::int8 : GgufType::uint8;
    else if constexpr (sizeof(T) == 2)
        return std::is_signed_v<T> ? GgufType::int16 : GgufType::uint16;
    else if constexpr (sizeof(T) == 4)
        return std::is_signed_v<T> ? GgufType::int32 : GgufType::uint32;
    else
        return std::is_signed_v<T> ? GgufType::int64 : GgufType::uint64;
}
template <class T>
inline constexpr bool is_gguf_number = std::is_same_v<T, float> || std::is_same_v<T, double> ||
                                       (std::is_integral_v<T> && !std::is_same_v<T, char> &&
                                        !std::is_same_v<T, wchar_t>);
}

/// A value, or a list of values of one type. What it holds lies as in the file.
class GgufValue {
public:
    template <class T>
    requires detail::is_gguf_number<T> GgufValue(T value) : type_(detail::find_gguf_type<T>()) {
        put(&value, sizeof value);
    }
    GgufValue(std::string_view value) : type_(GgufType::string) { put(value); }
    GgufValue(const std::string& value) : GgufValue(std::string_view(value)) {}
    GgufValue(const char* value) : GgufValue(std::string_view(value)) {}
    template <class T>
    requires detail::is_gguf_number<T> GgufValue(const std::vector<T>& values)
        : type_(detail::find_gguf_type<T>()), is_array_(true), count_(static_cast<int64_t>(values.size())) {
        for (const T value : values) put(&value, sizeof value);
    }
    GgufValue(const std::vector<std::string>& values)
        : type_(GgufType::string), is_array_(true), count_(static_cast<int64_t>(values.size())) {
        for (const std::string& value : values) {
            begins_.push_back(static_cast<int64_t>(bytes_.size()));
            put(value);
        }
    }
    /// Bytes of a file, which were checked. `begins` are the places of the texts of a list.
    GgufValue(GgufType type, bool is_array, int64_t count, std::string bytes, std::vector<int64_t> begins)
        : type_(type),
          is_array_(is_array),
          count_(count),
          bytes_(std::move(bytes)),
          begins_(std::move(begins)) {}

    /// Of the value, or of each in the list.
    GgufType type() const { return type_; }
    bool is_array() const { return is_array_; }
    /// Values in the list; 1 when it is none.
    int64_t count() const { return count_; }
    bool is_integer() const { return type_ != GgufType::string && type_ != GgufType::boolean && !is_real(); }
    bool is_real() const { return type_ == GgufType::float32 || type_ == GgufType::float64; }
    /// As the file says it: "uint32", "array of string".
    std::string type_name() const { return (is_array_ ? "array of " : "") + std::string(name(type_)); }
    /// The bytes that stand in the file: little endian numbers, texts behind their lengths.
    const std::string& bytes() const { return bytes_; }

    /// The i-th value (the only one when it is no list), which must be of a fitting type.
    /// Throws   DtypeError: of another type, or an integer from 2^63 on; IndexError: there is no i-th
    int64_t integer(int64_t i = 0) const {
        const char* const from = at(i, is_integer(), "an integer");
        switch (type_) {
            case GgufType::uint8:
                return detail::little<std::uint8_t>(from);
            case GgufType::int8:
                return detail::little<std::int8_t>(from);
            case GgufType::uint16:
                return detail::little<std::uint16_t>(from);
            case GgufType::int16:
                return detail::little<std::int16_t>(from);
            case GgufType::uint32:
                return detail::little<std::uint32_t>(from);
            case GgufType::int32:
                return detail::little<std::int32_t>(from);
            default:
                break;
        }
        const auto value = detail::little<std::int64_t>(from);
        if (type_ == GgufType::uint64 && value < 0)
            detail::fail<DtypeError>("gguf_value", static_cast<std::uint64_t>(value), " is above 2^63 - 1");
        return value;
    }
    /// An integer or a real number.
    double real(int64_t i = 0) const {
        if (is_integer()) return static_cast<double>(integer(i));
        const char* const from = at(i, is_real(), "a number");
        return type_ == GgufType::float64 ? detail::little<double>(from)
                                          : static_cast<double>(detail::little<float>(from));
    }
    bool boolean(int64_t i = 0) const { return *at(i, type_ == GgufType::boolean, "a bool") != 0; }
    std::string_view string(int64_t i = 0) const {
        const char* const from = at(i, type_ == GgufType::string, "a string");
        return {from + 8, static_cast<std::size_t>(detail::little<std::uint64_t>(from))};
    }

    bool operator==(const GgufValue&) const = default;

private:
    void put(const void* value, std::size_t n) {
        std::byte bytes[8];
        std::memcpy(bytes, value, n);
        if constexpr (std::endian::native == std::endian::big) detail::reverse_bytes(bytes, 1, n);
        bytes_.append(reinterpret_cast<const char*>(bytes), n);
    }
    void put(std::string_view value) {
        detail::append_little(bytes_, std::uint64_t{value.size()});
        bytes_ += value;
    }
    const char* at(int64_t i, bool fits, std::string_view wanted) const {
        if (!fits) detail::fail<DtypeError>("gguf_value", "holds ", type_name(), ", not ", wanted);
        if (i < 0 || i >= count_)
            detail::fail<IndexError>("gguf_value", "there is no value ", i, " among ", count_);
        const int64_t size = size_of(type_);
        return bytes_.data() + (size > 0 ? i * size : is_array_ ? begins_[static_cast<std::size_t>(i)] : 0);
    }

    GgufType type_;
    bool is_array_ = false;
    int64_t count_ = 1;
    std::string bytes_;
    std::vector<int64_t> begins_;  // of the texts of a list
};

}
