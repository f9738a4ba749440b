#include "core/engine/scrubber.h"

#include "core/engine/exchange.h"
#include "core/history/change_codec.h"

#include <unordered_map>

namespace nlbd::engine {

namespace {

constexpr std::uint32_t kScannedMax = 4096; // handles that need no reading, passed in one step

} // namespace

Millis Scrubber::dayOfChance()
{
    const Millis day = m_state.config.dayLength;
    return day * 3 / 4
        + Millis(m_state.config.random.below(static_cast<std::uint64_t>(day.count() / 2) + 1));
}

void Scrubber::tick()
{
    const MonoTime now = m_state.now.mono;
    if (!m_next)
        m_next = now + dayOfChance();
    if (m_isWaiting || now < *m_next)
        return;
    std::vector<Hash> rows = nextRows();
    m_next = now + kStepPause;
    if (!rows.empty()) {
        m_isWaiting = true;
        m_state.out.readBack(std::move(rows));
    } else if (m_cursor >= m_state.graph.size()) {
        endPass();
    }
}

std::vector<Hash> Scrubber::nextRows()
{
    std::vector<Hash> rows;
    m_askedFrom = m_cursor;
    const auto size = static_cast<std::uint32_t>(m_state.graph.size());
    const std::uint32_t end = std::min(size, m_cursor + kScannedMax);
    while (m_cursor < end && rows.size() < kRowsPerStep) {
        const ChangeHandle change(++m_cursor);
        if (!m_state.isPacked[m_cursor - 1])
            rows.push_back(m_state.graph.entry(change).hash);
    }
    return rows;
}

bool Scrubber::isWhole(ChangeHandle change) const
{
    const Bytes &record = m_state.records[change.value - 1];
    const Hash &hash = m_state.graph.entry(change).hash;
    if (history::isDecidedForm(record)) {
        const auto decided = history::decodeDecided(record);
        return decided && decided->header.hash() == hash;
    }
    const auto decoded = history::decodeFull(record);
    return decoded && decoded->hash == hash;
}

void Scrubber::rowsRead(const RowsRead &event)
{
    if (!std::exchange(m_isWaiting, false))
        return;
    if (event.error) {
        m_cursor = m_askedFrom;
        m_next = m_state.now.mono + kRetryPause;
        return;
    }
    std::unordered_map<Hash, const store::ChangeRow *> found;
    for (const store::ChangeRow &row : event.rows)
        found[row.hash] = &row;
    for (const Hash &hash : event.asked) {
        const ChangeHandle change = m_state.graph.find(hash);
        if (change == ChangeHandle() || m_state.isPacked[change.value - 1])
            continue; // forgotten or put away meanwhile
        const auto row = found.find(hash);
        const bool isSame =
            row != found.end() && row->second->record == m_state.records[change.value - 1];
        if (!isSame || !isWhole(change))
            mend(change, row == found.end() ? nullptr : row->second);
    }
}

void Scrubber::mend(ChangeHandle change, const store::ChangeRow *row)
{
    Bytes &record = m_state.records[change.value - 1];
    ++m_mended;
    if (!isWhole(change)) {
        Bytes before = record;
        if (row != nullptr)
            record = row->record;
        if (!isWhole(change))
            record = std::move(before); // neither: the next start leaves it out and fetches it
        return;
    }
    const history::ChangeHeader header = m_state.headerOf(change);
    m_state.lastChangePersist = m_state.out.persist(
        {store::ChangeRow{m_state.graph.entry(change).hash, header.device, header.seq, header.doc,
                          m_state.isSignatureChecked[change.value - 1], record}},
        store::Sync::Full);
}

void Scrubber::endPass()
{
    m_cursor = 0;
    m_next = m_state.now.mono + dayOfChance();
    m_state.exchange->compareWholly();
    const std::size_t mended = std::exchange(m_mended, 0);
    if (mended == 0)
        return;
    m_told = std::to_string(mended)
        + (mended == 1 ? " record was altered or gone on the disk, and was"
                       : " records were altered or gone on the disk, and were")
        + " written again. The disk may be failing: keep a backup elsewhere.";
    sendAll();
}

void Scrubber::sendAll()
{
    if (m_told)
        m_state.out.notify(api::Trouble{api::Trouble::Kind::StoreRecovered, *m_told, false});
}

std::optional<MonoTime> Scrubber::nextDeadline() const
{
    return m_isWaiting ? std::nullopt : m_next;
}

} // namespace nlbd::engine
