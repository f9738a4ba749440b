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
    const Key *last = lastUpTo(plane, epoch, std::numeric_limits<std::uint32_t>::max());
    return last != nullptr ? last->phase : 0;
}

std::uint64_t SignJournal::lastPhaseIn(Plane plane, Epoch epoch, std::uint32_t round) const
{
    const Key *last = lastUpTo(plane, epoch, round);
    return last != nullptr && last->round == round ? last->phase : 0;
}

const SignJournal::Key *SignJournal::lastUpTo(Plane plane, Epoch epoch, std::uint32_t round) const
{
    const Key end{plane, epoch, round, std::numeric_limits<std::uint64_t>::max()};
    const auto after = m_entries.upper_bound(end);
    if (after == m_entries.begin())
        return nullptr;
    const Key &last = std::prev(after)->first;
    return last.plane == plane && last.epoch == epoch ? &last : nullptr;
}

bool SignJournal::holds(const Row &row) const
{
    const auto entry = m_entries.find(row.key);
    return entry != m_entries.end() && entry->second == digest(kJournal, row.bytes);
}

} // namespace nlbd::trust
