#include <tapegrad/io/atomic_file.hpp>

#include <doctest/doctest.h>

#include <sys/resource.h>

#include <csignal>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("atomic_file: the name means the old or the new file") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    write_text(path, "old");
    {
        AtomicFile file("writer", path);
        file.write("new!", 4);
        CHECK(read_text(path) == "old");
        file.commit();
        CHECK(read_text(path) == "new!");
    }
    CHECK(folder.files() == 1);
    {
        AtomicFile forgotten("writer", path);
        forgotten.write("lost", 4);
        CHECK(folder.files() == 2);
    }
    CHECK(read_text(path) == "new!");
    CHECK(folder.files() == 1);
}

TEST_CASE("atomic_file: what is flushed waits for its name") {
    const TemporaryFolder folder;
    AtomicFile first("writer", folder / "a"), second("writer", folder / "b");
    first.write("1", 1);
    second.write("2", 1);
    first.flush();
    second.flush();
    CHECK(folder.files() == 2);
    CHECK(!std::filesystem::exists(folder / "a"));
    first.commit();
    second.commit();
    CHECK(read_text(folder / "a") + read_text(folder / "b") == "12");
    CHECK(folder.files() == 2);
    {
        AtomicFile forgotten("writer", folder / "c");
        forgotten.flush();
    }
    CHECK(folder.files() == 2);
}

TEST_CASE("atomic_file: two at once do not meet") {
    const TemporaryFolder folder;
    AtomicFile first("writer", folder / "a"), second("writer", folder / "a");
    first.write("1", 1);
    second.write("2", 1);
    second.commit();
    first.commit();
    CHECK(read_text(folder / "a") == "1");
    CHECK(folder.files() == 1);
}

TEST_CASE("atomic_file: the mode of the old file is kept") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    write_text(path, "old");
    ::chmod(path.c_str(), 0640);
    AtomicFile file("writer", path);
    file.commit();
    struct stat status {};
    ::stat(path.c_str(), &status);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("atomic_file: a disk that is full leaves the old file and nothing else") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    write_text(path, "old");
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 1000;
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string text(5000, 'x');
    bool refused = false;
    try {
        AtomicFile file("writer", path);
        file.write(text.data(), 5000);
        file.commit();
    } catch (const IoError& e) {
        refused = std::string(e.what()).find("cannot be written: File too large") != std::string::npos;
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(refused);
    CHECK(read_text(path) == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("atomic_file: errors") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(AtomicFile("writer", folder.path),
                         ("writer: " + folder.path + ": is a folder").c_str(), IoError);
    CHECK_THROWS_AS(AtomicFile("writer", folder / "missing/a"), IoError);
}
