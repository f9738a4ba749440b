#include "core/store/row_check.h"
#include "core/store/tables.h"

#include "core/base/limits.h"

#include <algorithm>
#include <optional>

namespace nlbd::store {

namespace {

constexpr const char *kSchema = R"(
CREATE TABLE IF NOT EXISTS change(arrival INTEGER PRIMARY KEY, hash BLOB UNIQUE NOT NULL,
    device INTEGER NOT NULL, seq INTEGER NOT NULL, doc INTEGER NOT NULL, checked INTEGER NOT NULL,
    record BLOB NOT NULL, digest BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS change_place ON change(device, seq);
CREATE TABLE IF NOT EXISTS pack(arrival INTEGER PRIMARY KEY, id BLOB UNIQUE NOT NULL,
    record BLOB NOT NULL, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS ack(seat INTEGER PRIMARY KEY, ack BLOB NOT NULL, frontier BLOB NOT NULL,
    digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS evidence(arrival INTEGER PRIMARY KEY, id BLOB UNIQUE NOT NULL,
    at INTEGER NOT NULL, record BLOB NOT NULL, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refusal(number INTEGER PRIMARY KEY, record BLOB NOT NULL, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS control(arrival INTEGER PRIMARY KEY, id BLOB UNIQUE NOT NULL,
    kind INTEGER NOT NULL, until INTEGER NOT NULL, record BLOB NOT NULL, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS decision(epoch INTEGER PRIMARY KEY, record BLOB NOT NULL,
    digest BLOB NOT NULL);
)";

// How each kind of row is read: columns in this order, `place` is its integer primary key.
struct Table {
    const char *all;
    const char *one;
    const char *last;
    const char *forget;
    bool (*take)(const Statement &, StoredWorkspace &); ///< false: the row fails its check
};

bool takeChange(const Statement &row, StoredWorkspace &into)
{
    ChangeRow change;
    const auto hash = Hash::from(row.bytes(1));
    change.device = DeviceIndex(static_cast<std::uint16_t>(row.integer(2)));
    change.seq = Seq(static_cast<std::uint64_t>(row.integer(3)));
    change.doc = DocIndex(static_cast<std::uint32_t>(row.integer(4)));
    change.isSignatureChecked = row.integer(5) != 0;
    change.record = row.bytes(6);
    if (!hash)
        return false;
    change.hash = *hash;
    if (row.bytes(7) != rowDigest(change))
        return false;
    into.changes.push_back(std::move(change));
    return true;
}

bool takePack(const Statement &row, StoredWorkspace &into)
{
    const auto id = Hash::from(row.bytes(1));
    if (!id)
        return false;
    PackRow pack{*id, row.bytes(2), {}};
    if (row.bytes(3) != rowDigest(pack))
        return false;
    into.packs.push_back(std::move(pack));
    return true;
}

bool takeAck(const Statement &row, StoredWorkspace &into)
{
    AckRow ack{SeatIndex(static_cast<std::uint16_t>(row.integer(0))), row.bytes(1), row.bytes(2)};
    if (row.bytes(3) != rowDigest(ack))
        return false;
    into.acks.push_back(std::move(ack));
    return true;
}

bool takeEvidence(const Statement &row, StoredWorkspace &into)
{
    const auto id = Hash::from(row.bytes(1));
    if (!id)
        return false;
    EvidenceRow evidence{*id, WallTime(Millis(row.integer(2))), row.bytes(3)};
    if (row.bytes(4) != rowDigest(evidence))
        return false;
    into.evidence.push_back(std::move(evidence));
    return true;
}

bool takeRefusal(const Statement &row, StoredWorkspace &into)
{
    RefusalRow refusal{static_cast<std::uint64_t>(row.integer(0)), row.bytes(1)};
    if (row.bytes(2) != rowDigest(refusal))
        return false;
    into.refusals.push_back(std::move(refusal));
    return true;
}

bool takeControl(const Statement &row, StoredWorkspace &into)
{
    const auto id = Hash::from(row.bytes(1));
    if (!id)
        return false;
    ControlRow control{*id, static_cast<std::uint8_t>(row.integer(2)),
                       Epoch(static_cast<std::uint32_t>(row.integer(3))), row.bytes(4)};
    if (row.bytes(5) != rowDigest(control))
        return false;
    into.control.push_back(std::move(control));
    return true;
}

bool takeDecision(const Statement &row, StoredWorkspace &into)
{
    DecisionRow decision{Epoch(static_cast<std::uint32_t>(row.integer(0))), row.bytes(1)};
    if (row.bytes(2) != rowDigest(decision))
        return false;
    into.decisions.push_back(std::move(decision));
    return true;
}

#define NLBD_CHANGE_COLUMNS \
    "SELECT arrival, hash, device, seq, doc, checked, record, digest FROM change "
#define NLBD_PACK_COLUMNS "SELECT arrival, id, record, digest FROM pack "
#define NLBD_ACK_COLUMNS "SELECT seat, ack, frontier, digest FROM ack "
#define NLBD_EVIDENCE_COLUMNS "SELECT arrival, id, at, record, digest FROM evidence "
#define NLBD_REFUSAL_COLUMNS "SELECT number, record, digest FROM refusal "
#define NLBD_CONTROL_COLUMNS "SELECT arrival, id, kind, until, record, digest FROM control "
#define NLBD_DECISION_COLUMNS "SELECT epoch, record, digest FROM decision "

constexpr Table kTables[] = {
    {NLBD_CHANGE_COLUMNS "ORDER BY arrival", NLBD_CHANGE_COLUMNS "WHERE arrival=?",
     "SELECT arrival FROM change ORDER BY arrival DESC LIMIT 1",
     "DELETE FROM change WHERE arrival=?", takeChange},
    {NLBD_PACK_COLUMNS "ORDER BY arrival", NLBD_PACK_COLUMNS "WHERE arrival=?",
     "SELECT arrival FROM pack ORDER BY arrival DESC LIMIT 1", "DELETE FROM pack WHERE arrival=?",
     takePack},
    {NLBD_ACK_COLUMNS "ORDER BY seat", NLBD_ACK_COLUMNS "WHERE seat=?",
     "SELECT seat FROM ack ORDER BY seat DESC LIMIT 1", "DELETE FROM ack WHERE seat=?", takeAck},
    {NLBD_EVIDENCE_COLUMNS "ORDER BY arrival", NLBD_EVIDENCE_COLUMNS "WHERE arrival=?",
     "SELECT arrival FROM evidence ORDER BY arrival DESC LIMIT 1",
     "DELETE FROM evidence WHERE arrival=?", takeEvidence},
    {NLBD_REFUSAL_COLUMNS "ORDER BY number", NLBD_REFUSAL_COLUMNS "WHERE number=?",
     "SELECT number FROM refusal ORDER BY number DESC LIMIT 1",
     "DELETE FROM refusal WHERE number=?", takeRefusal},
    {NLBD_CONTROL_COLUMNS "ORDER BY arrival", NLBD_CONTROL_COLUMNS "WHERE arrival=?",
     "SELECT arrival FROM control ORDER BY arrival DESC LIMIT 1",
     "DELETE FROM control WHERE arrival=?", takeControl},
    {NLBD_DECISION_COLUMNS "ORDER BY epoch", NLBD_DECISION_COLUMNS "WHERE epoch=?",
     "SELECT epoch FROM decision ORDER BY epoch DESC LIMIT 1", "DELETE FROM decision WHERE epoch=?",
     takeDecision},
};

// Reads one table to its end or to the first damaged page.
struct TableRead {
    std::int64_t lastPlace = -1;
    std::vector<std::int64_t> unreadable; ///< places of rows that fail their check
    std::optional<StoreError> stopped;
};
TableRead readTable(Database &database, const Table &table, StoredWorkspace &into)
{
    TableRead result;
    Statement rows = database.prepare(table.all);
    for (;;) {
        switch (rows.step()) {
        case Statement::Step::Done:
            return result;
        case Statement::Step::Failed:
            result.stopped = rows.failure("text.db");
            return result;
        case Statement::Step::HasRow:
            result.lastPlace = rows.integer(0);
            if (!table.take(rows, into))
                result.unreadable.push_back(result.lastPlace);
        }
    }
}

// Where damage hides the end of a table, this many places behind the last one are tried.
constexpr std::int64_t kPlacesBehindDamage = 100'000;

std::size_t salvageTable(Database &database, const Table &table, std::int64_t placesMax,
                         StoredWorkspace &into)
{
    const TableRead read = readTable(database, table, into);
    std::size_t lost = read.unreadable.size();
    if (!read.stopped)
        return lost;
    Statement end = database.prepare(table.last);
    const bool hasEnd = end.step() == Statement::Step::HasRow;
    // Damaged places may be so far apart that counting from one to the next would take for ever.
    const std::int64_t first =
        std::clamp<std::int64_t>(read.lastPlace, -1, INT64_MAX - kPlacesBehindDamage);
    const std::int64_t farthest = first + kPlacesBehindDamage;
    const std::int64_t last =
        hasEnd ? std::min(end.integer(0), std::max(placesMax, farthest)) : farthest;
    Statement one = database.prepare(table.one);
    if (!one.isValid())
        return lost + 1;
    for (std::int64_t place = first + 1; place <= last; ++place) {
        one.reset();
        one.bind(1, place);
        const auto step = one.step();
        const bool isLost = step == Statement::Step::Failed
            || (step == Statement::Step::HasRow && !table.take(one, into));
        lost += isLost && hasEnd ? 1U : 0U;
    }
    return hasEnd ? lost : lost + 1;
}

std::expected<void, StoreError> finish(Statement &statement)
{
    const auto step = statement.step();
    if (step == Statement::Step::Failed) {
        StoreError error = statement.failure("text.db");
        statement.reset();
        return std::unexpected(std::move(error));
    }
    statement.reset();
    return {};
}

} // namespace

std::expected<TextTables, StoreError> TextTables::open(Database &database)
{
    if (auto made = database.run(kSchema); !made)
        return std::unexpected(made.error());
    TextTables result;
    result.m_change = database.prepare(
        "INSERT INTO change(hash, device, seq, doc, checked, record, digest) VALUES(?,?,?,?,?,?,?) "
        "ON CONFLICT(hash) DO UPDATE SET checked = max(checked, excluded.checked), "
        "record = excluded.record, digest = excluded.digest");
    result.m_forgetChange = database.prepare("DELETE FROM change WHERE hash=?");
    result.m_pack =
        database.prepare("INSERT OR IGNORE INTO pack(id, record, digest) VALUES(?,?,?)");
    result.m_ack =
        database.prepare("REPLACE INTO ack(seat, ack, frontier, digest) VALUES(?,?,?,?)");
    result.m_evidence =
        database.prepare("INSERT OR IGNORE INTO evidence(id, at, record, digest) VALUES(?,?,?,?)");
    result.m_refusal =
        database.prepare("REPLACE INTO refusal(number, record, digest) VALUES(?,?,?)");
    result.m_forgetRefusals = database.prepare("DELETE FROM refusal WHERE number <= ?");
    result.m_control = database.prepare(
        "INSERT OR IGNORE INTO control(id, kind, until, record, digest) VALUES(?,?,?,?,?)");
    result.m_decision =
        database.prepare("INSERT OR IGNORE INTO decision(epoch, record, digest) VALUES(?,?,?)");
    result.m_forgetControl = database.prepare("DELETE FROM control WHERE until <= ?");
    for (const Statement *statement :
         {&result.m_change, &result.m_forgetChange, &result.m_pack, &result.m_ack,
          &result.m_evidence, &result.m_refusal, &result.m_forgetRefusals, &result.m_control,
          &result.m_decision, &result.m_forgetControl})
        if (!statement->isValid())
            return std::unexpected(statement->failure("text.db"));
    return result;
}

std::expected<void, StoreError> TextTables::put(const ChangeRow &row)
{
    const Bytes check = rowDigest(row);
    m_change.bind(1, row.hash.view()).bind(2, std::int64_t{row.device.value});
    m_change.bind(3, static_cast<std::int64_t>(row.seq.value)).bind(4, std::int64_t{row.doc.value});
    m_change.bind(5, std::int64_t{row.isSignatureChecked}).bind(6, ByteView(row.record));
    m_change.bind(7, ByteView(check));
    return finish(m_change);
}

std::expected<void, StoreError> TextTables::put(const PackRow &row)
{
    const Bytes check = rowDigest(row);
    m_pack.bind(1, row.id.view()).bind(2, ByteView(row.record)).bind(3, ByteView(check));
    auto done = finish(m_pack);
    for (std::size_t i = 0; done && i < row.instead.size(); ++i) {
        m_forgetChange.bind(1, row.instead[i].view());
        done = finish(m_forgetChange);
    }
    return done;
}

std::expected<void, StoreError> TextTables::put(const AckRow &row)
{
    const Bytes check = rowDigest(row);
    m_ack.bind(1, std::int64_t{row.seat.value}).bind(2, ByteView(row.ack));
    m_ack.bind(3, ByteView(row.frontier)).bind(4, ByteView(check));
    return finish(m_ack);
}

std::expected<void, StoreError> TextTables::put(const EvidenceRow &row)
{
    const Bytes check = rowDigest(row);
    m_evidence.bind(1, row.id.view()).bind(2, std::int64_t{row.when.time_since_epoch().count()});
    m_evidence.bind(3, ByteView(row.record)).bind(4, ByteView(check));
    return finish(m_evidence);
}

std::expected<void, StoreError> TextTables::put(const RefusalRow &row)
{
    const Bytes check = rowDigest(row);
    m_refusal.bind(1, static_cast<std::int64_t>(row.number)).bind(2, ByteView(row.record));
    m_refusal.bind(3, ByteView(check));
    if (auto done = finish(m_refusal); !done || row.number <= limits::kRefusalsMax)
        return done;
    m_forgetRefusals.bind(1, static_cast<std::int64_t>(row.number - limits::kRefusalsMax));
    return finish(m_forgetRefusals);
}

std::expected<void, StoreError> TextTables::put(const ControlRow &row)
{
    const Bytes check = rowDigest(row);
    m_control.bind(1, row.id.view()).bind(2, std::int64_t{row.kind});
    m_control.bind(3, std::int64_t{row.until.value}).bind(4, ByteView(row.record));
    m_control.bind(5, ByteView(check));
    return finish(m_control);
}

std::expected<void, StoreError> TextTables::put(const DecisionRow &row)
{
    const Bytes check = rowDigest(row);
    m_decision.bind(1, std::int64_t{row.closed.value}).bind(2, ByteView(row.record));
    m_decision.bind(3, ByteView(check));
    if (auto done = finish(m_decision); !done)
        return done;
    m_forgetControl.bind(1, std::int64_t{row.closed.value});
    return finish(m_forgetControl);
}

std::expected<std::vector<ChangeRow>, StoreError> readChanges(Database &database,
                                                              std::span<const Hash> changes)
{
    StoredWorkspace found;
    Statement one = database.prepare(NLBD_CHANGE_COLUMNS "WHERE hash=?");
    for (const Hash &hash : changes) {
        one.reset();
        one.bind(1, hash.view());
        switch (one.step()) {
        case Statement::Step::Done:
            break;
        case Statement::Step::Failed:
            return std::unexpected(one.failure("text.db"));
        case Statement::Step::HasRow:
            static_cast<void>(takeChange(one, found));
        }
    }
    return std::move(found.changes);
}

TextRead readText(Database &database, StoredWorkspace &into)
{
    TextRead result;
    for (const Table &table : kTables) {
        TableRead read = readTable(database, table, into);
        result.unreadable += read.unreadable.size();
        Statement forget = database.prepare(table.forget);
        for (const std::int64_t place : read.unreadable) {
            forget.reset();
            forget.bind(1, place);
            (void)forget.step(); // if it stays, it is left out again next time
        }
        if (read.stopped) {
            result.stopped = std::move(read.stopped);
            return result;
        }
    }
    return result;
}

std::size_t salvageText(Database &database, std::uintmax_t fileBytes, StoredWorkspace &into)
{
    // Places are given one after the other, and each row of a table took more bytes than this.
    constexpr std::uintmax_t kRowBytesMin = 16;
    const auto placesMax = static_cast<std::int64_t>(fileBytes / kRowBytesMin);
    std::size_t lost = 0;
    for (const Table &table : kTables)
        lost += salvageTable(database, table, placesMax, into);
    return lost;
}

} // namespace nlbd::store
