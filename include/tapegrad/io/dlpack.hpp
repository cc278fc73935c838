// Tensors to and from other libraries of this process without a copy: DLPack 1, as NumPy, PyTorch and JAX
// have it. https://dmlc.github.io/dlpack/latest/c_api.html
//
// Python's capsules ("dltensor_versioned") hold a `DLManagedTensorVersioned*`; to_dlpack and from_dlpack make
// and take it.
#pragma once

#include <bit>
#include <cstddef>

#include "../nn/state_dict.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The C structures of the standard, under their names in it. Other headers may declare them too, in the
/// global namespace: a pointer to one is a pointer to the other.
namespace dlpack {

struct DLPackVersion {
    std::uint32_t major, minor;
};
struct DLDevice {
    std::int32_t device_type, device_id;
};
struct DLDataType {
    std::uint8_t code, bits;
    std::uint16_t lanes;
};
struct DLTensor {
    void* data;
    DLDevice device;
    std::int32_t ndim;
    DLDataType dtype;
    std::int64_t* shape;
    std::int64_t* strides;
    std::uint64_t byte_offset;
};
struct DLManagedTensorVersioned {
    DLPackVersion version;
    void* manager_ctx;
    void (*deleter)(DLManagedTensorVersioned* self);
    std::uint64_t flags;
    DLTensor dl_tensor;
};

inline constexpr std::int32_t cpu = 1;
inline constexpr std::uint64_t read_only = 1, is_copied = 2;
enum Code : std::uint8_t { integer = 0, natural = 1, real = 2, bfloat = 4, boolean = 6 };

static_assert(sizeof(void*) != 8 ||
              (sizeof(DLTensor) == 48 && offsetof(DLTensor, ndim) == 16 && offsetof(DLTensor, dtype) == 20 &&
               offsetof(DLTensor, shape) == 24 && offsetof(DLTensor, byte_offset) == 40 &&
               sizeof(DLManagedTensorVersioned) == 80 &&
               offsetof(DLManagedTensorVersioned, dl_tensor) == 32));

}

namespace detail {

inline dlpack::DLDataType dlpack_type(DType dtype) {
    const auto of = [&](dlpack::Code code) {
        return dlpack::DLDataType{code, static_cast<std::uint8_t>(8 * itemsize(dtype)), 1};
    };
    switch (dtype) {
        case DType::float32:
        case DType::float64:
        case DType::float16:
            return of(dlpack::real);
        case DType::bfloat16:
            return of(dlpack::bfloat);
        case DType::int32:
        case DType::int64:
            return of(dlpack::integer);
        case DType::uint8:
            return of(dlpack::natural);
        default:
            return of(dlpack::boolean);
    }
}

/// What an exported tensor keeps alive.
struct DlpackExport {
    dlpack::DLManagedTensorVersioned managed;
    TensorBase tensor;
    Shape shape;
    Strides strides;
};

inline void check_dlpack(const dlpack::DLManagedTensorVersioned* managed) {
    if (managed == nullptr) fail<ValueError>("from_dlpack", "there is no tensor");
    if (managed->version.major != 1)
        fail<ValueError>("from_dlpack", "version ", managed->version.major, ".", managed->version.minor,
                         " of DLPack; 1 is supported");
    const dlpack::DLTensor& t = managed->dl_tensor;
    if (t.device.device_type != dlpack::cpu)
        fail<ValueError>("from_dlpack", "the tensor is on a device of type ", t.device.device_type,
                         ", not in the memory of the CPU");
    if (t.ndim < 0 || t.ndim > max_rank)
        fail<ShapeError>("from_dlpack", "a tensor of rank ", t.ndim, "; at most 8 are supported");
    if (t.ndim > 0 && t.shape == nullptr) fail<ValueError>("from_dlpack", "the tensor has no shape");
}

}

/// The tensor for another library, without a copy. Whoever takes it calls its `deleter` when it is done with it;
/// until then the elements live. Writes of the other library are not counted: backward cannot refuse what they
/// overwrite.
/// Throws   AutogradError: the tensor is part of a graph or collects a gradient; detach() it
inline dlpack::DLManagedTensorVersioned* to_dlpack(const TensorBase& x) {
    if (x.requires_grad())
        detail::fail<AutogradError>("to_dlpack", "the tensor requires a gradient; detach() it first");
    const detail::Body& body = x.body();
    auto* const out = new detail::DlpackExport{{}, x, body.shape, body.strides};
    auto& managed = out->managed;
    managed.version = {1, 0};
    managed.manager_ctx = out;
    managed.deleter = [](dlpack::DLManagedTensorVersioned* self) {
        delete static_cast<detail::DlpackExport*>(self->manager_ctx);
    };
    managed.flags = 0;
    managed.dl_tensor = {body.data,
                         {dlpack::cpu, 0},
                         body.shape.rank(),
                         detail::dlpack_type(body.dtype),
                         out->shape.begin(),
                         out->strides.begin(),
                         0};
    return &managed;
}

/// The tensor of another library, without a copy; its deleter is called when the last view of it goes. One that
/// is read-only is copied, and its deleter called at once. On an error it stays the caller's.
/// Throws   DtypeError: elements that are not T; ShapeError: rank above 8, a negative size or stride; ValueError:
///          another version of DLPack, another device, or elements that are not aligned to their size
template <class T>
Tensor<T> from_dlpack(dlpack::DLManagedTensorVersioned* managed) {
    detail::check_dlpack(managed);
    const dlpack::DLTensor& t = managed->dl_tensor;
    const dlpack::DLDataType wanted = detail::dlpack_type(dtype_of<T>), there = t.dtype;
    if (there.code != wanted.code || there.bits != wanted.bits || there.lanes != 1)
        detail::fail<DtypeError>("from_dlpack", "the tensor holds elements of code ", int{there.code}, ", ",
                                 int{there.bits}, " bits and ", there.lanes, " lanes, not ",
                                 name(dtype_of<T>));
    Shape shape;
    for (int axis = 0; axis < t.ndim; ++axis) shape.push_back(t.shape[axis]);
    const int64_t numel = numel_of(shape, "from_dlpack");
    Strides strides = row_major(shape);
    if (t.strides != nullptr && numel > 0)
        for (int axis = 0; axis < t.ndim; ++axis) {
            strides[axis] = t.strides[axis];
            if (strides[axis] < 0 && shape[axis] > 1)
                detail::fail<ShapeError>("from_dlpack", "a stride of ", strides[axis], " along axis ", axis);
        }
    auto* const data = static_cast<std::byte*>(t.data) + t.byte_offset;
    if (numel > 0 && std::bit_cast<std::uintptr_t>(data) % alignof(T) != 0)
        detail::fail<ValueError>("from_dlpack", "the elements are not aligned to ", alignof(T), " bytes");
    const auto give_back = [](void* p) {
        auto* const owned = static_cast<dlpack::DLManagedTensorVersioned*>(p);
        if (owned->deleter != nullptr) owned->deleter(owned);
    };
    Tensor<T> x(detail::new_borrowed(dtype_of<T>, data, shape, strides, numel, give_back, managed));
    return (managed->flags & dlpack::read_only) != 0 ? detail::copy(x) : x;
}

}
