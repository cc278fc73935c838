// Bytes of a fuzzer as a file, since readers open paths: a file in memory that is written anew for every input.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace fuzz {

inline const std::string& as_file(const std::uint8_t* data, std::size_t size) {
    static const int handle = ::memfd_create("fuzz", MFD_CLOEXEC);
    static const std::string path = "/proc/self/fd/" + std::to_string(handle);
    if (handle < 0 || ::ftruncate(handle, 0) != 0) std::abort();
    for (std::size_t at = 0; at < size;) {
        const ssize_t done = ::pwrite(handle, data + at, size - at, static_cast<off_t>(at));
        if (done <= 0) std::abort();
        at += static_cast<std::size_t>(done);
    }
    return path;
}

}
