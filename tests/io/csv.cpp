#include <tapegrad/io/csv.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {
struct Reader {
    TemporaryFolder folder;
    std::string path = folder / "x.csv";
    CsvTable read(const std::string& text, CsvOptions options = {}) const {
        write_text(path, text);
        return read_csv(path, options);
    }
    std::string refused(const std::string& text, CsvOptions options = {}) const {
        try {
            return "not refused: " + std::to_string(read(text, options).rows());
        } catch (const IoError& e) {
            const std::string before = "csv: " + path + ": ", message = e.what();
            return message.starts_with(before) ? message.substr(before.size()) : message;
        }
    }
};
using Texts = std::vector<std::string>;
}

TEST_CASE("csv: columns of every type, by name") {
    const Reader reader;
    const CsvTable t =
        reader.read("x,n,name,flag\n1.5,-3,one,true\n-2e3,9007199254740993,two,0\n,+7,,False\n");
    CHECK(t.rows() == 3);
    CHECK(t.names() == Texts{"x", "n", "name", "flag"});
    const auto x = t.column<double>("x");
    CHECK(x(0) == 1.5);
    CHECK(x(1) == -2000);
    CHECK(std::isnan(x(2)));
    CHECK(to_vector(t.column<int64_t>("n")) == std::vector<int64_t>{-3, 9007199254740993, 7});
    CHECK(to_vector(t.column<bool>("flag")) == std::vector<bool>{true, false, false});
    CHECK(t.texts("name") == Texts{"one", "two", ""});
    CHECK(t.text(1, "name") == "two");
    const auto both = t.columns<float>({"n", "x"});
    CHECK(both.shape() == Shape{3, 2});
    CHECK(both(0, 1) == 1.5F);
    CHECK(both(0, 0) == -3.0F);
}

TEST_CASE("csv: quotes, line ends, separators and missing ends") {
    const Reader r;
    const CsvTable t = r.read("\xEF\xBB\xBF\"a, b\",c\r\n\"say \"\"hi\"\"\",\"two\nlines\"\r\n\r\nx, y ");
    CHECK(t.names() == Texts{"a, b", "c"});
    CHECK(t.rows() == 2);
    CHECK(t.texts("a, b") == Texts{"say \"hi\"", "x"});
    CHECK(t.texts("c") == Texts{"two\nlines", " y "});
    const CsvTable plain = r.read("1;2\n3;4", {.separator = ';', .header = false});
    CHECK(plain.names() == Texts{"0", "1"});
    CHECK(to_vector(plain.columns<int32_t>()) == std::vector<int32_t>{1, 2, 3, 4});
    CHECK(r.read("a,b\n").rows() == 0);
    CHECK(r.read("a,b\n").column<float>("b").shape() == Shape{0});
    CHECK(r.read("", {.header = false}).rows() == 0);
    CHECK(r.read("a\n1\n\n2\n").rows() == 3);
    CHECK(r.read("a,b\r1,2\r").rows() == 1);
    CHECK(r.read("a,b\n,\n").texts("b") == Texts{""});
}

TEST_CASE("csv: errors name the line and the column") {
    const Reader r;
    CHECK(r.refused("") == "line 1, column 1: there is no header");
    CHECK(r.refused("a,b\n1,2\n3\n") == "line 3, column 1: 1 fields, there are 2 columns");
    CHECK(r.refused("a,b\n\n1,2,3\n") == "line 3, column 1: 3 fields, there are 2 columns");
    CHECK(r.refused("a,a\n") == "line 1, column 1: the column 'a' is there twice");
    CHECK(r.refused("a,b\n1,\"2\n3\n") == "line 2, column 3: a quoted field does not end");
    CHECK(r.refused("a,b\n1,2\"3\"\n") == "line 2, column 4: a quote inside a field without quotes");
    CHECK(r.refused("a,b\n\"1\n\" 2,3\n") == "line 3, column 5: something follows a quoted field");
    const CsvTable t = r.read("x,y\n1,\"a\nb\"\n2,300\n3,1e999\n 4 ,nan\n");
    const auto message = [&](auto f) {
        try {
            f();
            return std::string("no error");
        } catch (const Error& e) {
            return std::string(e.what()).substr(5 + r.path.size() + 2);
        }
    };
    CHECK(message([&] { t.column<float>("y"); }) == "line 2, column 'y': 'a\nb' is no float32");
    CHECK(message([&] { t.column<uint8_t>("y"); }) == "line 2, column 'y': 'a\nb' is no uint8");
    CHECK(message([&] { t.column<bool>("x"); }) == "line 4, column 'x': '2' is no bool");
    CHECK(message([&] { t.column<int32_t>("z"); }) == "there is no column 'z'");
    CHECK(message([&] { t.text(4, "x"); }) == "row 4 is outside [0, 4)");
    CHECK(to_vector(t.column<int32_t>("x")) == std::vector<int32_t>{1, 2, 3, 4});
    for (const char* bad : {"1.5", "0x10", "1 2", "--1", "+-1", "2147483648", "one", ""}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(r.read("x,y\n" + std::string(bad) + ",\n").column<int32_t>("x"), IoError);
    }
    for (const char* bad : {"1,5", "1e999", "1.5.2", "0x1p3", "1f"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(r.read("x;y\n" + std::string(bad) + ";\n", {.separator = ';'}).column<float>("x"),
                        IoError);
    }
}

TEST_CASE("csv: fields are written so that they are read back") {
    const Reader reader;
    const Texts texts{"plain", "a,b", "say \"hi\"", "two\nlines", " space ", "", "\r"};
    std::string out = "x,y\n";
    for (const std::string& text : texts) {
        append_csv_field(out, text);
        out += ",0\n";
    }
    CHECK(reader.read(out).texts("x") == texts);
}
