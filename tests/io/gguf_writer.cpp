#include <tapegrad/io/gguf_writer.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <tapegrad/io/gguf.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

/// What tests/golden/gguf_check.py writes and checks.
GgufMetadata golden_metadata() {
    return {{"general.architecture", "llama"},
            {"a.uint8", std::uint8_t{200}},
            {"a.int8", std::int8_t{-100}},
            {"a.uint16", std::uint16_t{60000}},
            {"a.int16", std::int16_t{-30000}},
            {"a.uint32", std::uint32_t{4000000000}},
            {"a.int32", std::int32_t{-2000000000}},
            {"a.float32", 0.15625F},
            {"a.bool", true},
            {"a.string", "üñí 😀\n"},
            {"a.uint64", std::uint64_t{1} << 62},
            {"a.int64", -(std::int64_t{1} << 62)},
            {"a.float64", 0.1},
            {"a.strings", std::vector<std::string>{"<s>", "", "▁the"}},
            {"a.floats", std::vector<float>{0.5F, -1, 0}},
            {"a.ints", std::vector<std::int32_t>{1, -2, 3}},
            {"a.bools", std::vector<bool>{true, false}}};
}

/// Writes that content; every tensor but the integers from float32.
void write_golden(const std::string& path) {
    const Tensor<float> x = SafetensorsFile(golden("gguf_python.safetensors")).load<float>("x");
    std::vector<TensorInfo> tensors;
    for (const char* type : {"f32", "f16", "bf16", "q8_0", "q4_0"}) {
        std::string upper = type;
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        tensors.push_back({type, {4, 64}, {}, upper, 0});
    }
    tensors.push_back({"scalar", {}, DType::float32, "", 0});
    tensors.push_back({"i32", {3}, DType::int32, "", 0});
    tensors.push_back({"i64", {2}, DType::int64, "", 0});
    tensors.push_back({"f64", {2}, DType::float64, "", 0});
    GgufWriter file(path, tensors, golden_metadata());
    for (int i = 0; i < 5; ++i) file.write(x);
    file.write(Tensor<float>(2.5F));
    file.write(Tensor<int32_t>{1, -2, 2147483647});
    file.write(Tensor<int64_t>{9007199254740993, -5});
    file.write(Tensor<double>{0.1, -0.2});
    file.commit();
}

}

TEST_CASE("gguf_writer: the same elements, bit for bit, as the Python package writes") {
    const TemporaryFolder folder;
    write_golden(folder / "a");
    const GgufFile mine(folder / "a"), theirs(golden("gguf_python.gguf"));
    for (const std::string& name : mine.names()) {
        CAPTURE(name);
        CHECK(mine.info(name) == theirs.info(name));
        visit(mine.load_any(name), [&]<class T>(const Tensor<T>& x) {
            const Tensor<T> y = theirs.load<T>(name);
            CHECK(std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.numel()) * sizeof(T)) == 0);
        });
    }
    for (const auto& [key, value] : theirs.metadata()) {
        CAPTURE(key);
        CHECK(mine.metadata().at(key) == value);
    }
    CHECK(mine.metadata().size() == theirs.metadata().size());
    CHECK(std::filesystem::file_size(folder / "a") % 32 == 0);
    CHECK(folder.files() == 1);
    // For the other direction: python tests/golden/gguf_check.py check FILE
    if (const char* copy = std::getenv("TAPEGRAD_GGUF_OUT")) write_golden(copy);
}

TEST_CASE("gguf_writer: a dictionary, as it is or with its matrices in a type") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("blk.0.attn_q.weight", full<float>({2, 64}, 0.5F));
    dict.add("blk.0.attn_q.bias", full<float>({64}, 0.1F));
    dict.add("blk.0.attn_norm.weight", full<bfloat16>({64}, bfloat16(1.0F)));
    dict.add("odd.weight", full<float>({2, 3}, 0.25F));
    dict.add("position_embd.weight", full<float>({2, 32}, 0.1F));
    dict.add("ids", Tensor<int64_t>{1});
    save_gguf(folder / "plain", dict, {{"general.architecture", "gpt2"}});
    const GgufFile plain(folder / "plain");
    CHECK(plain.info("blk.0.attn_norm.weight").stored == "BF16");
    CHECK(plain.load<float>("blk.0.attn_q.bias").data()[63] == 0.1F);
    save_gguf(folder / "q8", dict, {{"general.alignment", std::uint32_t{64}}}, "Q8_0");
    const GgufFile q8(folder / "q8");
    CHECK(q8.info("blk.0.attn_q.weight").stored == "Q8_0");
    CHECK(q8.info("blk.0.attn_q.bias").stored == "F32");
    CHECK(q8.info("blk.0.attn_norm.weight").stored == "F32");
    CHECK(q8.info("odd.weight").stored == "F16");
    CHECK(q8.info("position_embd.weight").stored == "F32");
    CHECK(q8.info("ids").stored == "I64");
    CHECK(q8.load<float>("blk.0.attn_q.weight").data()[5] == doctest::Approx(0.5).epsilon(1e-3));
    CHECK(q8.load<float>("blk.0.attn_norm.weight").data()[5] == 1);
    save_gguf(folder / "f16", dict, {}, "F16");
    CHECK(GgufFile(folder / "f16").info("blk.0.attn_q.weight").dtype == DType::float16);
}

