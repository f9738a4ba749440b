#include "core/store/sqlite_store.h"

#include "core/store/row_check.h"
#include "core/store/tables.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace nlbd::store {

namespace {

namespace fs = std::filesystem;

constexpr const char *kSyncText = "PRAGMA synchronous=FULL";
constexpr const char *kLazyText = "PRAGMA synchronous=NORMAL";

constexpr std::int64_t kJournalFormat = 1;
constexpr const char *kSetJournalFormat = "PRAGMA user_version=1";
/// 2: packs. A program that knows nothing of them would miss all that is in them.
constexpr std::int64_t kTextFormat = 2;
constexpr const char *kSetTextFormat = "PRAGMA user_version=2";

/// Pages that are given back to the disk after rows were packed: as many as a piece frees, and
/// some.
constexpr const char *kShrinkText = "PRAGMA incremental_vacuum(512)";

StoreError systemError(int error, std::string_view what)
{
    StoreError result;
    using Kind = StoreError::Kind;
    if (error == ENOSPC || error == EDQUOT)
        result.kind = Kind::Full;
    else if (error == EROFS || error == EACCES || error == EPERM)
        result.kind = Kind::ReadOnly;
    else if (error == EWOULDBLOCK)
        result.kind = Kind::InUse;
    result.detail = std::string(what) + ": " + std::strerror(error);
    return result;
}

bool doesExist(const fs::path &file)
{
    std::error_code error;
    return fs::exists(file, error);
}

/// The lock that says "this folder is in use", held while the descriptor is open.
class FolderLock {
public:
    FolderLock() = default;
    ~FolderLock()
    {
        if (m_file >= 0)
            ::close(m_file);
    }
    FolderLock(FolderLock &&other) noexcept
        : m_file(std::exchange(other.m_file, -1))
    {
    }
    FolderLock &operator=(FolderLock &&other) noexcept
    {
        std::swap(m_file, other.m_file);
        return *this;
    }
    FolderLock(const FolderLock &) = delete;
    FolderLock &operator=(const FolderLock &) = delete;

    [[nodiscard]] static std::expected<FolderLock, StoreError> take(const fs::path &folder)
    {
        FolderLock result;
        const fs::path file = folder / "lock";
        result.m_file = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (result.m_file < 0)
            return std::unexpected(systemError(errno, file.string()));
        if (::flock(result.m_file, LOCK_EX | LOCK_NB) != 0)
            return std::unexpected(systemError(errno, file.string()));
        return result;
    }

private:
    int m_file = -1;
};

std::expected<void, StoreError> makeFolder(const fs::path &folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return std::unexpected(systemError(error.value(), folder.string()));
    fs::permissions(folder, fs::perms::owner_all,
                    error); // keys stand in it: nobody else reads them
    return {};
}

/// UTC time as SQLite tells it: this folder reads no clock of its own.
std::string timeForName()
{
    auto memory = Database::open(":memory:", Database::Access::ReadOnly);
    if (!memory)
        return "unknown-time";
    Statement now = memory->prepare("SELECT strftime('%Y%m%dT%H%M%SZ','now')");
    return now.step() == Statement::Step::HasRow ? now.text(0) : "unknown-time";
}

/// Moves text.db and its companions aside; answers the new name.
std::expected<fs::path, StoreError> setAside(const fs::path &folder)
{
    const std::string stem = "text-damaged-" + timeForName();
    fs::path target = folder / (stem + ".db");
    for (int again = 2; doesExist(target); ++again)
        target = folder / (stem + "-" + std::to_string(again) + ".db");
    for (const char *companion : {"-wal", "-journal", ""}) {
        std::error_code error;
        const fs::path from = folder / (std::string("text.db") + companion);
        if (!doesExist(from))
            continue;
        fs::rename(from, fs::path(target.string() + companion), error);
        if (error)
            return std::unexpected(systemError(error.value(), from.string()));
    }
    return target;
}

std::expected<void, StoreError> checkFormat(std::int64_t format, std::int64_t known,
                                            std::string_view file)
{
    if (format < 0 || format > known)
        return std::unexpected(
            StoreError{StoreError::Kind::Failed,
                       std::string(file) + " was written by a newer version of the program"});
    return {};
}

/// SQLite reads nothing from a file that is shorter than its header says. Zeros at its end, which
/// are no valid pages, let the pages before them be read.
void padToItsPages(const fs::path &file)
{
    constexpr std::uint64_t kBytesMax = std::uint64_t{16}
        << 30U; // a sparse file; beyond, the header lies
    std::ifstream in(file, std::ios::binary);
    std::array<char, 32> head{};
    if (!in.read(head.data(), head.size()))
        return;
    const auto at = [&head](std::size_t i) {
        return std::uint64_t{static_cast<unsigned char>(head[i])};
    };
    const std::uint64_t stored = at(16) << 8U | at(17);
    const std::uint64_t pageBytes = stored == 1 ? 65536 : stored;
    const std::uint64_t pages = at(28) << 24U | at(29) << 16U | at(30) << 8U | at(31);
    std::error_code error;
    const std::uint64_t size = fs::file_size(file, error);
    if (!error && size < pages * pageBytes && pages * pageBytes <= kBytesMax)
        fs::resize_file(file, pages * pageBytes, error);
}

bool isDamage(const StoreError &error)
{
    return error.kind == StoreError::Kind::Damaged;
}

} // namespace

