// Batches of a data set, epoch after epoch.
//
//   DataLoader loader(TensorDataset(x, y), {.batch_size = 64, .shuffle = true, .seed = 1, .workers = 2});
//   for (const auto& [x, y] : loader) ...           // one epoch; the next loop is the next one
//
// Which examples are in batch b of epoch e, and all chance in them, is a function of (seed, e, b): neither
// the number of workers nor an interruption changes a bit.
#pragma once

#include <optional>

#include "../tensor/creation.hpp"
#include "collate.hpp"
#include "prefetch.hpp"
#include "split.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LoaderOptions {
    int64_t batch_size = 1;
    /// Another order in every epoch.
    bool shuffle = false;
    /// Leave out a last batch that is not full.
    bool drop_last = false;
    std::uint64_t seed = 0;
    /// Threads that make batches ahead; 0 makes each when it is asked for.
    int workers = 0;
    /// Batches ahead for each worker.
    int64_t prefetch = 2;
};

/// Where a loader is: batch `batch` of epoch `epoch` comes next.
struct LoaderPosition {
    int64_t epoch = 0, batch = 0;
    friend bool operator==(const LoaderPosition&, const LoaderPosition&) = default;
};

template <Dataset D, class CollateFunction = Collate>
class DataLoader {
    using Example = ExampleOf<D>;

public:
    using Batch = std::invoke_result_t<const CollateFunction&, const std::vector<Example>&>;

    /// Throws   ValueError: batch_size, workers or prefetch out of range
    explicit DataLoader(D dataset, LoaderOptions options = {}, CollateFunction collate = {})
        : source_(std::make_shared<const Source>(Source{std::move(dataset), std::move(collate), options})) {
        if (options.batch_size < 1)
            detail::fail<ValueError>("loader", "batch_size is ", options.batch_size, "; it must be positive");
        if (options.workers < 0 || options.prefetch < 1)
            detail::fail<ValueError>("loader", options.workers, " workers with ", options.prefetch,
                                     " batches ahead each");
        if (options.workers > 0)
            prefetch_ = std::make_unique<Prefetch>(options.workers, options.workers * options.prefetch);
    }

    /// Batches of an epoch.
    int64_t batches() const { return source_->batches(); }
    const D& dataset() const { return source_->dataset; }
    LoaderPosition position() const { return position_; }

    /// Batch `batch` of epoch `epoch` comes next.
    /// Throws   ValueError: there is no such batch
    void seek(LoaderPosition position) {
        if (position.epoch < 0 || position.batch < 0 || position.batch > batches())
            detail::fail<ValueError>("loader", "there is no batch ", position.batch, " of epoch ",
                                     position.epoch, ": an epoch has ", batches());
        position_ = position;
        epoch_ = nullptr;
    }

    /// The next batch; nothing at the end of an epoch, once.
    /// Throws   what the data set or the collation throws; the batch after it comes next
    std::optional<Batch> next() {
        if (position_.batch >= batches()) {
            position_ = {position_.epoch + 1, 0};
            epoch_ = nullptr;
            return std::nullopt;
        }
        if (epoch_ == nullptr) begin_epoch();
        const int64_t number = position_.batch++;
        if (prefetch_ == nullptr) {
            const no_grad off;
            return source_->make(*epoch_, number);
        }
        return std::move(*std::static_pointer_cast<Batch>(prefetch_->take()));
    }

    /// What `restore` goes on from, for the checkpoint of a run.
    /// Shape    (5,)
    Tensor<int64_t> state() const {
        return Tensor<int64_t>{position_.epoch, position_.batch, dataset().size(), options().batch_size,
                               std::bit_cast<int64_t>(options().seed)};
    }
    /// Throws   ValueError: the state of a loader of another size, batch_size or seed
    void restore(const Tensor<int64_t>& state) {
        if (state.shape() != Shape{5})
            detail::fail<ValueError>("loader", "a state of shape ", state.shape(), ", not (5,)");
        const auto same = [](const char* what, int64_t saved, int64_t here) {
            if (saved != here)
                detail::fail<ValueError>("loader", "the state is of a loader whose ", what, " is ", saved,
                                         ", here it is ", here);
        };
        same("size", state(2), dataset().size());
        same("batch_size", state(3), options().batch_size);
        same("seed", state(4), std::bit_cast<int64_t>(options().seed));
        seek({state(0), state(1)});
    }

    class Iterator {
    public:
        explicit Iterator(DataLoader& loader) : loader_(loader), batch_(loader.next()) {}
        const Batch& operator*() const { return *batch_; }
        Iterator& operator++() {
            batch_ = loader_.next();
            return *this;
        }
        bool operator==(std::nullopt_t) const { return !batch_.has_value(); }

    private:
        DataLoader& loader_;
        std::optional<Batch> batch_;
    };
    /// What is left of the epoch.
    Iterator begin() { return Iterator(*this); }
    std::nullopt_t end() const { return std::nullopt; }

private:
    struct Epoch {
        Generator generator;
        std::vector<int64_t> order;  // none: as they come
    };
    // What workers see: it never changes, and lives as long as they do.
    struct Source {
        D dataset;
        CollateFunction collate;
        LoaderOptions options;

        int64_t batches() const {
            const int64_t n = dataset.size(), b = options.batch_size;
            return n / b + (n % b != 0 && !options.drop_last ? 1 : 0);
        }
        Batch make(const Epoch& epoch, int64_t number) const {
            const int64_t begin = number * options.batch_size,
                          end = std::min(begin + options.batch_size, static_cast<int64_t>(dataset.size()));
            std::vector<Example> examples;
            examples.reserve(static_cast<std::size_t>(end - begin));
            for (int64_t k = begin; k < end; ++k) {
                const int64_t i = epoch.order.empty() ? k : epoch.order[static_cast<std::size_t>(k)];
                Generator generator = epoch.generator.split(static_cast<std::uint64_t>(i));
                examples.push_back(draw_example(dataset, i, generator));
            }
            return collate(examples);
        }
    };

    const LoaderOptions& options() const { return source_->options; }

    void begin_epoch() {
        auto epoch = std::make_shared<Epoch>();
        // Stream 1: an example's own chance has nothing to do with its place in the order.
        epoch->generator = Generator(options().seed, 1).split(static_cast<std::uint64_t>(position_.epoch));
        if (options().shuffle) epoch->order = epoch_order(dataset().size(), options().seed, position_.epoch);
        epoch_ = epoch;
        if (prefetch_ != nullptr)
            prefetch_->start(position_.batch, batches(),
                             [source = source_, shared = epoch_](int64_t number) -> Prefetch::Thing {
                                 return std::make_shared<Batch>(source->make(*shared, number));
                             });
    }

    std::shared_ptr<const Source> source_;
    LoaderPosition position_;
    std::shared_ptr<const Epoch> epoch_;  // null until the first batch of the epoch is asked for
    std::unique_ptr<Prefetch> prefetch_;
};

}
