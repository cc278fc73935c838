// IDX files, the format of MNIST and its relatives; not compressed.
//
//   0 0 type rank     type 8: bytes, 12: 32-bit integers, 13: float, 14: double
//   rank sizes        32 bits each, big endian
//   the elements      big endian, row-major
#pragma once

#include <bit>
#include <cstring>

#include "../io/input_file.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
constexpr int idx_type() {
    static_assert(std::is_same_v<T, uint8_t> || std::is_same_v<T, int32_t> || Floating<T>,
                  "load_idx<T>: T is uint8_t, int32_t, float or double");
    if constexpr (std::is_same_v<T, uint8_t>)
        return 0x08;
    else if constexpr (std::is_same_v<T, int32_t>)
        return 0x0C;
    else
        return std::is_same_v<T, float> ? 0x0D : 0x0E;
}
/// The bytes of each element turned round.
inline void reverse_bytes(std::byte* data, int64_t count, std::size_t size) {
    for (int64_t i = 0; i < count; ++i, data += size)
        for (std::size_t a = 0, b = size - 1; a < b; ++a, --b) std::swap(data[a], data[b]);
}

}

/// The tensor of an IDX file of that element type.
/// Throws   IoError: no such file, another format or type, or a size that is not the file's
template <class T>
Tensor<T> load_idx(const std::string& path) {
    const InputFile file("idx", path);
    unsigned char head[4]{};
    if (file.size() < 4) file.fail(0, "the file has ", file.size(), " bytes, its head alone 4");
    file.read(0, head, 4);
    if (head[0] == 0x1F && head[1] == 0x8B) file.fail(0, "the file is compressed; run gunzip on it first");
    if (head[0] != 0 || head[1] != 0) file.fail(0, "no IDX file: it does not begin with two zeros");
    if (head[2] != detail::idx_type<T>())
        file.fail(2, "the element type is ", int{head[2]}, ", that of ", name(dtype_of<T>), " is ",
                  detail::idx_type<T>());
    if (head[3] > max_rank) file.fail(3, "the rank is ", int{head[3]}, "; at most 8 are supported");
    const int rank = head[3];
    unsigned char sizes[4 * max_rank]{};
    file.read(4, sizes, 4 * rank);
    Shape shape;
    int64_t bytes = sizeof(T);
    for (int axis = 0; axis < rank; ++axis) {
        const unsigned char* p = sizes + 4 * axis;
        shape.push_back(int64_t{p[0]} << 24 | int64_t{p[1]} << 16 | int64_t{p[2]} << 8 | int64_t{p[3]});
        if (__builtin_mul_overflow(bytes, shape.back(), &bytes))
            file.fail(4 + 4 * axis, "shape ", shape, " overflows");
    }
    const int64_t begin = 4 + 4 * rank;
    if (file.size() - begin != bytes)
        file.fail(begin, "shape ", shape, " needs ", bytes, " bytes of elements, the file has ",
                  file.size() - begin);
    Tensor<T> x = empty<T>(shape);
    file.read(begin, detail::output(x), bytes);
    if constexpr (sizeof(T) > 1 && std::endian::native == std::endian::little)
        detail::reverse_bytes(reinterpret_cast<std::byte*>(detail::output(x)), x.numel(), sizeof(T));
    return x;
}

/// Images of bytes and their classes.
struct LabelledImages {
    Tensor<uint8_t> images;  // (count, rows, columns)
    Tensor<int64_t> labels;  // (count,)
};

/// Two IDX files as of MNIST: images and as many labels below `classes`.
/// Throws   IoError: as load_idx, or files that do not belong together
inline LabelledImages load_labelled_images(const std::string& images, const std::string& labels,
                                           int64_t classes = 10) {
    LabelledImages result;
    result.images = load_idx<uint8_t>(images);
    const Tensor<uint8_t> numbers = load_idx<uint8_t>(labels);
    if (result.images.rank() != 3)
        detail::fail<IoError>("idx", images, ": images have rank 3, not ", result.images.shape());
    if (numbers.rank() != 1 || numbers.size(0) != result.images.size(0))
        detail::fail<IoError>("idx", labels, ": labels ", numbers.shape(), " for images ",
                              result.images.shape());
    result.labels = detail::cast<int64_t>(numbers);
    for (int64_t i = 0; i < numbers.numel(); ++i)
        if (numbers.data()[i] >= classes)
            detail::fail<IoError>("idx", labels, ": at byte ", 8 + i, ": label ", int{numbers.data()[i]},
                                  " of ", classes, " classes");
    return result;
}

}
