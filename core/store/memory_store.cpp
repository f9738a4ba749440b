#include "core/store/memory_store.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/store/row_check.h"
#include "core/store/tables.h"

#include <algorithm>

namespace nlbd::store {

MemoryStore::JournalKey MemoryStore::keyOf(const JournalRow &row)
{
    return {row.plane, row.epoch, row.round, row.phase};
}

bool MemoryStore::isJournal(const Row &row)
{
    return std::holds_alternative<JournalRow>(row) || std::holds_alternative<MetaRow>(row);
}

void MemoryStore::put(Tables &into, const Row &row)
{
    struct Put {
        Tables &tables;
        void operator()(const ChangeRow &r) const
        {
            const auto [at, isNew] = tables.changeAt.try_emplace(r.hash, tables.changes.size());
            if (isNew) {
                tables.changes.push_back(r);
                return;
            }
            ChangeRow &held = tables.changes[at->second];
            held.isSignatureChecked = held.isSignatureChecked || r.isSignatureChecked;
            held.record = r.record;
        }
        void operator()(const PackRow &r) const { MemoryStore::put(tables, r); }
        void operator()(const AckRow &r) const { tables.acks[r.seat] = r; }
        void operator()(const EvidenceRow &r) const
        {
            if (std::ranges::none_of(tables.evidence, [&r](const auto &e) { return e.id == r.id; }))
                tables.evidence.push_back(r);
        }
        void operator()(const RefusalRow &r) const
        {
            tables.refusals[r.number] = r;
            while (tables.refusals.begin()->first + limits::kRefusalsMax <= r.number)
                tables.refusals.erase(tables.refusals.begin());
        }
        void operator()(const JournalRow &r) const { tables.journal.try_emplace(keyOf(r), r); }
        void operator()(const MetaRow &r) const
        {
            if (r.value.empty())
                tables.meta.erase(r.key);
            else
                tables.meta[r.key] = r;
        }
        void operator()(const ControlRow &r) const
        {
            if (std::ranges::none_of(tables.control, [&r](const auto &c) { return c.id == r.id; }))
                tables.control.push_back(r);
        }
        void operator()(const DecisionRow &r) const
        {
            tables.decisions.try_emplace(r.closed, r);
            std::erase_if(tables.control, [&r](const auto &c) { return c.until <= r.closed; });
        }
    };
    std::visit(Put{into}, row);
}

void MemoryStore::put(Tables &into, const PackRow &row)
{
    if (std::ranges::none_of(into.packs, [&row](const auto &pack) { return pack.id == row.id; }))
        into.packs.push_back({row.id, row.record, {}});
    for (const Hash &hash : row.instead)
        into.changeAt.erase(hash);
    std::erase_if(into.changes, [&into](const ChangeRow &change) {
        return !into.changeAt.contains(change.hash);
    });
    for (std::size_t i = 0; i < into.changes.size(); ++i)
        into.changeAt[into.changes[i].hash] = i;
}

std::expected<void, StoreError> MemoryStore::commit(const Rows &rows, Sync sync)
{
    if (m_error)
        return std::unexpected(*m_error);
    std::map<JournalKey, const JournalRow *>
        entered; // two rows of one batch may contradict as well
    for (const Row &row : rows) {
        if (sizeOf(row) > kRowBytesMax)
            return std::unexpected(
                StoreError{StoreError::Kind::Failed, "a record is larger than any may be"});
        const auto *entry = std::get_if<JournalRow>(&row);
        if (entry == nullptr)
            continue;
        const auto [first, isNew] = entered.try_emplace(keyOf(*entry), entry);
        const auto held = m_durable.journal.find(keyOf(*entry));
        if ((!isNew && first->second->bytes != entry->bytes)
            || (held != m_durable.journal.end() && held->second.bytes != entry->bytes))
            return std::unexpected(StoreError{StoreError::Kind::Conflict,
                                              "another record was signed at this place before"});
    }
    Rows others;
    for (const Row &row : rows) {
        if (isJournal(row))
            put(m_durable, row);
        else
            others.push_back(row);
    }
    m_lazy.push_back(std::move(others));
    if (sync == Sync::Full)
        settle();
    return {};
}

void MemoryStore::settle()
{
    for (const Rows &batch : m_lazy)
        for (const Row &row : batch)
            put(m_durable, row);
    m_lazy.clear();
}

std::expected<std::vector<ChangeRow>, StoreError>
MemoryStore::readBack(std::span<const Hash> changes)
{
    if (m_error)
        return std::unexpected(*m_error);
    std::unordered_map<Hash, ChangeRow> found;
    for (const Hash &hash : changes)
        if (const auto at = m_durable.changeAt.find(hash); at != m_durable.changeAt.end())
            found[hash] = m_durable.changes[at->second];
    for (const Rows &batch : m_lazy)
        for (const Row &row : batch)
            if (const auto *change = std::get_if<ChangeRow>(&row);
                change != nullptr && std::ranges::find(changes, change->hash) != changes.end())
                found[change->hash] = *change;
    std::vector<ChangeRow> rows;
    for (auto &[hash, row] : found)
        rows.push_back(std::move(row));
    return rows;
}

void MemoryStore::lie(const Hash &change, std::optional<Bytes> record)
{
    settle();
    const auto at = m_durable.changeAt.find(change);
    CHECK(at != m_durable.changeAt.end());
    if (record) {
        m_durable.changes[at->second].record = std::move(*record);
        return;
    }
    m_durable.changes.erase(m_durable.changes.begin() + static_cast<std::ptrdiff_t>(at->second));
    m_durable.changeAt.clear();
    for (std::size_t i = 0; i < m_durable.changes.size(); ++i)
        m_durable.changeAt[m_durable.changes[i].hash] = i;
}

std::expected<StoredWorkspace, StoreError> MemoryStore::load()
{
    Tables all = m_durable;
    for (const Rows &batch : m_lazy)
        for (const Row &row : batch)
            put(all, row);
    StoredWorkspace result;
    result.packs = std::move(all.packs);
    result.changes = std::move(all.changes);
    result.evidence = std::move(all.evidence);
    result.control = std::move(all.control);
    for (auto &[epoch, row] : all.decisions)
        result.decisions.push_back(std::move(row));
    for (auto &[key, row] : all.meta)
        result.meta.push_back(std::move(row));
    for (auto &[seat, row] : all.acks)
        result.acks.push_back(std::move(row));
    for (auto &[number, row] : all.refusals)
        result.refusals.push_back(std::move(row));
    for (auto &[key, row] : all.journal)
        result.journal.push_back(std::move(row));
    return result;
}

void MemoryStore::crash(Random &random)
{
    m_lazy.resize(random.below(m_lazy.size() + 1));
    settle();
}

void MemoryStore::failWith(std::optional<StoreError> error)
{
    m_error = std::move(error);
}

} // namespace nlbd::store
