// npy files: one tensor each, as NumPy's `save` writes and its `load` reads them.
#pragma once

#include "../nn/state_dict.hpp"
#include "../tensor/copy.hpp"
#include "atomic_file.hpp"
#include "npy_header.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The elements behind a header, in row-major order.
template <class T>
Tensor<T> read_npy_elements(const ByteSource& source, const NpyHeader& header) {
    const Shape& shape = header.shape;
    Shape stored = shape;
    if (header.column_major) std::reverse(stored.begin(), stored.end());
    Tensor<T> x = empty<T>(stored);
    source.read(header.data_begin, x.body().data, x.numel() * static_cast<int64_t>(sizeof(T)));
    if (header.big_endian != (std::endian::native == std::endian::big))
        reverse_bytes(static_cast<std::byte*>(x.body().data), x.numel(), sizeof(T));
    if constexpr (std::is_same_v<T, bool>) {
        const auto* bytes = static_cast<const unsigned char*>(std::as_const(x).body().data);
        for (int64_t i = 0; i < x.numel(); ++i)
            if (bytes[i] > 1) source.fail(header.data_begin + i, "the bool ", int{bytes[i]});
    }
    if (!header.column_major) return x;
    Strides strides = x.strides();
    std::reverse(strides.begin(), strides.end());
    return contiguous(view_of(x, shape, strides));
}

inline TensorBase read_npy(const ByteSource& source) {
    const NpyHeader header = read_npy_header(source);
    switch (header.dtype) {
        case DType::float32:
            return read_npy_elements<float>(source, header);
        case DType::float64:
            return read_npy_elements<double>(source, header);
        case DType::bfloat16:
            return read_npy_elements<bfloat16>(source, header);
        case DType::float16:
            return read_npy_elements<float16>(source, header);
        case DType::int32:
            return read_npy_elements<int32_t>(source, header);
        case DType::int64:
            return read_npy_elements<int64_t>(source, header);
        case DType::uint8:
            return read_npy_elements<uint8_t>(source, header);
        default:
            return read_npy_elements<bool>(source, header);
    }
}

/// What comes before the elements of x: version 1.0, a multiple of 64 bytes.
inline std::string npy_head(const TensorBase& x) {
    std::string text = detail::text("{'descr': '", npy_descr(x.dtype()),
                                    "', 'fortran_order': False, 'shape': ", x.shape(), ", }");
    text.append(63 - (10 + text.size()) % 64, ' ');
    text += '\n';
    std::string head("\x93NUMPY\x01\x00", 8);
    append_little(head, static_cast<std::uint16_t>(text.size()));
    return head + text;
}

static_assert(std::endian::native == std::endian::little,
              "tapegrad: npy files are written on little endian machines");
template <class Write>
void write_npy_elements(const TensorBase& x, const Write& write) {
    visit(x, [&]<class T>(const Tensor<T>& typed) {
        const Tensor<T> packed = contiguous(typed);
        write(as_bytes(std::as_const(packed).body().data, packed.numel() * static_cast<int64_t>(sizeof(T))));
    });
}

}

/// The tensor of a npy file, of the type that it has there; row-major, also when the file is not.
/// Throws   IoError: no such file, anything in it that is not as the format says, or a type that no tensor has
inline TensorBase load_npy_any(const std::string& path) {
    const InputFile file("npy", path);
    return detail::read_npy(FileSource(file));
}
/// The same, which must hold elements of T. Two bytes of nothing (`V2`) are taken as bfloat16, as ml_dtypes
/// writes it.
/// Throws   IoError: as load_npy_any, or another element type
template <class T>
Tensor<T> load_npy(const std::string& path) {
    const InputFile file("npy", path);
    const FileSource source(file);
    const detail::NpyHeader header = detail::read_npy_header(source);
    if (header.dtype != dtype_of<T>)
        source.fail(header.data_begin, "the file holds ", name(header.dtype), ", not ", name(dtype_of<T>));
    return detail::read_npy_elements<T>(source, header);
}

/// Writes one tensor, under a temporary name that becomes `path` when all is on the disk.
/// Throws   IoError: the file cannot be written
inline void save_npy(const std::string& path, const TensorBase& x) {
    const std::string head = detail::npy_head(x);
    AtomicFile file("npy", path);
    file.write(head.data(), static_cast<int64_t>(head.size()));
    detail::write_npy_elements(
        x, [&](Bytes bytes) { file.write(bytes.data(), static_cast<int64_t>(bytes.size())); });
    file.commit();
}

}
