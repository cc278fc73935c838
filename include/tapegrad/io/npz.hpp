// npz files: several tensors under names, as NumPy's `savez` and `savez_compressed` write them.
#pragma once

#include "npy.hpp"
#include "zip.hpp"
#include "zip_writer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A npz file. Opening checks the archive; a tensor is read when it is asked for.
class NpzFile {
public:
    /// Throws   IoError: no such file, no archive, or an entry that is no npy file by its name
    explicit NpzFile(const std::string& path) : zip_("npz", path) {
        for (const ZipEntry& entry : zip_.entries())
            if (!entry.name.ends_with(".npy"))
                zip_.file().fail(entry.header, "entry ", ZipFile::shown(entry.name), " is no .npy");
    }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const ZipEntry& entry : zip_.entries()) result.push_back(name_of(entry));
        return result;
    }
    bool contains(std::string_view name) const { return find(name) != nullptr; }

    /// A tensor of the type that it has there.
    /// Throws   IoError: no such name, a damaged entry, or a type that no tensor has
    TensorBase load_any(std::string_view name) const {
        const ZipEntry* const entry = find(name);
        if (entry == nullptr) zip_.file().fail(0, "there is no tensor ", ZipFile::shown(name));
        return read(*entry);
    }
    /// The same, which must hold elements of T.
    /// Throws   IoError: as load_any; DtypeError: another element type
    template <class T>
    Tensor<T> load(std::string_view name) const {
        return detail::cast_handle<T>(load_any(name));
    }
    /// All of them, in the order of the archive.
    StateDict load_all() const {
        std::vector<NamedTensor> tensors;
        for (const ZipEntry& entry : zip_.entries()) tensors.push_back({name_of(entry), read(entry)});
        return StateDict(std::move(tensors));
    }

private:
    static std::string name_of(const ZipEntry& entry) { return entry.name.substr(0, entry.name.size() - 4); }
    const ZipEntry* find(std::string_view name) const {
        for (const ZipEntry& entry : zip_.entries())
            if (name_of(entry) == name) return &entry;
        return nullptr;
    }
    TensorBase read(const ZipEntry& entry) const {
        return detail::read_npy(
            MemorySource(zip_.file(), "entry " + ZipFile::shown(entry.name), zip_.read(entry)));
    }

    ZipFile zip_;
};

/// Every tensor of a npz file.
/// Throws   IoError: as NpzFile
inline StateDict load_npz(const std::string& path) { return NpzFile(path).load_all(); }

struct NpzOptions {
    /// Deflate the entries, as `savez_compressed` does.
    bool compressed = false;
};

/// Writes tensors under names, under a temporary name that becomes `path` when all is on the disk.
/// Throws   IoError: the file cannot be written
inline void save_npz(const std::string& path, const StateDict& dict, NpzOptions options = {}) {
    ZipWriter zip("npz", path);
    for (const NamedTensor& entry : dict)
        detail::write_npy_elements(entry.tensor, [&](Bytes bytes) {
            zip.add(entry.name + ".npy", detail::npy_head(entry.tensor), bytes, options.compressed);
        });
    zip.commit();
}

}
