#pragma once

#include "core/store/store.h"

#include <filesystem>

struct sqlite3;
struct sqlite3_stmt;

namespace nlbd::store {

/// What SQLite said, as a StoreError: its result code and the operating system's errno decide the
/// kind, `what` begins the sentence.
[[nodiscard]] StoreError sqliteError(sqlite3 *database, int result, std::string_view what);

/// A prepared statement, reset at the start of each use. Move-only; must not outlive its database.
class Statement {
public:
    enum class Step : std::uint8_t { HasRow, Done, Failed };

    Statement() = default;
    Statement(sqlite3 *database, const char *sql);
    ~Statement();
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&other) noexcept;
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;

    /// False if the statement could not be prepared; failure() says why.
    [[nodiscard]] bool isValid() const noexcept { return m_statement != nullptr; }

    /// Forgets all bindings and starts over.
    void reset();

    /// Places count from 1. Bytes are borrowed until the next reset().
    Statement &bind(int place, std::int64_t value);
    Statement &bind(int place, ByteView bytes);
    Statement &bind(int place, std::string_view text);

    [[nodiscard]] Step step();
    [[nodiscard]] StoreError failure(std::string_view what) const;

    /// Columns count from 0. Bytes are copied, so that nothing borrows from SQLite.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] Bytes bytes(int column) const;
    [[nodiscard]] std::string text(int column) const;

private:
    sqlite3 *m_database = nullptr;
    sqlite3_stmt *m_statement = nullptr;
    int m_result = 0;
};

/// One open database file. Move-only.
class Database {
public:
    enum class Access : std::uint8_t { ReadWrite, ReadOnly };

    Database() = default;
    ~Database() { close(); }
    Database(Database &&other) noexcept;
    Database &operator=(Database &&other) noexcept;
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// Opens or creates. In ReadWrite the file is in WAL mode and held exclusively, so that no
    /// shared memory file is needed; rows beyond kRowBytesMax are refused before memory is taken
    /// for them.
    [[nodiscard]] static std::expected<Database, StoreError> open(const std::filesystem::path &file,
                                                                  Access access);
    void close() noexcept;

    [[nodiscard]] std::expected<void, StoreError> run(const char *sql);
    [[nodiscard]] Statement prepare(const char *sql) { return {m_handle, sql}; }

    /// The format of the file, 0 for a new one.
    [[nodiscard]] std::expected<std::int64_t, StoreError> format();

    /// Everything in it, as it is now, into another one: SQLite's backup, which sees what this
    /// connection committed. `into` is then one plain file without a log beside it.
    [[nodiscard]] std::expected<void, StoreError> copyTo(Database &into);

    /// SQLite's own look at the whole file: Damaged with its first complaint.
    [[nodiscard]] std::expected<void, StoreError> check();

private:
    sqlite3 *m_handle = nullptr;
    std::string m_name; ///< begins every sentence about it
};

} // namespace nlbd::store
