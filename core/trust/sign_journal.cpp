#include "core/trust/sign_journal.h"

#include <limits>

namespace nlbd::trust {

namespace {

constexpr Domain kJournal{"rt1.journal"};

} // namespace

bool SignJournal::enter(const Row &row)
{
    const Hash hash = digest(kJournal, row.bytes);
    const auto [entry, isNew] = m_entries.emplace(row.key, hash);
    return isNew || entry->second == hash;
}

std::uint64_t SignJournal::lastPhase(Plane plane, Epoch epoch) const
{
    constexpr Key kEnd{.plane = {},
                       .epoch = {},
                       .round = std::numeric_limits<std::uint32_t>::max(),
                       .phase = std::numeric_limits<std::uint64_t>::max()};
    Key end = kEnd;
    end.plane = plane;
    end.epoch = epoch;
    const auto after = m_entries.upper_bound(end);
    if (after == m_entries.begin())
        return 0;
    const Key &last = std::prev(after)->first;
    return last.plane == plane && last.epoch == epoch ? last.phase : 0;
}

} // namespace nlbd::trust