TEST_CASE("gguf_writer: more blocks than are written at once, and views") {
    const TemporaryFolder folder;
    const int64_t rows = (1 << 15) + 5;
    Tensor<float> x = empty<float>({rows, 32});
    for (int64_t i = 0; i < x.numel(); ++i)
        x.mutable_data()[i] = static_cast<float>(i / 32 % 50) * (i % 32 == 0 ? 1.0F : -1.0F);
    StateDict dict;
    dict.add("x.weight", x);
    dict.add("t.weight", detail::view_of(x, {32, 32}, {1, 32}));
    save_gguf(folder / "a", dict, {}, "Q8_0");
    const GgufFile file(folder / "a");
    const Tensor<float> y = file.load<float>("x.weight"), t = file.load<float>("t.weight");
    bool close = true;
    for (int64_t i = 0; i < y.numel(); ++i) close &= std::fabs(y.data()[i] - x.data()[i]) < 0.03F;
    CHECK(close);
    CHECK(t.data()[32 + 7] == doctest::Approx(-7).epsilon(0.01));
}

TEST_CASE("gguf_writer: errors, after which nothing remains") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    const auto opening = [&](const TensorInfo& info) { GgufWriter(path, {info}, {}); };
    const TensorInfo x{"x", {2, 32}, DType::float32, "Q8_0", 0};
    CHECK_THROWS_WITH_AS(opening({"x", {2, 33}, DType::float32, "Q8_0", 0}),
                         "gguf: tensor 'x': rows of 33 elements; Q8_0 holds multiples of 32", ValueError);
    CHECK_THROWS_WITH_AS(opening({"x", {}, DType::float32, "Q4_0", 0}),
                         "gguf: tensor 'x': rows of 1 elements; Q4_0 holds multiples of 32", ValueError);
    CHECK_THROWS_WITH_AS(opening({"x", {256}, DType::float32, "Q4_K", 0}),
                         "gguf: tensor 'x': Q4_K is not written", ValueError);
    CHECK_THROWS_WITH_AS(opening({"x", {256}, DType::uint8, "", 0}), "gguf: tensor 'x': uint8 is not written",
                         ValueError);
    CHECK_THROWS_WITH_AS(opening({"x", {1, 1, 1, 1, 1}, DType::float32, "", 0}),
                         "gguf: tensor 'x': 5 axes; at most 4 are allowed", ValueError);
    CHECK_THROWS_WITH_AS(
        opening({std::string(64, 'n'), {1}, DType::float32, "", 0}),
        ("gguf: tensor '" + std::string(64, 'n') + "': a name of 64 bytes; ggml takes 1 to 63").c_str(),
        ValueError);
    CHECK_THROWS_WITH_AS(opening({"", {1}, DType::float32, "", 0}),
                         "gguf: tensor '': a name of 0 bytes; ggml takes 1 to 63", ValueError);
    CHECK_THROWS_WITH_AS(GgufWriter(path, {x, x}, {}), "gguf: tensor 'x': is there twice", ValueError);
    CHECK_THROWS_WITH_AS(GgufWriter(path, {}, {{"general.alignment", std::uint32_t{48}}}),
                         "gguf: metadata: general.alignment: 48 is no power of two up to 65536", IoError);
    CHECK_THROWS_WITH_AS(GgufWriter(path, {}, {{"", true}}), "gguf: a key of 0 bytes; 1 to 65535 are allowed",
                         ValueError);
    CHECK(gguf_type(DType::bfloat16) == "BF16");
    CHECK(gguf_type(DType::boolean).empty());
    CHECK_THROWS_WITH_AS(with_gguf_type({x}, "Q5_K"), "gguf: the type 'Q5_K' is not written", ValueError);
    {
        GgufWriter file(path, {x}, {});
        CHECK_THROWS_WITH_AS(file.write(zeros<float>({32, 2})),
                             "gguf: tensor 'x' was to be (2, 32), not (32, 2)", ValueError);
        Tensor<float> infinite = zeros<float>({2, 32});
        infinite.mutable_data()[40] = std::numeric_limits<float>::infinity();
        CHECK_THROWS_WITH_AS(file.write(infinite),
                             "gguf: tensor 'x': holds what is not finite, or too large for Q8_0", ValueError);
        CHECK_THROWS_WITH_AS(file.commit(), "gguf: tensor 'x' was not written", ValueError);
        file.write(zeros<double>({2, 32}));
        CHECK_THROWS_WITH_AS(file.write(zeros<float>({2, 32})), "gguf: all 1 tensors are written",
                             ValueError);
    }
    {  // halfway through a tensor
        const int64_t rows = (1 << 15) + 5;
        GgufWriter file(path, {{"x", {rows, 32}, DType::float32, "Q8_0", 0}}, {});
        Tensor<float> infinite = zeros<float>({rows, 32});
        infinite.mutable_data()[infinite.numel() - 1] = std::numeric_limits<float>::infinity();
        CHECK_THROWS_AS(file.write(infinite), ValueError);
        CHECK_THROWS_WITH_AS(file.write(zeros<float>({rows, 32})), "gguf: tensor 'x' was written in part",
                             ValueError);
        CHECK_THROWS_WITH_AS(file.commit(), "gguf: tensor 'x' was written in part", ValueError);
    }
    CHECK(folder.files() == 0);
}
