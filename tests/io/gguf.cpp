#include <tapegrad/io/gguf.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "gguf_text.hpp"
#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("gguf: a file of the Python package, tensors bit for bit") {
    const GgufFile file(golden("gguf_python.gguf"));
    const SafetensorsFile wanted(golden("gguf_python.safetensors"));
    CHECK(file.names().size() == 17);
    for (const std::string& name : wanted.names()) {
        if (name == "x") continue;
        CAPTURE(name);
        const Tensor<float> x = file.load_as<float>(name), y = wanted.load<float>(name);
        REQUIRE(x.shape() == y.shape());
        CHECK(std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.numel()) * 4) == 0);
    }
    CHECK(to_vector(file.load<float>("f32")) == to_vector(wanted.load<float>("x")));
    CHECK(file.load<float>("scalar").item() == 2.5F);
    CHECK(file.info("scalar").shape == Shape{});
    CHECK(to_vector(file.load<int32_t>("i32")) == std::vector<int32_t>{1, -2, 2147483647});
    CHECK(to_vector(file.load<int64_t>("i64")) == std::vector<int64_t>{9007199254740993, -5});
    CHECK(to_vector(file.load<double>("f64")) == std::vector<double>{0.1, -0.2});
    CHECK(file.info("f16") == TensorInfo{"f16", {4, 64}, DType::float16, "F16", 512});
    CHECK(file.info("bf16").dtype == DType::bfloat16);
    CHECK(file.info("q8_0") == TensorInfo{"q8_0", {4, 64}, DType::float32, "Q8_0", 272});
    CHECK(load_gguf(golden("gguf_python.gguf")).size() == 17);
}

TEST_CASE("gguf: metadata of every type") {
    const GgufMetadata m = GgufFile(golden("gguf_python.gguf")).metadata();
    CHECK(m.string("general.architecture") == "llama");
    CHECK(m.integer("a.uint8") == 200);
    CHECK(m.at("a.uint8").type() == GgufType::uint8);
    CHECK(m.integer("a.int8") == -100);
    CHECK(m.integer("a.uint16") == 60000);
    CHECK(m.integer("a.int16") == -30000);
    CHECK(m.integer("a.uint32") == 4000000000);
    CHECK(m.integer("a.int32") == -2000000000);
    CHECK(m.real("a.float32") == 0.15625);
    CHECK(m.boolean("a.bool"));
    CHECK(m.string("a.string") == "üñí 😀\n");
    CHECK(m.integer("a.uint64") == int64_t{1} << 62);
    CHECK(m.integer("a.int64") == -(int64_t{1} << 62));
    CHECK(m.real("a.float64") == 0.1);
    CHECK(m.strings("a.strings") == std::vector<std::string>{"<s>", "", "▁the"});
    CHECK(m.reals("a.floats") == std::vector<double>{0.5, -1, 0});
    CHECK(m.integers("a.ints") == std::vector<int64_t>{1, -2, 3});
    CHECK(m.at("a.bools").boolean(0));
    CHECK(!m.at("a.bools").boolean(1));
}

TEST_CASE("gguf: more blocks than are read at once") {
    const TemporaryFolder folder;
    const int64_t blocks = (1 << 15) + 3;
    GgufText text;
    text.tensor("x", {static_cast<std::uint64_t>(blocks * 32)}, 8, 0);
    for (int64_t i = 0; i < blocks; ++i) {
        std::string block(34, static_cast<char>(i % 100));
        block[0] = 0;
        block[1] = 0x3c;  // 1 as float16
        text.data += block;
    }
    write_text(folder / "a", text.whole());
    const Tensor<float> x = GgufFile(folder / "a").load<float>("x");
    bool right = true;
    for (int64_t i = 0; i < x.numel(); ++i) right &= x.data()[i] == static_cast<float>(i / 32 % 100);
    CHECK(right);
}

TEST_CASE("gguf: types that are not decoded do not keep the others from being read") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    GgufText text;
    text.tensor("i8", {3}, 24, 0).tensor("f", {1}, 0, 32);
    text.data = std::string(36, '\0');
    write_text(path, text.whole());
    const GgufFile file(path);
    CHECK(file.load<float>("f").item() == 0);
    CHECK(file.info("i8") == TensorInfo{"i8", {3}, std::nullopt, "I8", 3});
    CHECK_THROWS_WITH_AS(
        file.load_any("i8"),
        ("gguf: " + path + ": at byte 96: tensor 'i8' holds I8, which is not decoded").c_str(), IoError);
    CHECK_THROWS_WITH_AS(file.load<int32_t>("f"),
                         ("gguf: " + path + ": at byte 128: tensor 'f' holds F32, not int32").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(file.load<float>("g"),
                         ("gguf: " + path + ": at byte 24: there is no tensor 'g'").c_str(), IoError);
}

TEST_CASE("gguf: a file cut anywhere is refused, and a changed byte never crashes") {
    const TemporaryFolder folder;
    GgufText text;
    text.value("k", 8, GgufText::sized("text"))
        .value("l", 9, GgufText::list(8, 2, GgufText::sized("a") + GgufText::sized("bc")));
    text.tensor("w", {32, 2}, 8, 0).tensor("b", {3}, 0, 96);
    text.data = std::string(96 + 12, '\1');
    const std::string whole = text.whole();
    write_text(folder / "a", whole);
    CHECK(load_gguf(folder / "a").size() == 2);
    for (std::size_t n = 0; n < whole.size(); ++n) {
        write_text(folder / "b", whole.substr(0, n));
        CHECK_THROWS_AS(GgufFile(folder / "b"), IoError);
    }
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const int change : {1, 0x20, 0x80, 0xff}) {
            std::string other = whole;
            other[i] = static_cast<char>(other[i] ^ change);
            write_text(folder / "b", other);
            try {
                load_gguf(folder / "b");
            } catch (const IoError&) {
            }
        }
}
