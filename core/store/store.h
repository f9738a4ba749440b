#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <expected>
#include <memory>
#include <variant>

namespace nlbd::store {

// ---- Rows: encoded records with what is needed to find them ----------------------------------

/// A validated change in its full form, or as a decided checkpoint vouches for it. Never altered
/// once stored.
struct ChangeRow {
    Hash hash;
    DeviceIndex device;
    Seq seq;
    DocIndex doc;
    bool isSignatureChecked = true; ///< see history::Change
    Bytes record;                   ///< history::encodeFull or encodeDecided
    friend bool operator==(const ChangeRow &, const ChangeRow &) = default;
};
/// Changes below a decided checkpoint, put away together. It takes their rows' place in one
/// transaction: after a crash either these are there or the pack is, never neither.
struct PackRow {
    Hash id;                   ///< digest of the record: the same again is no second row
    Bytes record;              ///< history::encodePack
    std::vector<Hash> instead; ///< rows that go; not stored, and empty when it is read
    friend bool operator==(const PackRow &, const PackRow &) = default;
};
/// The newest ack of a seat; replaces the one before.
struct AckRow {
    SeatIndex seat;
    Bytes ack;
    Bytes frontier;
    friend bool operator==(const AckRow &, const AckRow &) = default;
};
struct EvidenceRow {
    Hash id;
    WallTime when;
    Bytes record;
    friend bool operator==(const EvidenceRow &, const EvidenceRow &) = default;
};
/// A refusal as the engine encoded it; the same number again replaces it.
struct RefusalRow {
    std::uint64_t number = 0;
    Bytes record;
    friend bool operator==(const RefusalRow &, const RefusalRow &) = default;
};
/// What was signed here: a second row at one (plane, epoch, round, phase) is a database error.
/// Goes to the journal database, with synchronous=FULL.
struct JournalRow {
    std::uint8_t plane = 0;
    Epoch epoch;
    std::uint32_t round = 0;
    std::uint64_t phase = 0;
    Bytes bytes;
    friend bool operator==(const JournalRow &, const JournalRow &) = default;
};
/// Small named values: "genesis", "key.0", "name", "me"; replaces the one before. An empty one
/// takes the row away, and what was in it is overwritten.
struct MetaRow {
    std::string key;
    Bytes value;
    friend bool operator==(const MetaRow &, const MetaRow &) = default;
};

/// A record about what is to be decided: a proposal, an answer, a report, a vote, a value. Goes
/// when the epoch `until` was closed.
struct ControlRow {
    Hash id; ///< digest of kind and record; the same again is no second row
    std::uint8_t kind = 0;
    Epoch until;
    Bytes record;
    friend bool operator==(const ControlRow &, const ControlRow &) = default;
};
/// How an epoch ended. Never altered once stored; ControlRows up to the epoch go with it.
struct DecisionRow {
    Epoch closed;
    Bytes record;
    friend bool operator==(const DecisionRow &, const DecisionRow &) = default;
};

using Row = std::variant<ChangeRow, AckRow, EvidenceRow, RefusalRow, JournalRow, MetaRow,
                         ControlRow, DecisionRow, PackRow>;
using Rows = std::vector<Row>;

/// Whether the rows must be on the disk when commit returns. Journal rows always are; Lazy is
/// enough for a change that its journal row brings back.
enum class Sync : std::uint8_t { Lazy, Full };

struct StoreError {
    enum class Kind : std::uint8_t {
        Full,     ///< no space left
        ReadOnly, ///< not allowed to write
        InUse,    ///< another process has it open
        Damaged,  ///< not a database, or failed its check; see `detail` for what was saved
        Conflict, ///< a second record at a journal key: never to be signed
        Failed,   ///< anything else, `detail` says what
    } kind = Kind::Failed;
    std::string detail;
};

/// Everything stored, in the order in which the engine takes it: meta, packs in order of arrival,
/// changes in order of arrival (parents in packs, or first), acks, evidence, refusals, journal by
/// key, decisions.
struct StoredWorkspace {
    std::vector<MetaRow> meta;
    std::vector<PackRow> packs;
    std::vector<ChangeRow> changes;
    std::vector<AckRow> acks;
    std::vector<EvidenceRow> evidence;
    std::vector<RefusalRow> refusals;
    std::vector<JournalRow> journal;
    std::vector<ControlRow> control;
    std::vector<DecisionRow> decisions; ///< by epoch
    std::vector<std::string> repairs; ///< what was damaged and what was done about it, in sentences
};

/// One workspace on disk. One thread uses it.
class Store {
public:
    virtual ~Store() = default;

    /// All rows or none. With Sync::Full they survive a power cut when this returns. Journal rows
    /// are durable before any other row of the batch is written. A batch that failed may be
    /// committed again: journal rows that hold the same bytes already are no Conflict. No row holds
    /// more than 1 MiB.
    [[nodiscard]] virtual std::expected<void, StoreError> commit(const Rows &rows, Sync sync) = 0;

    [[nodiscard]] virtual std::expected<StoredWorkspace, StoreError> load() = 0;
};

} // namespace nlbd::store
