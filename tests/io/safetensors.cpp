#include <tapegrad/io/safetensors.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

template <class T>
bool same_bits(const Tensor<T>& a, const Tensor<T>& b) {
    return a.shape() == b.shape() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.numel()) * sizeof(T)) == 0;
}
template <class T>
Tensor<T> counted(const Shape& shape, double factor, double shift) {
    Tensor<T> x = empty<T>(shape);
    for (int64_t i = 0; i < x.numel(); ++i)
        x.mutable_data()[i] = static_cast<T>(static_cast<float>(static_cast<double>(i) * factor + shift));
    return x;
}

/// What tests/golden/safetensors_check.py writes and checks.
StateDict golden_content() {
    StateDict d;
    d.add("f32", counted<float>({2, 3}, 0.5, -1));
    Tensor<double> f64 = empty<double>({3, 2});
    for (int i = 0; i < 6; ++i) f64.mutable_data()[i] = i * 0.25 + std::ldexp(1.0, -40);
    d.add("f64", f64);
    d.add("bf16", counted<bfloat16>({2, 4}, 1, -3.5));
    d.add("f16", counted<float16>({5}, 0.125, 0));
    Tensor<int32_t> i32 = empty<int32_t>({2, 2});
    for (int i = 0; i < 4; ++i)
        i32.mutable_data()[i] = static_cast<int32_t>(int64_t{i} * 1000003 - 2147483648);
    d.add("i32", i32);
    d.add("i64", arange<int64_t>(9007199254740993, 9007199254740996));
    d.add("u8", Tensor<uint8_t>{250, 251, 252, 253, 254, 255});
    d.add("bool", Tensor<bool>{{true, false, false}, {true, false, true}});
    constexpr float inf = std::numeric_limits<float>::infinity();
    d.add("special",
          Tensor<float>{std::numeric_limits<float>::quiet_NaN(), inf, -inf, -0.0F, std::ldexp(1.0F, -149)});
    d.add("scalar.f32", Tensor<float>(3.25F));
    d.add("scalar.i64", Tensor<int64_t>(-7));
    d.add("scalar.bool", Tensor<bool>(true));
    d.add("empty.f32", zeros<float>({0}));
    d.add("empty.middle", zeros<double>({2, 0, 3}));
    Tensor<uint8_t> rank8 = empty<uint8_t>({1, 2, 1, 2, 1, 2, 1, 2});
    for (int i = 0; i < 16; ++i) rank8.mutable_data()[i] = static_cast<uint8_t>(i);
    d.add("rank8", rank8);
    d.add("слой.0.вес", Tensor<float>{1, 2, 3});
    d.add("層 0 / 重み", Tensor<float>{4, 5});
    d.add("emoji 😀", Tensor<int32_t>{6});
    d.add("quote \" backslash \\ end", Tensor<int32_t>{7});
    d.add("tab \t newline \n", Tensor<int32_t>{8});
    d.add("control \x01 \x7f", Tensor<int32_t>{9});
    d.add("", Tensor<int32_t>{10});
    return d;
}
const SafetensorsMetadata golden_metadata = {
    {"format", "pt"}, {"empty", ""}, {"note", "a \"quoted\" line \n and ü 😀"}};

void check_equal(const StateDict& found, const StateDict& wanted) {
    CHECK(found.size() == wanted.size());
    for (const NamedTensor& entry : wanted) {
        CAPTURE(entry.name);
        const TensorBase* other = found.find(entry.name);
        REQUIRE(other != nullptr);
        REQUIRE(other->dtype() == entry.tensor.dtype());
        visit(entry.tensor,
              [&]<class T>(const Tensor<T>& x) { CHECK(same_bits(x, detail::cast_handle<T>(*other))); });
    }
}

/// A file of this header and this many bytes of data.
std::string with_header(const std::string& header, std::size_t data = 0) {
    std::string text(8, '\0');
    const std::uint64_t n = header.size();
    std::memcpy(text.data(), &n, 8);
    return text + header + std::string(data, '\0');
}
/// One float tensor "a" of shape (2,), with one of its parts replaced.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets,
                std::size_t data = 8) {
    return with_header(
        R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}", data);
}

struct Broken {
    std::string what;
    std::string text, message;  // the end of the message
};

