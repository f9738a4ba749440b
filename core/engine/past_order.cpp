#include "core/engine/past_order.h"

#include "core/base/check.h"
#include "core/engine/epochs.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

// What is done in one go, some milliseconds.
constexpr std::size_t kReadAtOnce = 4'096;
constexpr std::size_t kGroupedAtOnce = 32'768;

bool isIn(const std::vector<MemberIndex> &members, MemberIndex member)
{
    return std::ranges::binary_search(members, member);
}

void add(std::vector<MemberIndex> &members, MemberIndex member)
{
    const auto at = std::ranges::lower_bound(members, member);
    if (at == members.end() || *at != member)
        members.insert(at, member);
}

/// Times are at least zero and ascend, so that no distance overflows.
bool isNear(std::int64_t fromMs, std::int64_t toMs, Millis distance)
{
    return toMs - fromMs <= distance.count();
}

} // namespace

PastOrder::PastOrder(const Engine::State &state, DocIndex doc)
    : m_state(state)
    , m_doc(doc)
    , m_revision(state.epochs->revision())
{
}

bool PastOrder::isStale() const
{
    return m_revision != m_state.epochs->revision() || m_shown.size() > m_state.graph.size();
}

bool PastOrder::readOn()
{
    CHECK(!isStale());
    std::vector<Place> found;
    for (std::size_t i = 0; i < kReadAtOnce && m_shown.size() < m_state.graph.size(); ++i)
        read(ChangeHandle(static_cast<std::uint32_t>(m_shown.size() + 1)), found);
    put(std::move(found));
    if (m_shown.size() < m_state.graph.size())
        return false;
    const std::size_t end = std::min(m_places.size(), m_grouped + kGroupedAtOnce);
    for (; m_grouped < end; ++m_grouped)
        group(m_grouped);
    return m_grouped == m_places.size();
}

void PastOrder::read(ChangeHandle change, std::vector<Place> &found)
{
    const auto &entry = m_state.graph.entry(change);
    // Its writer may have claimed anything.
    std::int64_t shown = std::clamp<std::int64_t>(
        entry.wallMs, 0, std::max<std::int64_t>(0, m_state.now.wall.time_since_epoch().count()));
    const auto follow = [&](ChangeHandle parent) {
        if (parent != ChangeHandle())
            shown = std::max(shown, m_shown[parent.value - 1]);
    };
    follow(entry.prev);
    std::ranges::for_each(entry.deps, follow);
    m_shown.push_back(shown);
    const auto open = m_state.documents.find(m_doc);
    if (entry.doc != m_doc || open == m_state.documents.end() || m_state.epochs->isVoid(change))
        return;
    Place place{shown, change, 0, 0};
    for (const crdt::Deed &deed :
         open->second.document.deedsOf(crdt::IdRange::whole(change), SIZE_MAX))
        (deed.kind == crdt::Deed::Kind::Inserted ? place.added : place.removed) += deed.length;
    const bool isEmpty = entry.idCount == 0 && m_state.headerOf(change).opCount == 0;
    if (!isEmpty)
        found.push_back(place);
}

/// As a rule what comes belongs at the end. Where people meet after a time apart it goes between.
void PastOrder::put(std::vector<Place> found)
{
    if (found.empty())
        return;
    const auto isEarlier = [this](const Place &a, const Place &b) {
        return isBefore(a.change, b.change);
    };
    std::ranges::sort(found, isEarlier);
    const std::size_t middle = m_places.size();
    const auto first = std::ranges::upper_bound(m_places, found.front(), isEarlier);
    const auto begin = first - m_places.begin();
    m_places.insert(m_places.end(), found.begin(), found.end());
    if (static_cast<std::size_t>(begin) == middle)
        return;
    std::inplace_merge(m_places.begin() + begin,
                       m_places.begin() + static_cast<std::ptrdiff_t>(middle), m_places.end(),
                       isEarlier);
    m_groups.clear();
    m_grouped = 0;
}

