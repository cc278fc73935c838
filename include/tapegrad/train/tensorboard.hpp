// Event files of TensorBoard: numbers and pictures by step. `tensorboard --logdir FOLDER` shows them.
//
// A file is a sequence of records: the length of the data in 64 bits, a masked CRC-32C of that, the data, a
// masked CRC-32C of it. The data is an Event of protocol buffers, of which this writes the few fields it needs.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "../io/bytes.hpp"
#include "../io/png.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A message of protocol buffers, field by field.
class ProtoMessage {
public:
    ProtoMessage& whole(unsigned field, std::uint64_t value) {
        varint(field << 3);
        varint(value);
        return *this;
    }
    ProtoMessage& real(unsigned field, double value) {
        varint(field << 3 | 1);
        append_little(bytes_, std::bit_cast<std::uint64_t>(value));
        return *this;
    }
    ProtoMessage& real(unsigned field, float value) {
        varint(field << 3 | 5);
        append_little(bytes_, std::bit_cast<std::uint32_t>(value));
        return *this;
    }
    ProtoMessage& bytes(unsigned field, std::string_view value) {
        varint(field << 3 | 2);
        varint(value.size());
        bytes_ += value;
        return *this;
    }
    ProtoMessage& message(unsigned field, const ProtoMessage& value) { return bytes(field, value.bytes_); }
    const std::string& data() const { return bytes_; }

private:
    /// Seven bits a byte, the least significant first; all but the last have the eighth set.
    void varint(std::uint64_t value) {
        for (; value >= 128; value >>= 7) bytes_ += static_cast<char>((value & 127) | 128);
        bytes_ += static_cast<char>(value);
    }
    std::string bytes_;
};

/// CRCs of data that holds CRCs are weak; so they are turned and shifted.
inline std::uint32_t masked_crc32c(const std::string& data) {
    const std::uint32_t crc = crc32c(as_bytes(data));
    return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}
inline std::string event_record(const std::string& data) {
    std::string out;
    append_little(out, static_cast<std::uint64_t>(data.size()));
    append_little(out, masked_crc32c(out));
    out += data;
    append_little(out, masked_crc32c(data));
    return out;
}

}

/// Writes one event file into a folder. A run that goes on writes another one beside it: of a step that both
/// have TensorBoard shows the later.
class TensorBoardLog {
public:
    /// Makes the folder when it is not there.
    /// Throws   IoError: the folder or the file cannot be made
    explicit TensorBoardLog(const std::string& folder) {
        static constinit std::atomic<unsigned> count{0};
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        // TensorBoard takes files with "tfevents" in their names, in the order of the names.
        path_ = folder + "/events.out.tfevents." + std::to_string(static_cast<int64_t>(now())) +
                ".tapegrad." + std::to_string(::getpid()) + "." + std::to_string(count.fetch_add(1));
        file_.reset(std::fopen(path_.c_str(), "wxe"));
        if (file_ == nullptr) detail::fail_system("tensorboard", path_, "cannot be created");
        write(detail::ProtoMessage().real(1, now()).bytes(3, "brain.Event:2"));
    }

    const std::string& path() const { return path_; }

    /// A number of a step; "train/loss" stands in the group "train".
    /// Throws   IoError: the disk is full
    void scalar(int64_t step, std::string_view tag, double value) {
        summary(step, detail::ProtoMessage().bytes(1, tag).real(2, static_cast<float>(value)));
    }
    /// A picture of a step.
    /// Shape    (height, width), or (channels, height, width) with 1, 3 or 4 channels
    /// Throws   ShapeError: another shape; IoError: the disk is full
    template <std::same_as<uint8_t> T>
    void image(int64_t step, std::string_view tag, const Tensor<T>& picture) {
        const std::string png = encode_png(picture);
        const int64_t channels = picture.rank() == 3 ? picture.size(0) : 1;
        const auto number = [](int64_t n) { return static_cast<std::uint64_t>(n); };
        detail::ProtoMessage encoded;
        encoded.whole(1, number(picture.size(-2))).whole(2, number(picture.size(-1)));
        encoded.whole(3, number(channels)).bytes(4, png);
        summary(step, detail::ProtoMessage().bytes(1, tag).message(4, encoded));
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    static double now() {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
    void summary(int64_t step, const detail::ProtoMessage& value) {
        detail::ProtoMessage event;
        event.real(1, now()).whole(2, static_cast<std::uint64_t>(step));
        write(event.message(5, detail::ProtoMessage().message(1, value)));
    }
    void write(const detail::ProtoMessage& event) {
        const std::string record = detail::event_record(event.data());
        if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size() ||
            std::fflush(file_.get()) != 0)
            detail::fail_system("tensorboard", path_, "cannot be written");
    }

    std::string path_;
    std::unique_ptr<std::FILE, Close> file_;
};

}