std::vector<Broken> broken_files() {
    const auto prefix = [](std::uint64_t n) {
        std::string text(8, '\0');
        std::memcpy(text.data(), &n, 8);
        return text;
    };
    const std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
    const auto tensor = [](const std::string& name, int begin, int end) {
        return "\"" + name + R"(":{"dtype":"U8","shape":[)" + std::to_string(end - begin) +
               R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    };
    std::string many = R"({"__metadata__":{)";
    for (int i = 0; i < 70'000; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
    many += "}}";
    return {
        {"empty", "", "at byte 0: the length of the header is missing: the file has 0 bytes"},
        {"7 bytes", std::string(7, '\0'),
         "at byte 0: the length of the header is missing: the file has 7 bytes"},
        {"header of 0", prefix(0), "at byte 0: a header of 0 bytes"},
        {"header of 1", prefix(1) + "{", "at byte 0: a header of 1 bytes"},
        {"header past the end", prefix(100) + "{}", "at byte 0: a header of 100 bytes in a file of 10"},
        {"header above the limit", prefix(100'000'001),
         "at byte 0: a header of 100000001 bytes; the format allows 100000000"},
        {"header of 2^63", prefix(std::uint64_t{1} << 63) + "{}",
         "at byte 0: a header of 9223372036854775808 bytes; the format allows 100000000"},
        {"header of 2^64 - 1", prefix(~std::uint64_t{0}) + "{}",
         "at byte 0: a header of 18446744073709551615 bytes; the format allows 100000000"},
        {"space first", with_header(" {}"), "at byte 8: the header does not begin with {"},
        {"BOM first", with_header("\xef\xbb\xbf{}"), "at byte 8: the header does not begin with {"},
        {"array", with_header("[]"), "at byte 8: the header does not begin with {"},
        {"invalid UTF-8", with_header("{\"\xff\":{}}"), ""},
        {"lone surrogate", with_header(R"({"\ud800":{}})"), ""},
        {"NUL padding", with_header(std::string("{}\0\0", 4)),
         "at byte 11: the header does not end with } and spaces"},
        {"newline padding", with_header("{}\n"), "at byte 10: the header does not end with } and spaces"},
        {"junk behind", with_header("{}{}"), ""},
        {"comment", with_header("{/**/}"), ""},
        {"tensor twice", with_header("{" + a + "," + a + "}", 8), "at byte 8: tensor 'a' is there twice"},
        {"tensor twice, escaped",
         with_header("{" + tensor("a", 0, 1) + "," + tensor("\\u0061", 1, 2) + "}", 2),
         "at byte 8: tensor 'a' is there twice"},
        {"dtype twice",
         with_header(R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8),
         "at byte 35: tensor 'a': the key 'dtype' is there twice"},
        {"depth", with_header(R"({"a":)" + std::string(10'000, '[') + "}"),
         "at byte 14: tensor 'a': [ is not expected"},
        {"depth of objects", with_header("{\"a\":{\"shape\":" + std::string(1000, '{') + "}"),
         "at byte 23: tensor 'a': shape: { is not expected"},
        {"depth in a shape", one("\"F32\"", "[[2]]", "[0,8]"),
         "at byte 38: tensor 'a': shape: [ is not expected"},
        {"no dtype", with_header(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8),
         "tensor 'a': dtype is missing"},
        {"no shape", with_header(R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", 8),
         "tensor 'a': shape is missing"},
        {"no offsets", with_header(R"({"a":{"dtype":"F32","shape":[2]}})", 8),
         "tensor 'a': data_offsets is missing"},
        {"unknown key", with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8),
         "tensor 'a': the key 'x' is unknown"},
        {"unknown dtype", one("\"F128\"", "[2]", "[0,8]"),
         "at byte 28: tensor 'a': dtype: the element type 'F128' is unknown"},
        {"lower case dtype", one("\"f32\"", "[2]", "[0,8]"), "the element type 'f32' is unknown"},
        {"dtype a number", one("32", "[2]", "[0,8]"), "tensor 'a': dtype: a number is not expected"},
        {"size -1", one("\"F32\"", "[-1]", "[0,8]"), "tensor 'a': shape: the number -1 is negative"},
        {"size 1.0", one("\"F32\"", "[1.0]", "[0,8]"), "tensor 'a': shape: the number 1.0 is not expected"},
        {"size 1e3", one("\"F32\"", "[1e3]", "[0,8]"), "tensor 'a': shape: the number 1e3 is not expected"},
        {"size 2^53 + 1", one("\"F32\"", "[9007199254740993]", "[0,8]"),
         "8 bytes for a shape (9007199254740993,) of F32, which needs 36028797018963972"},
        {"size 2^63", one("\"F32\"", "[9223372036854775808]", "[0,8]"),
         "tensor 'a': shape: a number from 2^63 on is not expected"},
        {"size 2^64", one("\"F32\"", "[18446744073709551616]", "[0,8]"),
         "the number 18446744073709551616 is not expected"},
        {"size a string", one("\"F32\"", "[\"2\"]", "[0,8]"), "tensor 'a': shape: a string is not expected"},
        {"size null", one("\"F32\"", "[null]", "[0,8]"), "tensor 'a': shape: null is not expected"},
        {"shape null", one("\"F32\"", "null", "[0,8]"), "tensor 'a': shape: null is not expected"},
        {"product overflows", one("\"F32\"", "[4294967296,4294967296]", "[0,8]"),
         "shape (4294967296, 4294967296) needs more than 2^63 - 1 bits"},
        {"bits overflow", one("\"F32\"", "[1152921504606846976]", "[0,8]"), "needs more than 2^63 - 1 bits"},
        {"strides overflow beside a 0", one("\"F32\"", "[0,1099511627776,1099511627776]", "[0,0]", 0),
         "has strides above 2^63 - 1"},
        {"rank 9", one("\"U8\"", "[1,1,1,1,1,1,1,1,1]", "[0,1]", 1),
         "tensor 'a': shape: the shape has more than 8 axes"},
        {"end before begin", one("\"F32\"", "[2]", "[8,0]"), "data_offsets end at 0 before they begin at 8"},
        {"end past the data", one("\"F32\"", "[2]", "[0,8]", 7), "data_offsets end at 8, the data at 7"},
        {"offsets wrap", one("\"F32\"", "[2]", "[0,9223372036854775807]"),
         "data_offsets end at 9223372036854775807, the data at 8"},
        {"one offset", one("\"F32\"", "[2]", "[0]"), "data_offsets has less than two numbers"},
        {"three offsets", one("\"F32\"", "[2]", "[0,8,8]"), "data_offsets has more than two numbers"},
        {"offset -1", one("\"F32\"", "[2]", "[-1,8]"), "data_offsets: the number -1 is negative"},
        {"overlap", with_header("{" + tensor("a", 0, 2) + "," + tensor("b", 1, 3) + "}", 3),
         "tensor 'b': data_offsets begin at 1, the tensor before ends at 2"},
        {"the same bytes twice", with_header("{" + tensor("a", 0, 2) + "," + tensor("b", 0, 2) + "}", 2),
         "tensor 'b': data_offsets begin at 0, the tensor before ends at 2"},
        {"hole first", one("\"F32\"", "[2]", "[4,12]", 12),
         "tensor 'a': data_offsets begin at 4, the tensor before ends at 0"},
        {"hole between", with_header("{" + tensor("a", 0, 1) + "," + tensor("b", 2, 3) + "}", 3),
         "tensor 'b': data_offsets begin at 2, the tensor before ends at 1"},
        {"bytes behind", one("\"F32\"", "[2]", "[0,8]", 9), "1 bytes follow the last tensor"},
        {"bytes without tensors", with_header("{}", 1), "1 bytes follow the last tensor"},
        {"size and shape differ", one("\"F32\"", "[3]", "[0,8]"),
         "tensor 'a': 8 bytes for a shape (3,) of F32, which needs 12"},
        {"half a byte", one("\"F4\"", "[3]", "[0,2]", 2), "shape (3,) of F4 is no whole number of bytes"},
        {"metadata a string", with_header(R"({"__metadata__":"x"})"), "a string is not expected"},
        {"metadata of numbers", with_header(R"({"__metadata__":{"x":1}})"),
         "__metadata__: a number is not expected"},
        {"metadata of objects", with_header(R"({"__metadata__":{"x":{}}})"),
         "__metadata__: { is not expected"},
        {"metadata twice", with_header(R"({"__metadata__":{},"__metadata__":{}})"),
         "__metadata__ is there twice"},
        {"metadata key twice", with_header(R"({"__metadata__":{"x":"","x":""}})"),
         "__metadata__: the key 'x' is there twice"},
        {"metadata of many keys", with_header(many), "__metadata__ has more than 65536 keys"},
        {"tensor a number", with_header(R"({"a":1})"), "tensor 'a': a number is not expected"},
        {"tensor null", with_header(R"({"a":null})"), "tensor 'a': null is not expected"},
    };
}

}

TEST_CASE("safetensors: what is written is read back, bit for bit") {
    const TemporaryFolder folder;
    const std::string path = folder / "all.safetensors";
    save_safetensors(path, golden_content(), golden_metadata);
    const SafetensorsFile file(path);
    check_equal(file.load_all(), golden_content());
    CHECK(file.metadata() == golden_metadata);
    CHECK(*file.find_metadata("format") == "pt");
    CHECK(file.find_metadata("other") == nullptr);
    CHECK(folder.files() == 1);
    // Every tensor aligned, the header a multiple of 8.
    for (const SafetensorsEntry& e : file.entries()) {
        const int64_t size = detail::find_safetensors_type(e.type)->bits / 8;
        CHECK(e.begin % size == 0);
    }
    CHECK(read_text(path)[0] % 8 == 0);
    // For the other direction: python tests/golden/safetensors_check.py check FILE
    if (const char* copy = std::getenv("TAPEGRAD_SAFETENSORS_OUT"))
        save_safetensors(copy, golden_content(), golden_metadata);
}

TEST_CASE("safetensors: a file of the Python package") {
    const SafetensorsFile file(golden("python_written.safetensors"));
    check_equal(file.load_all(), golden_content());
    for (const auto& [key, value] : golden_metadata) {
        REQUIRE(file.find_metadata(key) != nullptr);
        CHECK(*file.find_metadata(key) == value);
    }
}

TEST_CASE("safetensors: NaN payloads and views are kept") {
    const TemporaryFolder folder;
    const std::uint32_t bits[] = {0x7fc00001, 0xffc12345, 0x7f800001};
    Tensor<float> nans = empty<float>({3});
    std::memcpy(nans.mutable_data(), bits, sizeof(bits));
    const Tensor<float> x{{1, 2, 3}, {4, 5, 6}};
    StateDict dict;
    dict.add("nans", nans);
    dict.add("transposed", detail::view_of(x, {3, 2}, {1, 3}));
    save_safetensors(folder / "a", dict);
    const StateDict loaded = load_safetensors(folder / "a");
    CHECK(same_bits(loaded.get<float>("nans"), nans));
    CHECK(to_vector(loaded.get<float>("transposed")) == std::vector<float>{1, 4, 2, 5, 3, 6});
}

TEST_CASE("safetensors: elements need no alignment, empty tensors no bytes") {
    const TemporaryFolder folder;
    std::string text = with_header(
        R"({"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
        R"("f":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},)"
        R"("none":{"dtype":"F32","shape":[1099511627776,0,1099511627776],"data_offsets":[1,1]}}  )",
        1);
    const float values[] = {1.5F, -2.5F};
    text.append(reinterpret_cast<const char*>(values), 8);
    write_text(folder / "a", text);
    const SafetensorsFile file(folder / "a");
    CHECK(to_vector(file.load<float>("f")) == std::vector<float>{1.5F, -2.5F});
    CHECK(file.load<float>("none").numel() == 0);
    CHECK(file.names() == std::vector<std::string>{"u", "f", "none"});
}

TEST_CASE("safetensors: types that no tensor holds do not keep the others from being read") {
    const TemporaryFolder folder;
    write_text(folder / "a", with_header(R"({"f8":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]},)"
                                         R"("u":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                         2));
    const SafetensorsFile file(folder / "a");
    CHECK(file.load<uint8_t>("u").numel() == 1);
    CHECK_THROWS_AS(file.load_any("f8"), IoError);
}

TEST_CASE("safetensors: broken files are refused with the file, the field and the place") {
    const TemporaryFolder folder;
    const std::string path = folder / "x.safetensors";
    for (const Broken& broken : broken_files()) {
        CAPTURE(broken.what);
        write_text(path, broken.text);
        try {
            const SafetensorsFile file(path);
            FAIL_CHECK("no error");
        } catch (const IoError& e) {
            const std::string message = e.what();
            CHECK(message.starts_with("safetensors: " + path + ": at byte "));
            CHECK(message.size() < 600);
            INFO(message);
            CHECK(message.ends_with(broken.message));
        }
    }
}

TEST_CASE("safetensors: a bool that is 2") {
    const TemporaryFolder folder;
    std::string text = one("\"BOOL\"", "[2]", "[0,2]", 2);
    text.back() = 2;
    write_text(folder / "a", text);
    const SafetensorsFile file(folder / "a");
    CHECK_THROWS_WITH_AS(file.load<bool>("a"),
                         ("safetensors: " + (folder / "a") + ": at byte 64: tensor 'a': the bool 2").c_str(),
                         IoError);
}

TEST_CASE("safetensors: names are names, never paths, and may be long") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("/../../x", Tensor<uint8_t>{1});
    dict.add(std::string("a\0b", 3), Tensor<uint8_t>{2});
    dict.add(std::string(1 << 20, 'n'), Tensor<uint8_t>{3});
    save_safetensors(folder / "a", dict);
    check_equal(load_safetensors(folder / "a"), dict);
    CHECK(folder.files() == 1);
}

TEST_CASE("safetensors: a file cut anywhere is refused, and a changed byte never crashes") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("layer.weight", counted<float>({3, 2}, 1, 0));
    dict.add("flags", Tensor<bool>{true, false, true});
    save_safetensors(folder / "a", dict, {{"k", "v"}});
    const std::string whole = read_text(folder / "a");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        write_text(folder / "b", whole.substr(0, n));
        CHECK_THROWS_AS(SafetensorsFile(folder / "b"), IoError);
    }
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const int change : {1, 0x20, 0x80, 0xff}) {
            std::string other = whole;
            other[i] = static_cast<char>(other[i] ^ change);
            write_text(folder / "b", other);
            try {
                load_safetensors(folder / "b");
            } catch (const IoError&) {
            }
        }
}

TEST_CASE("safetensors: a file that shrinks while it is read") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("a", zeros<float>({10'000}));
    save_safetensors(folder / "a", dict);
    const SafetensorsFile file(folder / "a");
    std::filesystem::resize_file(folder / "a", 1000);
    CHECK_THROWS_AS(file.load<float>("a"), IoError);
}

TEST_CASE("safetensors: errors") {
    const TemporaryFolder folder;
    const std::string missing = folder / "missing";
    CHECK_THROWS_WITH_AS(
        SafetensorsFile{missing},
        ("safetensors: " + missing + ": cannot be opened: No such file or directory").c_str(), IoError);
    CHECK_THROWS_WITH_AS(SafetensorsFile{folder.path},
                         ("safetensors: " + folder.path + ": is no regular file").c_str(), IoError);
    StateDict dict;
    dict.add("a", zeros<float>({2}));
    save_safetensors(folder / "a", dict);
    const SafetensorsFile file(folder / "a");
    CHECK_THROWS_AS(file.load<double>("a"), IoError);
    CHECK_THROWS_AS(file.load<float>("b"), IoError);
    StateDict reserved, invalid;
    reserved.add("__metadata__", zeros<float>({1}));
    invalid.add("\xff", zeros<float>({1}));
    CHECK_THROWS_AS(save_safetensors(folder / "c", reserved), ValueError);
    CHECK_THROWS_AS(save_safetensors(folder / "c", invalid), ValueError);
    CHECK(folder.files() == 1);
}

namespace {
struct Layer {
    Tensor<float> weight = zeros<float>({2, 2}), bias = zeros<float>({2});
    TAPEGRAD_FIELDS(weight, bias);
};
}

TEST_CASE("safetensors: straight from and into a module") {
    const TemporaryFolder folder;
    Layer from, to;
    from.weight = Tensor<float>{{1, 2}, {3, 4}};
    save_safetensors(folder / "a", from);
    CHECK(load_safetensors(folder / "a", to).ok());
    CHECK(same_bits(to.weight, from.weight));
}
