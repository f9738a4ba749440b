#include "app/store_thread.h"

#include "app/system_clock.h"

#include <algorithm>
#include <utility>

namespace nlbd::app {

namespace {

constexpr std::size_t kJobsMax = 4096;

std::size_t bytesOfRows(const store::Rows &rows)
{
    std::size_t bytes = 0;
    for (const store::Row &row : rows)
        if (const auto *change = std::get_if<store::ChangeRow>(&row))
            bytes += change->record.size();
        else
            bytes += 1024; // small, and their exact size does not matter here
    return bytes;
}

} // namespace

StoreThread::StoreThread(Report report)
    : m_report(std::move(report))
    , m_jobs(kJobsMax)
    , m_thread([this] { run(); })
{
}

StoreThread::~StoreThread()
{
    m_jobs.close();
    m_thread.join();
}

void StoreThread::add(const WorkspaceId &workspace, std::unique_ptr<store::Store> storage)
{
    m_jobs.post(Add{workspace, std::move(storage)});
}

void StoreThread::commit(const WorkspaceId &workspace, engine::Persist persist)
{
    m_jobs.post(Commit{workspace, std::move(persist)});
}

void StoreThread::copy(const WorkspaceId &workspace, std::filesystem::path folder,
                       store::Copying::Mend mend, CopyDone done)
{
    m_jobs.post(Copy{workspace, std::move(folder), std::move(mend), std::move(done)});
}

void StoreThread::readBack(const WorkspaceId &workspace, std::vector<Hash> changes)
{
    m_jobs.post(Read{workspace, std::move(changes)});
}

void StoreThread::retry()
{
    m_jobs.post(Retry{});
}

Millis StoreThread::pause() const
{
    constexpr Millis kLong{60'000};
    Millis result = kLong;
    const MonoTime now = readClocks().mono;
    for (const auto &[id, lane] : m_lanes)
        if (!lane.waiting.empty())
            result = std::min(result, std::max(Millis{0}, lane.nextTry - now));
    return result;
}

void StoreThread::run()
{
    for (;;) {
        const bool isLast = m_jobs.isClosed();
        for (Job &job : m_jobs.takeAll(isLast ? Millis{0} : pause()))
            take(std::move(job));
        const MonoTime now = readClocks().mono;
        for (auto &[id, lane] : m_lanes)
            while (!lane.waiting.empty() && (isLast || lane.nextTry <= now)) {
                const std::size_t before = lane.waiting.size();
                work(id, lane);
                if (lane.waiting.size() == before)
                    break; // it failed
            }
        for (Copy &copy : std::exchange(m_copies, {}))
            carryOut(std::move(copy));
        for (Read &read : std::exchange(m_reads, {}))
            carryOut(std::move(read));
        if (isLast)
            return;
    }
}

void StoreThread::take(Job job)
{
    if (auto *addition = std::get_if<Add>(&job)) {
        m_lanes[addition->workspace].storage = std::move(addition->storage);
    } else if (auto *commit = std::get_if<Commit>(&job)) {
        m_lanes[commit->workspace].waiting.push_back(std::move(commit->persist));
    } else if (auto *copy = std::get_if<Copy>(&job)) {
        m_copies.push_back(std::move(*copy));
    } else if (auto *read = std::get_if<Read>(&job)) {
        m_reads.push_back(std::move(*read));
    } else {
        for (auto &[id, lane] : m_lanes)
            lane.nextTry = {};
    }
}

// What the disk refused waits on, and is not in the copy: it is told as not stored.
void StoreThread::carryOut(Copy copy)
{
    const auto lane = m_lanes.find(copy.workspace);
    auto *storage = lane == m_lanes.end()
        ? nullptr
        : dynamic_cast<store::Copying *>(lane->second.storage.get());
    if (storage == nullptr)
        copy.done(std::unexpected(
            store::StoreError{store::StoreError::Kind::Failed, "it is not stored in files"}));
    else
        copy.done(storage->copyTo(copy.folder, copy.mend));
}

// While something waits for the disk nothing is known: what is asked for may be among it.
void StoreThread::carryOut(Read read)
{
    const auto lane = m_lanes.find(read.workspace);
    auto *storage = lane == m_lanes.end()
        ? nullptr
        : dynamic_cast<store::ReadingBack *>(lane->second.storage.get());
    engine::RowsRead answer{std::move(read.changes), {}, std::nullopt};
    if (storage == nullptr || !lane->second.waiting.empty()) {
        answer.error = {store::StoreError::Kind::Failed, "it cannot be read now"};
    } else if (auto rows = storage->readBack(answer.asked); rows) {
        answer.rows = std::move(*rows);
    } else {
        answer.error = rows.error();
    }
    m_report({read.workspace, {}, {}, std::move(answer)});
}

// What only the journal holds is restored from it: a lazy batch with journal rows is durable before
// its text is written. What is left then waits like any other batch, told again when it is there.
std::expected<void, store::StoreError> StoreThread::tellAfterJournal(const WorkspaceId &workspace,
                                                                     Lane &lane, store::Rows rows,
                                                                     std::size_t count)
{
    const auto texts = std::ranges::stable_partition(rows, [](const store::Row &row) {
        return std::holds_alternative<store::JournalRow>(row)
            || std::holds_alternative<store::MetaRow>(row);
    });
    store::Rows rest(std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end()));
    rows.erase(texts.begin(), texts.end());
    if (auto entered = lane.storage->commit(rows, store::Sync::Lazy); !entered)
        return entered;
    const engine::PersistToken last = lane.waiting[count - 1].token;
    tellDone(workspace, lane, count);
    if (auto done = lane.storage->commit(rest, store::Sync::Lazy); !done) {
        lane.waiting.push_front({last, std::move(rest), store::Sync::Lazy});
        lane.nextTry = readClocks().mono + kRetry;
        m_report({workspace, last, std::move(done), {}});
    }
    return {};
}

// Commits the first batches together; if that fails, the first alone, whose failure is then known.
void StoreThread::work(const WorkspaceId &workspace, Lane &lane)
{
    if (!lane.storage)
        return;
    store::Rows rows;
    store::Sync sync = store::Sync::Lazy;
    std::size_t count = 0;
    for (std::size_t bytes = 0;
         count < lane.waiting.size() && (count == 0 || bytes < kGroupBytesMax); ++count) {
        const engine::Persist &persist = lane.waiting[count];
        rows.insert(rows.end(), persist.rows.begin(), persist.rows.end());
        bytes += bytesOfRows(persist.rows);
        if (persist.sync == store::Sync::Full)
            sync = store::Sync::Full;
    }
    const bool isJournalEnough =
        sync == store::Sync::Lazy && std::ranges::any_of(rows, [](const store::Row &row) {
            return std::holds_alternative<store::JournalRow>(row);
        });
    auto done = isJournalEnough ? tellAfterJournal(workspace, lane, rows, count)
                                : lane.storage->commit(rows, sync);
    if (done && isJournalEnough)
        return;
    if (!done && count > 1) {
        count = 1;
        done = lane.storage->commit(lane.waiting.front().rows, lane.waiting.front().sync);
    }
    if (!done) {
        lane.nextTry = readClocks().mono + kRetry;
        m_report({workspace, lane.waiting.front().token, std::move(done), {}});
        return;
    }
    tellDone(workspace, lane, count);
}

/// The last of them stands for all before it: each that is told costs its workspace a step.
void StoreThread::tellDone(const WorkspaceId &workspace, Lane &lane, std::size_t count)
{
    m_report({workspace, lane.waiting[count - 1].token, {}, {}});
    lane.waiting.erase(lane.waiting.begin(),
                       lane.waiting.begin() + static_cast<std::ptrdiff_t>(count));
}

} // namespace nlbd::app
