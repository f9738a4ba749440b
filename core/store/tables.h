#pragma once

#include "core/store/sqlite_database.h"

#include <optional>

namespace nlbd::store {

/// No row holds more: the largest record of all is evidence, two changes with their parents'
/// headers.
inline constexpr std::size_t kRowBytesMax = 1024 * 1024;

/// Tables of text.db: changes, packs of them, acks, evidence, refusals, what is being and was
/// decided. Each row carries eight bytes of digest over the rest of it, for SQLite does not notice
/// a flipped bit inside a value.
class TextTables {
public:
    /// Makes the tables if they are missing and prepares the statements.
    [[nodiscard]] static std::expected<TextTables, StoreError> open(Database &database);

    [[nodiscard]] std::expected<void, StoreError> put(const ChangeRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const PackRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const AckRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const EvidenceRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const RefusalRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const ControlRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const DecisionRow &row);

private:
    Statement m_change;
    Statement m_forgetChange;
    Statement m_pack;
    Statement m_ack;
    Statement m_evidence;
    Statement m_refusal;
    Statement m_forgetRefusals;
    Statement m_control;
    Statement m_decision;
    Statement m_forgetControl;
};

/// Tables of journal.db: what was signed, and the named values without which nothing can be read.
class JournalTables {
public:
    [[nodiscard]] static std::expected<JournalTables, StoreError> open(Database &database);

    /// The same bytes again are fine (a batch is retried); other bytes at the key are Conflict.
    [[nodiscard]] std::expected<void, StoreError> put(const JournalRow &row);
    [[nodiscard]] std::expected<void, StoreError> put(const MetaRow &row);

    /// Errors: Damaged if any row fails its check.
    [[nodiscard]] static std::expected<void, StoreError> read(Database &database,
                                                              StoredWorkspace &into);

private:
    Statement m_enter;
    Statement m_find;
    Statement m_meta;
    Statement m_forgetMeta;
};

/// What reading text.db found.
struct TextRead {
    std::size_t unreadable = 0;        ///< rows left out because they failed their check
    std::optional<StoreError> stopped; ///< the file itself is damaged: not everything was seen
};

/// Reads rows in order of arrival until the end or the first damaged page. Rows that fail their
/// check are deleted, so that what is fetched anew can take their place.
[[nodiscard]] TextRead readText(Database &database, StoredWorkspace &into);

/// The rows of these changes that are there and pass their check.
[[nodiscard]] std::expected<std::vector<ChangeRow>, StoreError>
readChanges(Database &database, std::span<const Hash> changes);

/// Reads what can be read around damaged pages, row by row. `into` gets whole rows only.
/// `fileBytes` bounds how many rows there can be, whatever the damaged file says.
[[nodiscard]] std::size_t salvageText(Database &database, std::uintmax_t fileBytes,
                                      StoredWorkspace &into);

} // namespace nlbd::store
