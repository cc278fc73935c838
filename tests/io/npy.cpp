#include <tapegrad/io/npy.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {
template <class T>
void check_round_trip(const std::string& path, const Tensor<T>& x) {
    save_npy(path, x);
    const Tensor<T> y = load_npy<T>(path);
    const Tensor<T> packed = detail::contiguous(x);
    CHECK(y.shape() == x.shape());
    CHECK(std::memcmp(std::as_const(y).body().data, std::as_const(packed).body().data,
                      static_cast<std::size_t>(x.numel()) * sizeof(T)) == 0);
    CHECK(load_npy_any(path).dtype() == dtype_of<T>);
}
}

TEST_CASE("npy: every element type comes back, with its bits") {
    const TemporaryFolder folder;
    const std::string path = folder / "x.npy";
    check_round_trip(path, from_vector<float>({1, -0.0F, NAN, INFINITY, 1e-45F, 6}, {2, 3}));
    check_round_trip(path, Tensor<double>{0.1, -2});
    check_round_trip(path, Tensor<bfloat16>{bfloat16(1.5F), bfloat16(-3.0F)});
    check_round_trip(path, Tensor<float16>{float16(1.5F)});
    check_round_trip(path, Tensor<int32_t>{INT32_MIN, 7});
    check_round_trip(path, Tensor<int64_t>{9007199254740993});
    check_round_trip(path, Tensor<uint8_t>{0, 255});
    check_round_trip(path, Tensor<bool>{true, false, true});
    check_round_trip(path, Tensor<float>(2.5F));
    check_round_trip(path, zeros<float>({0, 4}));
    check_round_trip(path, zeros<uint8_t>({1, 2, 1, 1, 2, 1, 1, 3}));
    const auto x = arange<int64_t>(6);
    check_round_trip(path, detail::view_of(x, {3, 2}, {1, 3}));
    CHECK(folder.files() == 1);
}

TEST_CASE("npy: the head is what NumPy writes") {
    const TemporaryFolder folder;
    save_npy(folder / "x", Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    const std::string text = read_text(folder / "x");
    CHECK(text.size() == 128 + 24);
    CHECK(text.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    CHECK(text.substr(10, 58) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), ");
    CHECK(text[127] == '\n');
}

TEST_CASE("npy: errors") {
    const TemporaryFolder folder;
    const std::string path = folder / "x";
    save_npy(path, Tensor<int32_t>{1});
    CHECK_THROWS_WITH_AS(load_npy<float>(path),
                         ("npy: " + path + ": at byte 128: the file holds int32, not float32").c_str(),
                         IoError);
    save_npy(path, Tensor<bool>{true, false});
    std::string text = read_text(path);
    text.back() = 2;
    write_text(path, text);
    CHECK_THROWS_WITH_AS(load_npy_any(path), ("npy: " + path + ": at byte 129: the bool 2").c_str(), IoError);
    CHECK_THROWS_AS(load_npy_any(folder / "missing"), IoError);
    CHECK_THROWS_AS(save_npy(folder / "missing/x", Tensor<float>(1.0F)), IoError);
}
