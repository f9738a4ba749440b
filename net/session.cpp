#include "net/session.h"

#include <algorithm>
#include <utility>

namespace nlbd::net {

bool Budget::take(std::uint64_t amount, MonoTime now) noexcept
{
    if (now > m_filled) {
        const auto elapsed = static_cast<std::uint64_t>((now - m_filled).count());
        const std::uint64_t gained = std::min<std::uint64_t>(elapsed, 60'000) * m_perSecond / 1000;
        m_left = std::min(m_burst, m_left + gained);
        if (gained > 0)
            m_filled = now;
    }
    if (amount > m_left)
        return false;
    m_left -= amount;
    return true;
}

void RoundTrip::answered(MonoTime now) noexcept
{
    if (!m_waitsSince)
        return;
    const Millis took = std::max(now - *std::exchange(m_waitsSince, std::nullopt), Millis{0});
    m_eighths = m_last ? m_eighths - m_eighths / 8 + took.count() : took.count() * 8;
    m_last = took;
}

std::optional<Millis> RoundTrip::smoothed() const noexcept
{
    return m_last ? std::optional(Millis(m_eighths / 8)) : std::nullopt;
}

Traffic &Traffic::operator+=(const Traffic &more) noexcept
{
    framesIn += more.framesIn;
    framesOut += more.framesOut;
    bytesIn += more.bytesIn;
    bytesOut += more.bytesOut;
    return *this;
}

void SharedWorkspaces::bind(const SessionBinding &binding, Role ours, const PublicKey &theirDevice)
{
    m_binding = binding;
    m_ours = ours;
    m_theirDevice = theirDevice;
}

std::vector<Hash> SharedWorkspaces::proveNew(const std::vector<WorkspaceTag> &tags, Random &random,
                                             bool isFirst)
{
    std::vector<Hash> proofs;
    for (const WorkspaceTag &tag : tags) {
        if (proofs.size() >= kProofsMax || m_nextAlias > kProofsPerSession - kProofsStep)
            break;
        if (m_ourAliases.contains(tag.id) || !tag.knows(m_theirDevice))
            continue;
        m_ourAliases[tag.id] = m_nextAlias;
        proofs.push_back(proofOf(m_binding, tag, m_ours, m_nextAlias++));
    }
    if (proofs.empty() && !isFirst)
        return proofs;
    while (proofs.empty() || proofs.size() % kProofsStep != 0) {
        Hash noise;
        random.fill(noise.value);
        proofs.push_back(noise);
        ++m_nextAlias;
    }
    return proofs;
}

bool SharedWorkspaces::takeTheirs(const std::vector<Hash> &proofs)
{
    if (m_theirs.size() + proofs.size() > kProofsPerSession)
        return false;
    m_theirs.insert(m_theirs.end(), proofs.begin(), proofs.end());
    return true;
}

bool SharedWorkspaces::match(const std::vector<WorkspaceTag> &tags)
{
    const Role prover = m_ours == Role::Dialler ? Role::Listener : Role::Dialler;
    std::erase_if(m_meanings, [&](const auto &entry) {
        return std::ranges::none_of(tags, [&](const WorkspaceTag &tag) {
            return tag.id == entry.second && tag.knows(m_theirDevice);
        });
    });
    for (const WorkspaceTag &tag : tags) {
        const auto isMeant = [&](const auto &entry) { return entry.second == tag.id; };
        if (!tag.knows(m_theirDevice) || std::ranges::any_of(m_meanings, isMeant))
            continue;
        for (std::size_t i = 0; i < m_theirs.size(); ++i) {
            const auto alias = static_cast<std::uint16_t>(i + 1);
            if (!m_meanings.contains(alias)
                && proofOf(m_binding, tag, prover, alias) == m_theirs[i]) {
                m_meanings[alias] = tag.id;
                break;
            }
        }
    }
    std::vector<WorkspaceId> shared;
    for (const auto &[alias, id] : m_meanings)
        shared.push_back(id);
    std::ranges::sort(shared);
    const bool isMember = std::ranges::any_of(tags, [&](const WorkspaceTag &tag) {
        return tag.has(m_theirDevice) && std::ranges::binary_search(shared, tag.id);
    });
    const bool isChanged = shared != m_shared || isMember != m_isMember;
    m_shared = std::move(shared);
    m_isMember = isMember;
    return isChanged;
}

std::optional<std::uint16_t> SharedWorkspaces::aliasFor(const WorkspaceId &id) const
{
    const auto found = m_ourAliases.find(id);
    if (found == m_ourAliases.end() || !std::ranges::binary_search(m_shared, id))
        return std::nullopt;
    return found->second;
}

std::optional<WorkspaceId> SharedWorkspaces::meaningOf(std::uint16_t alias) const
{
    const auto found = m_meanings.find(alias);
    return found == m_meanings.end() ? std::nullopt : std::optional(found->second);
}

} // namespace nlbd::net
