#include "crowd.h"

namespace nlbd::bench {

Crowd::Crowd(std::size_t members, std::vector<Place> places, const std::filesystem::path &folder)
    : m_group(test::FoundedGroup::found(members, m_scheme, m_random))
{
    places.resize(members);
    for (std::size_t i = 0; i < members; ++i)
        m_members.push_back(std::make_unique<CrowdMember>(
            m_group, i, places[i],
            folder.empty() ? std::filesystem::path() : folder / std::to_string(i)));
}

// All at once: whoever goes first would be called by all others until they go too.
Crowd::~Crowd()
{
    for (const auto &member : m_members)
        member->beginToStop();
}

std::expected<void, std::string> Crowd::meet(Millis patience, std::size_t sessions)
{
    for (const auto &member : m_members)
        if (!member->start())
            return std::unexpected("a member could not listen");
    const bool isRing = sessions < size() - 1;
    const std::size_t reach = isRing ? sessions / 2 : size() - 1;
    for (std::size_t i = 0; i < size(); ++i)
        for (std::size_t d = 1; d <= reach && (isRing || i + d < size()); ++d)
            at(i).dial(at((i + d) % size()));
    const auto isMet = [this, wanted = isRing ? 2 * reach : reach] {
        return std::ranges::all_of(
            m_members, [wanted](const auto &member) { return member->sessions() >= wanted; });
    };
    if (!until(isMet, patience))
        return std::unexpected("not everybody met everybody in time");
    return {};
}

std::expected<void, std::string> Crowd::openDocument(Millis patience)
{
    at(0).createDocument();
    const auto isOpen = [this] {
        return std::ranges::all_of(
            m_members, [](const auto &member) { return member->isOpen() || member->isSilent(); });
    };
    if (!until(isOpen, patience))
        return std::unexpected("the document did not come to everybody in time");
    return {};
}

bool Crowd::until(const std::function<bool()> &isTrue, Millis patience)
{
    for (const std::int64_t end = nowNs() + patience.count() * 1'000'000; nowNs() < end;
         sleepUntil(nowNs() + 1'000'000))
        if (isTrue())
            return true;
    return isTrue();
}

bool Crowd::isConverged()
{
    std::optional<std::string> text;
    std::optional<std::size_t> held;
    for (const auto &member : m_members) {
        if (member->isSilent())
            continue;
        if (held && *held != member->held())
            return false;
        held = member->held();
        std::string shown = member->text();
        if (text && *text != shown)
            return false;
        text = std::move(shown);
    }
    return true;
}

} // namespace nlbd::bench
