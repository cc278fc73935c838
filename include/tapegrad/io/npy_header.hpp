// The head of a npy file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//   \x93NUMPY major minor     version 1: a length of 16 bits, 2 and 3: of 32, little endian
//   a Python dictionary       {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//
// Nothing is evaluated: a text that is not of this form is refused, and so are objects, which are pickled.
#pragma once

#include <string_view>

#include "../core/dtype.hpp"
#include "byte_source.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

struct NpyHeader {
    DType dtype = DType::float32;
    bool big_endian = false, column_major = false;
    Shape shape;
    int64_t data_begin = 0;
};

/// NumPy itself refuses longer ones.
inline constexpr int64_t max_npy_header = 10000;

/// The type of NumPy's code; -1 when no tensor has it. bfloat16 is what ml_dtypes writes: two bytes of
/// nothing.
inline int npy_dtype(std::string_view code) {
    constexpr std::pair<std::string_view, DType> codes[] = {
        {"f4", DType::float32}, {"f8", DType::float64}, {"V2", DType::bfloat16}, {"f2", DType::float16},
        {"i4", DType::int32},   {"i8", DType::int64},   {"u1", DType::uint8},    {"b1", DType::boolean}};
    for (const auto& [name, dtype] : codes)
        if (code == name) return static_cast<int>(dtype);
    return -1;
}
inline const char* npy_descr(DType dtype) {
    switch (dtype) {
        case DType::float32:
            return "<f4";
        case DType::float64:
            return "<f8";
        case DType::bfloat16:
            return "<V2";
        case DType::float16:
            return "<f2";
        case DType::int32:
            return "<i4";
        case DType::int64:
            return "<i8";
        case DType::uint8:
            return "|u1";
        case DType::boolean:
            return "|b1";
    }
    return "";
}

/// Reads the dictionary.
class NpyParser {
public:
    NpyParser(const ByteSource& source, std::string_view text, int64_t begin)
        : source_(source), text_(text), begin_(begin) {}