struct SqliteStore::Impl {
    fs::path folder;
    FolderLock lock;
    Database journal;
    Database text;
    JournalTables journalTables;
    TextTables textTables;
    std::vector<std::string> repairs;
    bool hadJournal = false; ///< the journal was made in an earlier run

    [[nodiscard]] std::expected<void, StoreError> openJournal();
    [[nodiscard]] std::expected<void, StoreError> openText();
    [[nodiscard]] std::expected<void, StoreError> openOrRepairText();
    [[nodiscard]] std::expected<void, StoreError> repairText(const StoreError &why);
    [[nodiscard]] std::expected<void, StoreError> writeText(const Rows &rows, Sync sync);
    [[nodiscard]] std::expected<void, StoreError> writeJournal(const Rows &rows);

    void closeText()
    {
        textTables = {}; // statements first
        text.close();
    }
};

std::expected<void, StoreError> SqliteStore::Impl::openJournal()
{
    // A folder with texts but without their journal would sign from 1 again, beside what it signed.
    const bool hasText = doesExist(folder / "text.db");
    if (hasText && !doesExist(folder / "journal.db"))
        return std::unexpected(StoreError{StoreError::Kind::Damaged, "journal.db is missing"});
    auto opened = Database::open(folder / "journal.db", Database::Access::ReadWrite);
    if (!opened)
        return std::unexpected(opened.error());
    journal = std::move(*opened);
    if (auto sound = journal.check(); !sound)
        return sound;
    const auto format = journal.format();
    if (!format)
        return std::unexpected(format.error());
    if (auto known = checkFormat(*format, kJournalFormat, "journal.db"); !known)
        return known;
    hadJournal = *format > 0;
    if (hasText && !hadJournal)
        return std::unexpected(StoreError{StoreError::Kind::Damaged, "journal.db is empty"});
    // Secrets stand in it, and some are taken away again: their bytes are not to stay in the file.
    if (auto done = journal.run("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON"); !done)
        return done;
    auto tables = JournalTables::open(journal);
    if (!tables)
        return std::unexpected(tables.error());
    journalTables = std::move(*tables);
    // A full disk takes nothing new, but what it holds can still be read.
    return *format == kJournalFormat ? std::expected<void, StoreError>()
                                     : journal.run(kSetJournalFormat);
}

std::expected<void, StoreError> SqliteStore::Impl::openText()
{
    auto opened = Database::open(folder / "text.db", Database::Access::ReadWrite);
    if (!opened)
        return std::unexpected(opened.error());
    text = std::move(*opened);
    const auto format = text.format();
    if (!format)
        return std::unexpected(format.error());
    if (auto known = checkFormat(*format, kTextFormat, "text.db"); !known)
        return known;
    auto tables = TextTables::open(text);
    if (!tables)
        return std::unexpected(tables.error());
    textTables = std::move(*tables);
    if (*format == 0 && hadJournal && repairs.empty())
        repairs.push_back(
            "The text database was missing or empty and was made anew. What you signed "
            "yourself is kept in the journal; the rest is fetched again from the others.");
    return *format == kTextFormat ? std::expected<void, StoreError>() : text.run(kSetTextFormat);
}

