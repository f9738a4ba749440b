#include "app/store_thread.h"
#include "core/store/memory_store.h"

#include <QTest>

#include <condition_variable>

using namespace nlbd;
using namespace nlbd::app;

namespace {

const WorkspaceId kWorkspace{};

store::JournalRow journal(std::uint64_t phase)
{
    return {1, Epoch(), 0, phase, Bytes(8, static_cast<std::byte>(phase))};
}

store::ChangeRow change(std::uint8_t number)
{
    store::ChangeRow row;
    row.hash.value[0] = static_cast<std::byte>(number);
    row.record = Bytes(8, static_cast<std::byte>(number));
    return row;
}

bool isJournal(const store::Rows &rows)
{
    return std::ranges::any_of(
        rows, [](const store::Row &row) { return std::holds_alternative<store::JournalRow>(row); });
}

/// Everything that the thread asks of the disk and says, in order; the disk refuses texts on
/// demand.
struct Log {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> lines;
    bool refusesTexts = false;
    bool isHeld = false; ///< the disk takes its time

    void add(std::string line)
    {
        const std::lock_guard lock(mutex);
        lines.push_back(std::move(line));
        changed.notify_all();
    }
    [[nodiscard]] bool waitFor(const std::vector<std::string> &wanted)
    {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), [&] { return lines == wanted; });
    }
    [[nodiscard]] std::string all()
    {
        const std::lock_guard lock(mutex);
        std::string text;
        for (const std::string &line : lines)
            text += line + "; ";
        return text;
    }
    [[nodiscard]] bool refuses(const store::Rows &rows)
    {
        const std::lock_guard lock(mutex);
        return refusesTexts && !isJournal(rows);
    }
    void setHeld(bool isHeldNow)
    {
        const std::lock_guard lock(mutex);
        isHeld = isHeldNow;
        changed.notify_all();
    }
    void waitUntilLetGo()
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return !isHeld; });
    }
    void setRefusesTexts(bool refuses)
    {
        const std::lock_guard lock(mutex);
        refusesTexts = refuses;
    }
};

class LoggedStore final : public store::Store {
public:
    explicit LoggedStore(Log &log)
        : m_log(log)
    {
    }
    std::expected<void, store::StoreError> commit(const store::Rows &rows,
                                                  store::Sync sync) override
    {
        const std::string what = isJournal(rows) ? (rows.size() > 1 ? "both" : "journal") : "text";
        m_log.add(what + (sync == store::Sync::Full ? " full" : ""));
        m_log.waitUntilLetGo();
        if (m_log.refuses(rows))
            return std::unexpected(
                store::StoreError{store::StoreError::Kind::Full, "no space for texts"});
        return {};
    }
    std::expected<store::StoredWorkspace, store::StoreError> load() override { return {}; }

private:
    Log &m_log;
};

engine::Persist own(std::uint64_t token, store::Sync sync)
{
    return {engine::PersistToken(token),
            {journal(token), change(static_cast<std::uint8_t>(token))},
            sync};
}

} // namespace

/// When the thread that waits for the disk says that something is durable.
class StoreThreadTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anOwnChangeIsToldAfterItsJournal();
    void whatIsWrittenTogetherIsToldOnce();
    void whatAsksForAllOfItWaitsForAllOfIt();
    void aTextThatFailsIsWrittenLater();
    void nothingIsLeftBehindAtTheEnd();
    void whatIsReadBackComesAfterWhatWasWritten();
};

namespace {

StoreThread::Report toldTo(Log &log)
{
    return [&log](const StoreThread::Outcome &outcome) {
        log.add((outcome.result ? "done " : "failed ") + std::to_string(outcome.token.value));
    };
}

} // namespace

void StoreThreadTest::anOwnChangeIsToldAfterItsJournal()
{
    Log log;
    StoreThread thread(toldTo(log));
    thread.add(kWorkspace, std::make_unique<LoggedStore>(log));
    thread.commit(kWorkspace, own(1, store::Sync::Lazy));
    QVERIFY2(log.waitFor({"journal", "done 1", "text"}), log.all().c_str());
    // Others' changes are told when they are written, as before.
    thread.commit(kWorkspace, {engine::PersistToken(2), {change(2)}, store::Sync::Lazy});
    QVERIFY2(log.waitFor({"journal", "done 1", "text", "text", "done 2"}), log.all().c_str());
}

/// Each that is told costs its workspace a step, and the last stands for all before it.
void StoreThreadTest::whatIsWrittenTogetherIsToldOnce()
{
    Log log;
    log.setHeld(true);
    StoreThread thread(toldTo(log));
    thread.add(kWorkspace, std::make_unique<LoggedStore>(log));
    const auto text = [](std::uint8_t token) {
        return engine::Persist{engine::PersistToken(token), {change(token)}, store::Sync::Lazy};
    };
    thread.commit(kWorkspace, text(1));
    QVERIFY2(log.waitFor({"text"}), log.all().c_str());
    for (std::uint8_t token = 2; token < 6; ++token)
        thread.commit(kWorkspace, text(token));
    log.setHeld(false);
    QVERIFY2(log.waitFor({"text", "done 1", "text", "done 5"}), log.all().c_str());
}

void StoreThreadTest::whatAsksForAllOfItWaitsForAllOfIt()
{
    Log log;
    StoreThread thread(toldTo(log));
    thread.add(kWorkspace, std::make_unique<LoggedStore>(log));
    thread.commit(kWorkspace, own(1, store::Sync::Full));
    QVERIFY2(log.waitFor({"both full", "done 1"}), log.all().c_str());
}

void StoreThreadTest::aTextThatFailsIsWrittenLater()
{
    Log log;
    log.setRefusesTexts(true);
    StoreThread thread(toldTo(log));
    thread.add(kWorkspace, std::make_unique<LoggedStore>(log));
    thread.commit(kWorkspace, own(1, store::Sync::Lazy));
    QVERIFY2(log.waitFor({"journal", "done 1", "text", "failed 1"}), log.all().c_str());
    log.setRefusesTexts(false);
    thread.retry();
    QVERIFY2(log.waitFor({"journal", "done 1", "text", "failed 1", "text", "done 1"}),
             log.all().c_str());
}

void StoreThreadTest::nothingIsLeftBehindAtTheEnd()
{
    Log log;
    {
        StoreThread thread(toldTo(log));
        thread.add(kWorkspace, std::make_unique<LoggedStore>(log));
        thread.commit(kWorkspace, own(1, store::Sync::Lazy));
    }
    QVERIFY2(log.waitFor({"journal", "done 1", "text"}), log.all().c_str());
}

void StoreThreadTest::whatIsReadBackComesAfterWhatWasWritten()
{
    Log log;
    StoreThread thread([&log](const StoreThread::Outcome &outcome) {
        if (!outcome.read)
            log.add("done");
        else
            log.add(outcome.read->error ? "unread" : std::to_string(outcome.read->rows.size()));
    });
    thread.readBack(kWorkspace, {change(1).hash}); // there is no such workspace
    QVERIFY2(log.waitFor({"unread"}), log.all().c_str());
    thread.add(kWorkspace, std::make_unique<store::MemoryStore>());
    thread.commit(kWorkspace, {engine::PersistToken(1), {change(1)}, store::Sync::Lazy});
    thread.readBack(kWorkspace, {change(1).hash, change(2).hash});
    QVERIFY2(log.waitFor({"unread", "done", "1"}), log.all().c_str());
}

QTEST_APPLESS_MAIN(StoreThreadTest)
#include "store_thread_test.moc"