bool PastOrder::isBefore(ChangeHandle a, ChangeHandle b) const
{
    const std::int64_t left = m_shown[a.value - 1];
    const std::int64_t right = m_shown[b.value - 1];
    return left != right ? left < right : m_state.graph.isBefore(a, b);
}

WallTime PastOrder::timeOf(ChangeHandle change) const
{
    return WallTime(Millis(m_shown[change.value - 1]));
}

std::optional<MemberIndex> PastOrder::writerOf(ChangeHandle change) const
{
    const identity::Device *device = m_state.known().device(m_state.graph.entry(change).device);
    return device == nullptr ? std::nullopt : std::optional(device->member);
}

// ---- groups -------------------------------------------------------------------------------------

void PastOrder::group(std::size_t at)
{
    const Place &place = m_places[at];
    const MemberIndex writer = writerOf(place.change).value_or(MemberIndex());
    const auto goesOn = [&](const Group &it) {
        return isNear(it.toMs, place.shownMs, api::PastGroup::kPause)
            && isNear(it.fromMs, place.shownMs, api::PastGroup::kSpanMax);
    };
    if (!m_groups.empty() && goesOn(m_groups.back()) && isIn(m_groups.back().members, writer))
        return extend(m_groups.back(), at);
    // Who writes again within a minute takes turns with who wrote in between.
    if (m_groups.size() > 1) {
        Group &before = m_groups[m_groups.size() - 2];
        const Group &between = m_groups.back();
        std::vector<MemberIndex> both = before.members;
        for (const MemberIndex member : between.members)
            add(both, member);
        if (goesOn(before) && isNear(before.toMs, place.shownMs, api::PastGroup::kTurn)
            && isIn(before.members, writer) && both.size() <= api::PastGroup::kMembersMax) {
            for (std::size_t i = between.from; i < between.to; ++i)
                extend(before, i);
            m_groups.pop_back();
            return extend(m_groups.back(), at);
        }
    }
    Group fresh;
    fresh.from = fresh.to = at;
    fresh.fromMs = place.shownMs;
    m_groups.push_back(std::move(fresh));
    extend(m_groups.back(), at);
}

void PastOrder::extend(Group &group, std::size_t at)
{
    const Place &place = m_places[at];
    CHECK(group.to == at);
    group.to = at + 1;
    group.toMs = place.shownMs;
    group.added += place.added;
    group.removed += place.removed;
    add(group.members, writerOf(place.change).value_or(MemberIndex()));
    const auto &entry = m_state.graph.entry(place.change);
    const auto same = std::ranges::find_if(group.newest, [&](ChangeHandle known) {
        return m_state.graph.entry(known).chain == entry.chain;
    });
    if (same == group.newest.end())
        group.newest.push_back(place.change);
    else
        *same = place.change; // a chain is in order here
}

// ---- names --------------------------------------------------------------------------------------

std::size_t PastOrder::placeOf(ChangeHandle change) const
{
    const auto at = std::ranges::lower_bound(
        m_places, change, [this](ChangeHandle a, ChangeHandle b) { return isBefore(a, b); },
        &Place::change);
    return static_cast<std::size_t>(at - m_places.begin());
}

std::optional<ChangeHandle> PastOrder::find(const Hash &name) const
{
    const ChangeHandle change = m_state.graph.find(name);
    if (change == ChangeHandle() || change.value > m_shown.size())
        return std::nullopt;
    const std::size_t at = placeOf(change);
    const bool isHere = at < m_places.size() && m_places[at].change == change;
    return isHere ? std::optional(change) : std::nullopt;
}

std::size_t PastOrder::groupOf(ChangeHandle change) const
{
    const std::size_t at = placeOf(change);
    const auto after = std::ranges::upper_bound(m_groups, at, {}, &Group::from);
    CHECK(after != m_groups.begin());
    return static_cast<std::size_t>(after - m_groups.begin()) - 1;
}

} // namespace nlbd::engine