std::expected<void, StoreError> SqliteStore::Impl::openOrRepairText()
{
    auto opened = openText();
    if (opened || !isDamage(opened.error()))
        return opened;
    return repairText(opened.error());
}

std::expected<void, StoreError> SqliteStore::Impl::repairText(const StoreError &why)
{
    closeText();
    auto aside = setAside(folder);
    if (!aside)
        return std::unexpected(aside.error());
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(*aside, error);
    padToItsPages(*aside);
    StoredWorkspace saved;
    std::size_t lost = 1; // at least the page that was complained about
    if (auto damaged = Database::open(*aside, Database::Access::ReadWrite); damaged)
        lost = std::max<std::size_t>(1, salvageText(*damaged, error ? 0 : bytes, saved));
    hadJournal = false; // the sentence below says it all
    if (auto opened = openText(); !opened)
        return opened;
    Rows rows;
    const auto add = [&rows](auto &from) {
        for (auto &row : from)
            rows.emplace_back(std::move(row));
    };
    add(saved.packs);
    add(saved.changes);
    add(saved.acks);
    add(saved.evidence);
    add(saved.refusals);
    add(saved.control);
    add(saved.decisions);
    if (auto written = writeText(rows, Sync::Full); !written)
        return written;
    repairs.push_back(
        "The text database was damaged (" + why.detail + "). It was set aside as "
        + aside->filename().string() + ", " + std::to_string(rows.size())
        + " records were carried over and at least " + std::to_string(lost)
        + " could not be read. What you signed yourself is kept in the journal as well; the "
          "rest is fetched again from the others.");
    return {};
}

std::expected<void, StoreError> SqliteStore::Impl::writeJournal(const Rows &rows)
{
    const auto isForJournal = [](const Row &row) {
        return std::holds_alternative<JournalRow>(row) || std::holds_alternative<MetaRow>(row);
    };
    if (std::ranges::none_of(rows, isForJournal))
        return {};
    if (auto begun = journal.run("BEGIN IMMEDIATE"); !begun)
        return begun;
    std::expected<void, StoreError> done;
    for (const Row &row : rows) {
        if (const auto *entry = std::get_if<JournalRow>(&row))
            done = journalTables.put(*entry);
        else if (const auto *meta = std::get_if<MetaRow>(&row))
            done = journalTables.put(*meta);
        if (!done)
            break;
    }
    if (done)
        done = journal.run("COMMIT");
    if (!done)
        (void)journal.run("ROLLBACK");
    const auto isTakenAway = [](const Row &row) {
        const auto *meta = std::get_if<MetaRow>(&row);
        return meta != nullptr && meta->value.empty();
    };
    // The pages before it stand in the log until it is worked in. If that fails, it is done later.
    if (done && std::ranges::any_of(rows, isTakenAway))
        (void)journal.run("PRAGMA wal_checkpoint(TRUNCATE)");
    return done;
}

