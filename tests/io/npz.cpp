#include <tapegrad/io/npz.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

Tensor<uint8_t> text_of(const std::string& text) {
    return from_vector(std::vector<uint8_t>(text.begin(), text.end()));
}
std::string repeated_text() {
    std::string text;
    while (text.size() < 4000) text += "the whole vocabulary ";
    return text.substr(0, 4000);
}

/// What tests/golden/npz.py writes and checks.
StateDict golden_content() {
    StateDict d;
    d.add("f32", Tensor<float>{{-1, -0.5F, 0}, {0.5F, 1, 1.5F}});
    const double small = std::ldexp(1.0, -40);
    d.add("f64", Tensor<double>{small, 0.25 + small, 0.5 + small});
    d.add("f16",
          Tensor<float16>{float16(0.0F), float16(0.125F), float16(0.25F), float16(0.375F), float16(0.5F)});
    d.add("i32", Tensor<int32_t>{{-2, -1}, {0, 1}});
    d.add("i64", Tensor<int64_t>{9007199254740993, 9007199254740994});
    d.add("u8", detail::cast<uint8_t>(arange<int32_t>(300)));
    d.add("bool", Tensor<bool>{true, false, true});
    d.add("scalar", Tensor<float>(3.25F));
    d.add("empty", zeros<float>({0, 4}));
    d.add("text", text_of(repeated_text()));
    return d;
}
void check_equal(const StateDict& found, const StateDict& wanted) {
    CHECK(found.size() == wanted.size());
    for (const NamedTensor& entry : wanted) {
        CAPTURE(entry.name);
        visit(entry.tensor, [&]<class T>(const Tensor<T>& x) {
            const auto y = found.get<T>(entry.name);
            CHECK(y.shape() == x.shape());
            CHECK(std::memcmp(std::as_const(y).body().data, std::as_const(x).body().data,
                              static_cast<std::size_t>(x.numel()) * sizeof(T)) == 0);
        });
    }
}

}

TEST_CASE("npz: what NumPy stored and deflated is read") {
    check_equal(load_npz(golden("npz_stored.npz")), golden_content());
#ifdef TAPEGRAD_WITH_ZLIB
    check_equal(load_npz(golden("npz_deflated.npz")), golden_content());
#endif
    const NpzFile file(golden("npz_stored.npz"));
    CHECK(file.names().at(0) == "f32");
    CHECK(file.contains("scalar"));
    CHECK(!file.contains("scalar.npy"));
    CHECK(file.load<int64_t>("i64")(0) == 9007199254740993);
}

TEST_CASE("npz: versions 2 and 3, big endian and column-major entries") {
    const StateDict forms = load_npz(golden("npz_forms.npz")), wanted = golden_content();
    for (const char* name : {"v2", "v3", "big", "fortran"}) {
        CAPTURE(name);
        const auto x = forms.get<float>(name);
        CHECK(x.is_contiguous());
        CHECK(x.shape() == Shape{2, 3});
        CHECK(to_vector(x) == to_vector(wanted.get<float>("f32")));
    }
    CHECK(forms.get<int32_t>("fortran3").shape() == Shape{2, 3, 4});
    CHECK(to_vector(forms.get<int32_t>("fortran3")) == to_vector(arange<int32_t>(24)));
}

#ifdef TAPEGRAD_WITH_ZLIB
TEST_CASE("npz: streams of zlib in all its ways") {
    const StateDict forms = load_npz(golden("npz_forms.npz"));
    const auto bytes = [&](const char* name) {
        const auto x = forms.get<uint8_t>(name);
        return as_bytes(x.data(), x.numel());
    };
    const auto same = [](const std::vector<std::byte>& a, Bytes b) {
        return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
    };
    const std::string text = repeated_text();
    // A stream of zlib is a raw one between 2 bytes of head and 4 of checksum.
    const auto raw = [](Bytes in) { return in.subspan(2, in.size() - 6); };
    for (const char* name : {"level0", "level1", "level9", "fixed"}) {
        CAPTURE(name);
        CHECK(same(inflate_raw(raw(bytes(name)), 4000), as_bytes(text)));
        CHECK_THROWS_AS(inflate_raw(raw(bytes(name)), 3999), InflateFailure);
    }
    CHECK(same(inflate_raw(raw(bytes("random_zlib")), 3000), bytes("random")));
    CHECK(same(inflate_gzip(bytes("gzip"), 4000), as_bytes(text)));
}
#endif

TEST_CASE("npz: what is written is read, deflated too") {
    // TAPEGRAD_KEEP=folder leaves the files for `tests/golden/npz.py check`.
    const TemporaryFolder temporary;
    const char* const keep = std::getenv("TAPEGRAD_KEEP");
    const std::string folder = keep != nullptr ? keep : temporary.path;
    StateDict more = golden_content();
    save_npz(folder + "/stored.npz", more);
    check_equal(load_npz(folder + "/stored.npz"), more);
#ifdef TAPEGRAD_WITH_ZLIB
    save_npz(folder + "/deflated.npz", more, {.compressed = true});
    check_equal(load_npz(folder + "/deflated.npz"), more);
    CHECK(std::filesystem::file_size(folder + "/deflated.npz") <
          std::filesystem::file_size(folder + "/stored.npz") - 3500);
#endif
    more.add("half", Tensor<bfloat16>{bfloat16(2.0F)});
    save_npz(temporary / "more", more);
    check_equal(load_npz(temporary / "more"), more);
}

TEST_CASE("npz: without zlib what is stored is read, and what is compressed refused") {
    const detail::Compression there = std::exchange(detail::compression, {});
    check_equal(load_npz(golden("npz_stored.npz")), golden_content());
    const NpzFile file(golden("npz_deflated.npz"));
    CHECK_THROWS_WITH_AS(file.load_any("f32"),
                         "npz: tests/golden/npz_deflated.npz: at byte 57: entry 'f32.npy': it is compressed; "
                         "to read and write such "
                         "files, build with -DTAPEGRAD_WITH_ZLIB and -lz, in CMake with tapegrad::zlib",
                         IoError);
    const TemporaryFolder folder;
    CHECK_THROWS_AS(save_npz(folder / "x", golden_content(), {.compressed = true}), IoError);
    CHECK(folder.files() == 0);
    detail::compression = there;
}

TEST_CASE("npz: errors") {
    const TemporaryFolder folder;
    const std::string path = folder / "x";
    save_npz(path, golden_content());
    CHECK_THROWS_WITH_AS(NpzFile(path).load_any("f33"),
                         ("npz: " + path + ": at byte 0: there is no tensor 'f33'").c_str(), IoError);
    CHECK_THROWS_WITH_AS(NpzFile(path).load<float>("i32"), "tensor: holds int32, not float32", DtypeError);
    {
        ZipWriter zip("npz", path);
        zip.add("readme.txt", "", {}, false);
        zip.commit();
    }
    CHECK_THROWS_WITH_AS(NpzFile{path},
                         ("npz: " + path + ": at byte 0: entry 'readme.txt' is no .npy").c_str(), IoError);
    {
        ZipWriter zip("npz", path);
        zip.add("a.npy", "abc", {}, false);
        zip.commit();
    }
    CHECK_THROWS_WITH_AS(
        load_npz(path),
        ("npz: " + path + ": entry 'a.npy': at byte 0: the file has 3 bytes, its head alone 10").c_str(),
        IoError);
}
