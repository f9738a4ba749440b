#include "core/store/sqlite_database.h"

#include "core/store/tables.h"

#include <cerrno>
#include <sqlite3.h>
#include <utility>

namespace nlbd::store {

namespace {

StoreError::Kind kindOf(int result, int systemError)
{
    using Kind = StoreError::Kind;
    const int primary = result & 0xFF;
    if (primary == SQLITE_FULL || systemError == ENOSPC || systemError == EDQUOT)
        return Kind::Full;
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        return Kind::Damaged;
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        return Kind::InUse;
    if (primary == SQLITE_READONLY || primary == SQLITE_PERM || systemError == EROFS
        || systemError == EACCES)
        return Kind::ReadOnly;
    return Kind::Failed;
}

} // namespace

StoreError sqliteError(sqlite3 *database, int result, std::string_view what)
{
    // The errno that SQLite keeps belongs to its last failed system call, which need not be this
    // one.
    const int primary = result & 0xFF;
    const bool isSystem = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    const int systemError = database != nullptr && isSystem ? sqlite3_system_errno(database) : 0;
    StoreError error;
    error.kind = kindOf(result, systemError);
    error.detail = std::string(what) + ": "
        + (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result));
    return error;
}

// ---- Statement ---------------------------------------------------------------------------------

Statement::Statement(sqlite3 *database, const char *sql)
    : m_database(database)
{
    m_result =
        sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &m_statement, nullptr);
}

Statement::~Statement()
{
    sqlite3_finalize(m_statement);
}

Statement::Statement(Statement &&other) noexcept
    : m_database(other.m_database)
    , m_statement(std::exchange(other.m_statement, nullptr))
    , m_result(other.m_result)
{
}

Statement &Statement::operator=(Statement &&other) noexcept
{
    if (this != &other) {
        sqlite3_finalize(m_statement);
        m_database = other.m_database;
        m_statement = std::exchange(other.m_statement, nullptr);
        m_result = other.m_result;
    }
    return *this;
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

Statement &Statement::bind(int place, std::int64_t value)
{
    sqlite3_bind_int64(m_statement, place, value);
    return *this;
}

Statement &Statement::bind(int place, ByteView bytes)
{
    if (bytes.empty()) // a null pointer would bind NULL
        sqlite3_bind_zeroblob(m_statement, place, 0);
    else
        sqlite3_bind_blob64(m_statement, place, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
}

Statement &Statement::bind(int place, std::string_view text)
{
    sqlite3_bind_text64(m_statement, place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Statement::Step Statement::step()
{
    if (m_statement == nullptr)
        return Step::Failed;
    m_result = sqlite3_step(m_statement);
    switch (m_result) {
    case SQLITE_ROW:
        return Step::HasRow;
    case SQLITE_DONE:
        return Step::Done;
    default:
        m_result = sqlite3_extended_errcode(m_database);
        return Step::Failed;
    }
}

StoreError Statement::failure(std::string_view what) const
{
    return sqliteError(m_database, m_result, what);
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

Bytes Statement::bytes(int column) const
{
    const void *data = sqlite3_column_blob(m_statement, column);
    const int size = sqlite3_column_bytes(m_statement, column);
    if (data == nullptr || size <= 0)
        return {};
    const auto *first = static_cast<const std::byte *>(data);
    return {first, first + size};
}

std::string Statement::text(int column) const
{
    const Bytes found = bytes(column);
    return std::string(viewOf(found));
}

// ---- Database ----------------------------------------------------------------------------------

Database::Database(Database &&other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr))
    , m_name(std::move(other.m_name))
{
}

Database &Database::operator=(Database &&other) noexcept
{
    if (this != &other) {
        close();
        m_handle = std::exchange(other.m_handle, nullptr);
        m_name = std::move(other.m_name);
    }
    return *this;
}

void Database::close() noexcept
{
    sqlite3_close_v2(std::exchange(m_handle, nullptr));
}

std::expected<Database, StoreError> Database::open(const std::filesystem::path &file, Access access)
{
    Database result;
    result.m_name = file.filename().string();
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        | (access == Access::ReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                       : SQLITE_OPEN_READONLY);
    std::error_code error;
    const bool isNew = std::filesystem::file_size(file, error) == 0 || error;
    const int opened = sqlite3_open_v2(file.c_str(), &result.m_handle, flags, nullptr);
    if (opened != SQLITE_OK)
        return std::unexpected(sqliteError(result.m_handle, opened, result.m_name));

    sqlite3_limit(result.m_handle, SQLITE_LIMIT_LENGTH, static_cast<int>(2 * kRowBytesMax));
    sqlite3_db_config(result.m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    const char *settings =
        "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;";
    if (auto done = result.run(settings); !done)
        return std::unexpected(done.error());
    if (access == Access::ReadWrite) {
        // Pages can be given back to the disk later, if that is said before the first table. Said
        // again it writes to the file, for which a full disk has no room.
        if (auto done = result.run(isNew ? "PRAGMA auto_vacuum=INCREMENTAL" : ""); !done)
            return std::unexpected(done.error());
        const char *mode = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
                           "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=4194304;";
        if (auto done = result.run(mode); !done)
            return std::unexpected(done.error());
    }
    return result;
}

std::expected<void, StoreError> Database::run(const char *sql)
{
    const int result = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK)
        return std::unexpected(sqliteError(m_handle, result, m_name));
    return {};
}

std::expected<std::int64_t, StoreError> Database::format()
{
    Statement ask = prepare("PRAGMA user_version");
    if (ask.step() != Statement::Step::HasRow)
        return std::unexpected(ask.failure(m_name));
    return ask.integer(0);
}

std::expected<void, StoreError> Database::copyTo(Database &into)
{
    sqlite3_backup *copying = sqlite3_backup_init(into.m_handle, "main", m_handle, "main");
    if (copying == nullptr)
        return std::unexpected(
            sqliteError(into.m_handle, sqlite3_extended_errcode(into.m_handle), into.m_name));
    constexpr int kAllPages = -1;
    const int stepped = sqlite3_backup_step(copying, kAllPages);
    const int finished = sqlite3_backup_finish(copying);
    if (stepped != SQLITE_DONE || finished != SQLITE_OK)
        return std::unexpected(
            sqliteError(into.m_handle, finished != SQLITE_OK ? finished : stepped, into.m_name));
    return into.run("PRAGMA journal_mode=DELETE");
}

std::expected<void, StoreError> Database::check()
{
    Statement look = prepare("PRAGMA quick_check(1)");
    if (look.step() != Statement::Step::HasRow)
        return std::unexpected(look.failure(m_name));
    const std::string found = look.text(0);
    if (found != "ok")
        return std::unexpected(StoreError{StoreError::Kind::Damaged, m_name + ": " + found});
    return {};
}

} // namespace nlbd::store
