// IDX files, the format of MNIST and its relatives, as they are or compressed with gzip.
//
//   0 0 type rank     type 8: bytes, 12: 32-bit integers, 13: float, 14: double
//   rank sizes        32 bits each, big endian
//   the elements      big endian, row-major
#pragma once

#include "../io/byte_source.hpp"
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

/// Type, rank and sizes, from the first bytes of the file, unpacked.
struct IdxHeader {
    Shape shape;
    int64_t begin = 4, bytes = 0;  // the elements: where, and how many bytes
};
inline IdxHeader read_idx_header(const InputFile& file, Bytes head, int type, DType dtype) {
    const auto byte = [&](std::size_t i) { return static_cast<int>(head[i]); };
    if (head.size() < 4) file.fail(0, "the file has ", head.size(), " bytes, its head alone 4");
    if (byte(0) != 0 || byte(1) != 0) file.fail(0, "no IDX file: it does not begin with two zeros");
    if (byte(2) != type)
        file.fail(2, "the element type is ", byte(2), ", that of ", name(dtype), " is ", type);
    const int rank = byte(3);
    if (rank > max_rank) file.fail(3, "the rank is ", rank, "; at most 8 are supported");
    IdxHeader header{{}, 4 + 4 * rank, static_cast<int64_t>(itemsize(dtype))};
    if (static_cast<int64_t>(head.size()) < header.begin)
        file.fail(4, rank, " sizes are wanted, the file has ", head.size(), " bytes");
    for (int axis = 0; axis < rank; ++axis) {
        header.shape.push_back(big<std::uint32_t>(head.data() + 4 + 4 * axis));
        if (__builtin_mul_overflow(header.bytes, header.shape.back(), &header.bytes) ||
            header.bytes > int64_t{1} << 62)
            file.fail(4 + 4 * axis, "shape ", header.shape, " overflows");
    }
    return header;
}

}

/// The tensor of an IDX file of that element type, compressed with gzip or not.
/// Throws   IoError: no such file, another format or type, or a size that is not the file's
template <class T>
Tensor<T> load_idx(const std::string& path) {
    const InputFile file("idx", path);
    // The head says how much may come out of a compressed file, before anything of it is kept.
    constexpr int64_t longest = 4 + 4 * max_rank;
    const detail::IdxHeader header =
        detail::read_idx_header(file, read_unpacked(file, longest, true), detail::idx_type<T>(), dtype_of<T>);
    const std::vector<std::byte> bytes = read_unpacked(file, header.begin + header.bytes);
    const int64_t there = static_cast<int64_t>(bytes.size()) - header.begin;
    if (there != header.bytes)
        file.fail(header.begin, "shape ", header.shape, " needs ", header.bytes,
                  " bytes of elements, the file has ", there);
    Tensor<T> x = empty<T>(header.shape);
    std::memcpy(detail::output(x), bytes.data() + header.begin, static_cast<std::size_t>(header.bytes));
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
