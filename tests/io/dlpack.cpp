#include <tapegrad/io/dlpack.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

/// A tensor as another library makes it; counts its deletions.
struct Foreign {
    std::vector<float> values;
    std::vector<int64_t> shape, strides;
    int deleted = 0;
    dlpack::DLManagedTensorVersioned managed{};

    Foreign(std::vector<float> v, std::vector<int64_t> s, std::vector<int64_t> st)
        : values(std::move(v)), shape(std::move(s)), strides(std::move(st)) {
        managed.version = {1, 1};
        managed.manager_ctx = this;
        managed.deleter = [](dlpack::DLManagedTensorVersioned* self) {
            ++static_cast<Foreign*>(self->manager_ctx)->deleted;
        };
        managed.dl_tensor = {values.data(),
                             {1, 0},
                             static_cast<int32_t>(shape.size()),
                             {2, 32, 1},
                             shape.data(),
                             strides.empty() ? nullptr : strides.data(),
                             0};
    }
    std::string refused() {
        try {
            static_cast<void>(from_dlpack<float>(&managed));
            return "taken";
        } catch (const Error& e) {
            CHECK(deleted == 0);
            return e.what();
        }
    }
};

template <class T>
void check_round_trip(const Tensor<T>& x) {
    auto* const managed = to_dlpack(x);
    CHECK(managed->dl_tensor.dtype.bits == 8 * sizeof(T));
    const Tensor<T> y = from_dlpack<T>(managed);
    CHECK(y.shape() == x.shape());
    CHECK(std::as_const(y).body().data == std::as_const(x).body().data);
}

}

TEST_CASE("dlpack: out and in again, the same elements, for every type") {
    check_round_trip(Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    check_round_trip(Tensor<double>(2.0));
    check_round_trip(Tensor<bfloat16>{bfloat16(1.0F)});
    check_round_trip(Tensor<float16>{float16(1.0F)});
    check_round_trip(Tensor<int32_t>{1, 2});
    check_round_trip(Tensor<int64_t>{1, 2});
    check_round_trip(Tensor<uint8_t>{1, 2});
    check_round_trip(Tensor<bool>{true, false});
    check_round_trip(zeros<float>({0, 3}));
    const Tensor<float> x{{1, 2, 3}, {4, 5, 6}};
    const auto turned = detail::view_of(x, {3, 2}, {1, 3});
    check_round_trip(turned);
    auto* const managed = to_dlpack(turned);
    CHECK(managed->version.major == 1);
    CHECK(managed->dl_tensor.ndim == 2);
    CHECK(managed->dl_tensor.strides[0] == 1);
    CHECK(managed->dl_tensor.strides[1] == 3);
    managed->deleter(managed);
}

TEST_CASE("dlpack: the elements live as long as anybody has them") {
    dlpack::DLManagedTensorVersioned* managed = nullptr;
    {
        const Tensor<float> x{1, 2, 3};
        managed = to_dlpack(x);
        CHECK(!x.is_unique());
    }
    CHECK(static_cast<const float*>(managed->dl_tensor.data)[2] == 3);
    managed->deleter(managed);

    Foreign other({1, 2, 3, 4}, {2, 2}, {1, 2});
    {
        Tensor<float> view;
        {
            Tensor<float> y = from_dlpack<float>(&other.managed);
            CHECK(to_vector(y) == std::vector<float>{1, 3, 2, 4});
            y.set({0, 0}, 9);
            view = detail::view_of(y, {2}, {2}, 1);
        }
        CHECK(other.deleted == 0);
        CHECK(view(0) == 2);
    }
    CHECK(other.deleted == 1);
    CHECK(other.values[0] == 9);
}

TEST_CASE("dlpack: without strides, at an offset, and read-only") {
    Foreign plain({1, 2, 3, 4, 5, 6}, {2, 2}, {});
    plain.managed.dl_tensor.byte_offset = 8;
    CHECK(to_vector(from_dlpack<float>(&plain.managed)) == std::vector<float>{3, 4, 5, 6});
    CHECK(plain.deleted == 1);
    Foreign constant({1, 2}, {2}, {1});
    constant.managed.flags = dlpack::read_only;
    Tensor<float> copy = from_dlpack<float>(&constant.managed);
    CHECK(constant.deleted == 1);
    copy.set({0}, 7);
    CHECK(constant.values[0] == 1);
}

TEST_CASE("dlpack: errors leave the tensor with its owner") {
    Foreign f({1, 2}, {2}, {1});
    f.managed.version.major = 2;
    CHECK(f.refused() == "from_dlpack: version 2.1 of DLPack; 1 is supported");
    f.managed.version.major = 1;
    f.managed.dl_tensor.device.device_type = 2;
    CHECK(f.refused() == "from_dlpack: the tensor is on a device of type 2, not in the memory of the CPU");
    f.managed.dl_tensor.device.device_type = 1;
    f.managed.dl_tensor.ndim = 9;
    CHECK(f.refused() == "from_dlpack: a tensor of rank 9; at most 8 are supported");
    f.managed.dl_tensor.ndim = 1;
    f.managed.dl_tensor.dtype = {0, 32, 1};
    CHECK(f.refused() ==
          "from_dlpack: the tensor holds elements of code 0, 32 bits and 1 lanes, not float32");
    f.managed.dl_tensor.dtype = {2, 32, 1};
    f.strides[0] = -1;
    CHECK(f.refused() == "from_dlpack: a stride of -1 along axis 0");
    f.strides[0] = 1;
    f.shape[0] = -2;
    CHECK(f.refused() == "from_dlpack: negative size -2 in (-2,)");
    f.shape[0] = 1;
    f.managed.dl_tensor.byte_offset = 2;
    CHECK(f.refused() == "from_dlpack: the elements are not aligned to 4 bytes");
    f.managed.dl_tensor.shape = nullptr;
    CHECK(f.refused() == "from_dlpack: the tensor has no shape");
    CHECK_THROWS_WITH_AS(from_dlpack<float>(nullptr), "from_dlpack: there is no tensor", ValueError);
    Tensor<float> leaf{1};
    leaf.requires_grad_();
    CHECK_THROWS_WITH_AS(to_dlpack(leaf), "to_dlpack: the tensor requires a gradient; detach() it first",
                         AutogradError);
}
