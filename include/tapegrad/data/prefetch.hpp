// Worker threads that make numbered things ahead of the one who takes them, in order.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "../autograd/grad_mode.hpp"
#include "../core/error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Makes things number `first`, `first + 1`, ... on its threads, at most `ahead` of them before they are
/// taken. What is taken does not depend on how many threads there are, as long as thing i depends on i alone.
class Prefetch {
public:
    using Thing = std::shared_ptr<void>;
    using Make = std::function<Thing(std::int64_t)>;

    /// Throws   ValueError: fewer than one worker, or nothing ahead
    Prefetch(int workers, std::int64_t ahead) : ahead_(ahead) {
        if (workers < 1 || workers > 1024)
            detail::fail<ValueError>("prefetch", workers, " workers; from 1 to 1024 are possible");
        if (ahead < 1) detail::fail<ValueError>("prefetch", ahead, " things ahead; there must be 1 at least");
        for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
    }
    Prefetch(const Prefetch&) = delete;
    Prefetch& operator=(const Prefetch&) = delete;
    ~Prefetch() {
        {
            const std::lock_guard lock(mutex_);
            job_ = nullptr;
            ending_ = true;
        }
        room_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    /// Forgets what was made and begins with number `first` of those below `end`. `make` is called on several
    /// threads at once; it may still run for an earlier job when this returns.
    void start(std::int64_t first, std::int64_t end, Make make) {
        {
            const std::lock_guard lock(mutex_);
            job_ = std::make_shared<Job>(Job{std::move(make), first, first, end, {}});
        }
        room_.notify_all();
    }

    /// The next thing; waits for it.
    /// Throws   what making it threw; the one after it comes next
    Thing take() {
        std::unique_lock lock(mutex_);
        if (job_ == nullptr || job_->taken >= job_->end)
            detail::fail<Error>("prefetch", "there is nothing more to take");
        made_.wait(lock, [this] { return job_->made.contains(job_->taken); });
        const auto at = job_->made.find(job_->taken);
        const Result result = std::move(at->second);
        job_->made.erase(at);
        ++job_->taken;
        lock.unlock();
        room_.notify_all();
        if (result.failure != nullptr) std::rethrow_exception(result.failure);
        return result.thing;
    }

private:
    struct Result {
        Thing thing;
        std::exception_ptr failure;
    };
    struct Job {
        Make make;
        std::int64_t next, taken, end;
        std::map<std::int64_t, Result> made;
    };

    void work() {
        const no_grad off;
        std::unique_lock lock(mutex_);
        for (;;) {
            room_.wait(lock, [this] {
                return ending_ ||
                       (job_ != nullptr && job_->next < job_->end && job_->next < job_->taken + ahead_);
            });
            if (ending_) return;
            const std::shared_ptr<Job> job = job_;
            const std::int64_t number = job->next++;
            lock.unlock();
            Result result;
            try {
                result.thing = job->make(number);
            } catch (...) {
                result.failure = std::current_exception();
            }
            lock.lock();
            job->made.emplace(number, std::move(result));
            made_.notify_all();
        }
    }

    std::int64_t ahead_;
    std::mutex mutex_;
    std::condition_variable room_, made_;
    std::shared_ptr<Job> job_;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

}
