#pragma once

#include "core/base/random.h"
#include "core/store/reading_back.h"

#include <map>
#include <tuple>
#include <unordered_map>

namespace nlbd::store {

/// The same contract in memory, for the simulator: what is not synced is lost at a crash, in whole
/// batches from the end, as a seeded source decides. Journal rows and named values are durable at
/// once, as on the disk.
class MemoryStore final : public Store, public ReadingBack {
public:
    [[nodiscard]] std::expected<void, StoreError> commit(const Rows &rows, Sync sync) override;
    [[nodiscard]] std::expected<StoredWorkspace, StoreError> load() override;
    [[nodiscard]] std::expected<std::vector<ChangeRow>, StoreError>
    readBack(std::span<const Hash> changes) override;
    /// The disk loses a change, or alters it where `record` says how, and tells nobody.
    void lie(const Hash &change, std::optional<Bytes> record);

    /// Power loss: any number of the newest lazy batches of the text database vanish.
    void crash(Random &random);

    /// The next commits fail with this error until cleared.
    void failWith(std::optional<StoreError> error);

private:
    using JournalKey = std::tuple<std::uint8_t, Epoch, std::uint32_t, std::uint64_t>;

    struct Tables {
        std::map<std::string, MetaRow> meta;
        std::vector<PackRow> packs;
        std::vector<ChangeRow> changes;
        std::unordered_map<Hash, std::size_t> changeAt;
        std::map<SeatIndex, AckRow> acks;
        std::vector<EvidenceRow> evidence;
        std::map<std::uint64_t, RefusalRow> refusals;
        std::map<JournalKey, JournalRow> journal;
        std::vector<ControlRow> control;
        std::map<Epoch, DecisionRow> decisions;
    };
    [[nodiscard]] static JournalKey keyOf(const JournalRow &row);
    static void put(Tables &into, const Row &row);
    static void put(Tables &into, const PackRow &row);
    [[nodiscard]] static bool isJournal(const Row &row);
    void settle();

    Tables m_durable;
    std::vector<Rows> m_lazy; ///< committed, not yet synced
    std::optional<StoreError> m_error;
};

} // namespace nlbd::store