    NpyHeader parse() {
        NpyHeader header;
        expect('{');
        bool descr = false, order = false, shape = false;
        while (!accept('}')) {
            const std::string key = string();
            const auto first = [&](bool& seen) {
                if (seen) fail("the key '", key, "' is there twice");
                seen = true;
            };
            expect(':');
            if (key == "descr") {
                first(descr);
                element(header);
            } else if (key == "fortran_order") {
                first(order);
                header.column_major = boolean();
            } else if (key == "shape") {
                first(shape);
                header.shape = tuple();
            } else {
                fail("the key ", shown(key), " is not one of a npy file");
            }
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        if (!descr || !order || !shape)
            fail("the key ", !descr ? "descr" : !order ? "fortran_order" : "shape", " is missing");
        spaces();
        if (at_ != text_.size()) fail("something follows the dictionary");
        return header;
    }

private:
    template <class... Parts>
    [[noreturn, gnu::cold]] void fail(const Parts&... parts) const {
        source_.fail(begin_ + static_cast<int64_t>(at_), parts...);
    }
    /// A text of the file, short and printable.
    static std::string shown(std::string_view text) {
        std::string out = "'";
        for (const char c : text.substr(0, 40)) out += c >= ' ' && c < 127 ? c : '?';
        return out + (text.size() > 40 ? "...'" : "'");
    }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void spaces() {
        while (peek() == ' ' || peek() == '\n') ++at_;
    }
    bool accept(char c) {
        spaces();
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail("'", c, "' is expected");
    }
    std::string string() {
        spaces();
        const char quote = peek();
        if (quote != '\'' && quote != '"') fail("a string is expected");
        const std::size_t end = text_.find(quote, ++at_);
        if (end == text_.npos) fail("a string does not end");
        const std::string value(text_.substr(at_, end - at_));
        if (value.find('\\') != value.npos) fail("a string with an escape");
        at_ = end + 1;
        return value;
    }
    bool boolean() {
        spaces();
        for (const std::string_view word : {"True", "False"})
            if (text_.substr(at_).starts_with(word)) {
                at_ += word.size();
                return word == "True";
            }
        fail("True or False is expected");
    }
    void element(NpyHeader& header) {
        spaces();
        if (peek() == '[') fail("elements with fields, which no tensor has");
        const std::string descr = string();
        const bool ordered = !descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string::npos;
        const std::string code = ordered ? descr.substr(1) : descr;
        if (code.starts_with('O')) fail("objects are pickled, which is refused: they may run code");
        const int dtype = npy_dtype(code);
        if (!ordered || dtype < 0) fail("elements of type ", shown(descr), ", which no tensor has");
        header.dtype = static_cast<DType>(dtype);
        header.big_endian = descr[0] == '>';
        if (descr[0] == '|' && itemsize(header.dtype) > 1 && header.dtype != DType::bfloat16)
            fail("elements of type ", shown(descr), " have no order of bytes");
    }
    Shape tuple() {
        Shape shape;
        expect('(');
        while (!accept(')')) {
            spaces();
            int64_t size = 0;
            const std::size_t begin = at_;
            for (; peek() >= '0' && peek() <= '9'; ++at_)
                if (__builtin_mul_overflow(size, 10, &size) ||
                    __builtin_add_overflow(size, peek() - '0', &size))
                    fail("a size of more than 2^63 - 1");
            if (at_ == begin) fail("a size is expected");
            if (shape.rank() == max_rank) fail("more than 8 axes; at most 8 are supported");
            shape.push_back(size);
            if (!accept(',')) {
                if (shape.rank() == 1) fail("(", size, ") is no tuple");
                expect(')');
                break;
            }
        }
        return shape;
    }

    const ByteSource& source_;
    std::string_view text_;
    int64_t begin_;
    std::size_t at_ = 0;
};

/// Reads and checks everything before the elements, and that there are as many bytes as they need.
inline NpyHeader read_npy_header(const ByteSource& source) {
    unsigned char head[12]{};
    if (source.size() < 10) source.fail(0, "the file has ", source.size(), " bytes, its head alone 10");
    source.read(0, head, 10);
    if (std::memcmp(head, "\x93NUMPY", 6) != 0)
        source.fail(0, "no npy file: it does not begin with \\x93NUMPY");
    if (head[6] < 1 || head[6] > 3 || head[7] != 0)
        source.fail(6, "version ", int{head[6]}, ".", int{head[7]}, "; 1.0, 2.0 and 3.0 are known");
    const int64_t begin = head[6] == 1 ? 10 : 12;
    int64_t length = little<std::uint16_t>(head + 8);
    if (begin == 12) {
        source.read(8, head + 8, 4);
        length = little<std::uint32_t>(head + 8);
    }
    if (length > max_npy_header) source.fail(8, "a header of ", length, " bytes; at most 10000 are read");
    if (length > source.size() - begin)
        source.fail(8, "a header of ", length, " bytes in a file of ", source.size());
    std::string text(static_cast<std::size_t>(length), '\0');
    source.read(begin, text.data(), length);
    if (text.empty() || text.back() != '\n')
        source.fail(begin + length, "the header does not end with a new line");
    NpyHeader header = NpyParser(source, text, begin).parse();
    header.data_begin = begin + length;
    int64_t bytes = static_cast<int64_t>(itemsize(header.dtype));
    bool zero = false;
    for (const int64_t size : header.shape) {
        zero |= size == 0;
        if (__builtin_mul_overflow(bytes, size == 0 ? 1 : size, &bytes))
            source.fail(begin, "shape ", header.shape, " of ", name(header.dtype),
                        " needs more than 2^63 - 1 bytes");
    }
    if (zero) bytes = 0;
    if (source.size() - header.data_begin != bytes)
        source.fail(header.data_begin, "shape ", header.shape, " of ", name(header.dtype), " needs ", bytes,
                    " bytes, there are ", source.size() - header.data_begin);
    return header;
}

}
}