std::expected<void, StoreError> SqliteStore::Impl::writeText(const Rows &rows, Sync sync)
{
    const auto isForText = [](const Row &row) {
        return !std::holds_alternative<JournalRow>(row) && !std::holds_alternative<MetaRow>(row);
    };
    if (std::ranges::none_of(rows, isForText))
        return {};
    if (auto set = text.run(sync == Sync::Full ? kSyncText : kLazyText); !set)
        return set;
    if (auto begun = text.run("BEGIN IMMEDIATE"); !begun)
        return begun;
    std::expected<void, StoreError> done;
    bool isPacked = false;
    for (const Row &row : rows) {
        if (const auto *change = std::get_if<ChangeRow>(&row))
            done = textTables.put(*change);
        else if (const auto *pack = std::get_if<PackRow>(&row))
            done = textTables.put(*pack), isPacked = true;
        else if (const auto *ack = std::get_if<AckRow>(&row))
            done = textTables.put(*ack);
        else if (const auto *evidence = std::get_if<EvidenceRow>(&row))
            done = textTables.put(*evidence);
        else if (const auto *refusal = std::get_if<RefusalRow>(&row))
            done = textTables.put(*refusal);
        else if (const auto *control = std::get_if<ControlRow>(&row))
            done = textTables.put(*control);
        else if (const auto *decision = std::get_if<DecisionRow>(&row))
            done = textTables.put(*decision);
        if (!done)
            break;
    }
    if (done)
        done = text.run("COMMIT");
    if (!done)
        (void)text.run("ROLLBACK");
    else if (isPacked)
        (void)text.run(kShrinkText); // else the file keeps its size, and rows to come use it
    return done;
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

SqliteStore::~SqliteStore() = default;

std::expected<std::unique_ptr<SqliteStore>, StoreError> SqliteStore::open(const fs::path &folder)
{
    if (auto made = makeFolder(folder); !made)
        return std::unexpected(made.error());
    auto impl = std::make_unique<Impl>();
    impl->folder = folder;
    auto lock = FolderLock::take(folder);
    if (!lock)
        return std::unexpected(lock.error());
    impl->lock = std::move(*lock);
    if (auto opened = impl->openJournal(); !opened)
        return std::unexpected(opened.error());
    if (auto opened = impl->openOrRepairText(); !opened)
        return std::unexpected(opened.error());
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

std::expected<void, StoreError> SqliteStore::commit(const Rows &rows, Sync sync)
{
    for (const Row &row : rows)
        if (sizeOf(row) > kRowBytesMax)
            return std::unexpected(
                StoreError{StoreError::Kind::Failed, "a record is larger than any may be"});
    if (auto written = m_impl->writeJournal(rows); !written)
        return written;
    auto written = m_impl->writeText(rows, sync);
    if (written || !isDamage(written.error()))
        return written;
    if (auto repaired = m_impl->repairText(written.error()); !repaired)
        return repaired;
    return m_impl->writeText(rows, sync);
}

std::expected<void, StoreError> SqliteStore::copyTo(const fs::path &folder, const Mend &mend)
{
    const auto copied = [&folder](Database &from,
                                  const char *name) -> std::expected<Database, StoreError> {
        auto into = Database::open(folder / name, Database::Access::ReadWrite);
        if (!into)
            return into;
        if (auto done = from.copyTo(*into); !done)
            return std::unexpected(done.error());
        return into;
    };
    if (auto text = copied(m_impl->text, "text.db"); !text)
        return std::unexpected(text.error());
    auto journal = copied(m_impl->journal, "journal.db");
    if (!journal)
        return std::unexpected(journal.error());
    StoredWorkspace signedHere;
    if (auto read = JournalTables::read(*journal, signedHere); !read)
        return read;
    auto tables = JournalTables::open(*journal);
    if (!tables)
        return std::unexpected(tables.error());
    for (const MetaRow &row : mend(signedHere.meta))
        if (auto put = tables->put(row); !put)
            return put;
    return {};
}

std::expected<std::vector<ChangeRow>, StoreError>
SqliteStore::readBack(std::span<const Hash> changes)
{
    // Without what SQLite keeps in memory of the file, or that would be all that is looked at. The
    // system's own memory of it stays: whoever doubts that starts the computer anew.
    if (auto done = m_impl->text.run("PRAGMA shrink_memory"); !done)
        return std::unexpected(done.error());
    return readChanges(m_impl->text, changes);
}

std::expected<StoredWorkspace, StoreError> SqliteStore::load()
{
    StoredWorkspace result;
    if (auto read = JournalTables::read(m_impl->journal, result); !read)
        return std::unexpected(read.error());
    StoredWorkspace texts;
    TextRead read = readText(m_impl->text, texts);
    if (read.stopped) {
        if (!isDamage(*read.stopped))
            return std::unexpected(*read.stopped);
        if (auto repaired = m_impl->repairText(*read.stopped); !repaired)
            return std::unexpected(repaired.error());
        texts = {};
        read = readText(m_impl->text, texts);
        if (read.stopped)
            return std::unexpected(*read.stopped);
    }
    if (read.unreadable > 0)
        m_impl->repairs.push_back(
            std::to_string(read.unreadable)
            + " records were altered on the disk and are left out. What you signed "
              "yourself is kept in the journal as well; the rest is fetched again.");
    result.packs = std::move(texts.packs);
    result.changes = std::move(texts.changes);
    result.acks = std::move(texts.acks);
    result.evidence = std::move(texts.evidence);
    result.refusals = std::move(texts.refusals);
    result.control = std::move(texts.control);
    result.decisions = std::move(texts.decisions);
    result.repairs = std::exchange(m_impl->repairs, {});
    return result;
}

} // namespace nlbd::store
