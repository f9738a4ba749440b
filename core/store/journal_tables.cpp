#include "core/store/row_check.h"
#include "core/store/tables.h"

namespace nlbd::store {

namespace {

constexpr const char *kSchema = R"(
CREATE TABLE IF NOT EXISTS sign_journal(plane INTEGER NOT NULL, epoch INTEGER NOT NULL,
    round INTEGER NOT NULL, phase INTEGER NOT NULL, bytes BLOB NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY(plane, epoch, round, phase)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB NOT NULL, digest BLOB NOT NULL)
    WITHOUT ROWID;
)";

StoreError damaged(std::string detail)
{
    return {StoreError::Kind::Damaged, std::move(detail)};
}

} // namespace

std::expected<JournalTables, StoreError> JournalTables::open(Database &database)
{
    if (auto made = database.run(kSchema); !made)
        return std::unexpected(made.error());
    JournalTables result;
    result.m_enter =
        database.prepare("INSERT INTO sign_journal(plane, epoch, round, phase, bytes, digest) "
                         "VALUES(?,?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1");
    result.m_find = database.prepare(
        "SELECT bytes FROM sign_journal WHERE plane=? AND epoch=? AND round=? AND phase=?");
    result.m_meta = database.prepare("REPLACE INTO meta(key, value, digest) VALUES(?,?,?)");
    result.m_forgetMeta = database.prepare("DELETE FROM meta WHERE key=?");
    for (const Statement *statement :
         {&result.m_enter, &result.m_find, &result.m_meta, &result.m_forgetMeta})
        if (!statement->isValid())
            return std::unexpected(statement->failure("journal.db"));
    return result;
}

std::expected<void, StoreError> JournalTables::put(const JournalRow &row)
{
    const Bytes check = rowDigest(row);
    const auto bindKey = [&row](Statement &statement) {
        statement.reset();
        statement.bind(1, std::int64_t{row.plane}).bind(2, std::int64_t{row.epoch.value});
        statement.bind(3, std::int64_t{row.round}).bind(4, static_cast<std::int64_t>(row.phase));
    };
    bindKey(m_enter);
    m_enter.bind(5, ByteView(row.bytes)).bind(6, ByteView(check));
    const auto entered = m_enter.step();
    if (entered == Statement::Step::Failed) {
        StoreError error = m_enter.failure("journal.db");
        m_enter.reset();
        return std::unexpected(std::move(error));
    }
    m_enter.reset();
    if (entered == Statement::Step::HasRow)
        return {};

    bindKey(m_find);
    const bool isSame = m_find.step() == Statement::Step::HasRow && m_find.bytes(0) == row.bytes;
    m_find.reset();
    if (!isSame)
        return std::unexpected(StoreError{StoreError::Kind::Conflict,
                                          "another record was signed at this place before"});
    return {};
}

std::expected<void, StoreError> JournalTables::put(const MetaRow &row)
{
    const Bytes check = rowDigest(row);
    Statement &statement = row.value.empty() ? m_forgetMeta : m_meta;
    statement.reset();
    statement.bind(1, std::string_view(row.key));
    if (!row.value.empty())
        statement.bind(2, ByteView(row.value)).bind(3, ByteView(check));
    const auto step = statement.step();
    if (step == Statement::Step::Failed) {
        StoreError error = statement.failure("journal.db");
        statement.reset();
        return std::unexpected(std::move(error));
    }
    statement.reset();
    return {};
}

std::expected<void, StoreError> JournalTables::read(Database &database, StoredWorkspace &into)
{
    Statement signedRows =
        database.prepare("SELECT plane, epoch, round, phase, bytes, digest "
                         "FROM sign_journal ORDER BY plane, epoch, round, phase");
    auto step = signedRows.step();
    for (; step == Statement::Step::HasRow; step = signedRows.step()) {
        JournalRow row;
        row.plane = static_cast<std::uint8_t>(signedRows.integer(0));
        row.epoch = Epoch(static_cast<std::uint32_t>(signedRows.integer(1)));
        row.round = static_cast<std::uint32_t>(signedRows.integer(2));
        row.phase = static_cast<std::uint64_t>(signedRows.integer(3));
        row.bytes = signedRows.bytes(4);
        if (signedRows.bytes(5) != rowDigest(row))
            return std::unexpected(damaged("journal.db: a signed record was altered on the disk"));
        into.journal.push_back(std::move(row));
    }
    if (step == Statement::Step::Failed)
        return std::unexpected(signedRows.failure("journal.db"));

    Statement metaRows = database.prepare("SELECT key, value, digest FROM meta ORDER BY key");
    for (step = metaRows.step(); step == Statement::Step::HasRow; step = metaRows.step()) {
        MetaRow row{metaRows.text(0), metaRows.bytes(1)};
        if (metaRows.bytes(2) != rowDigest(row))
            return std::unexpected(
                damaged("journal.db: \"" + row.key + "\" was altered on the disk"));
        into.meta.push_back(std::move(row));
    }
    if (step == Statement::Step::Failed)
        return std::unexpected(metaRows.failure("journal.db"));
    return {};
}

} // namespace nlbd::store
