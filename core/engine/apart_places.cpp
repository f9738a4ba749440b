#include "core/engine/apart_places.h"

#include "core/engine/past_text.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

using Kind = crdt::DeltaStep::Kind;

constexpr TextOffset kNear = 24; // untouched letters between two parts of one place

/// A change and all that stands on it, by handle - 1.
std::vector<bool> lateness(const history::CausalGraph &graph, const std::set<ChangeHandle> &changes)
{
    std::vector<bool> isLate(graph.size());
    for (std::uint32_t i = changes.begin()->value; i <= graph.size(); ++i) {
        const ChangeHandle change(i);
        const auto &entry = graph.entry(change);
        const auto stands = [&](ChangeHandle parent) {
            return parent != ChangeHandle() && isLate[parent.value - 1];
        };
        isLate[i - 1] = changes.contains(change) || stands(entry.prev)
            || std::ranges::any_of(entry.deps, stands);
    }
    return isLate;
}

/// Walks along what leads from without to with, and gathers places.
class Gatherer {
public:
    Gatherer(const Engine::State &state, const std::set<ChangeHandle> &changes)
        : m_state(state)
        , m_changes(changes)
    {
    }

    void step(const crdt::AuthoredStep &it, ContentReader &before, ContentReader &now)
    {
        std::string gone;
        std::string come;
        const TextOffset length = it.step.kind == Kind::Insert
            ? utf8::length(it.step.text)
            : std::max(it.step.length, TextOffset(1));
        if (it.step.kind != Kind::Insert)
            before.take(length, [&](std::string_view text, const auto &) { add(gone, text); });
        if (it.step.kind != Kind::Delete)
            now.take(length, [&](std::string_view text, const auto &) { add(come, text); });
        const TextOffset until = m_at + (it.step.kind == Kind::Delete ? 0 : length);
        const std::vector<ChangeHandle> by = behind(it);
        if (by.empty())
            pass(it.step.kind == Kind::Retain ? length : 0, gone, come);
        else
            touch(until, gone, come, by, it.step.kind == Kind::Retain);
        m_at = until;
    }
    [[nodiscard]] ApartPlaces finish()
    {
        close();
        return std::move(m_result);
    }

private:
    /// No more than is told of a place, and one scalar that says that there is more.
    static void add(std::string &words, std::string_view text)
    {
        const TextOffset have = utf8::length(words);
        if (have < api::ApartPlace::kWordsMax)
            words +=
                utf8::slice(text, 0, static_cast<TextOffset>(api::ApartPlace::kWordsMax) - have);
    }
    [[nodiscard]] std::vector<ChangeHandle> behind(const crdt::AuthoredStep &it) const
    {
        std::vector<ChangeHandle> by;
        if (m_changes.contains(it.author))
            by.push_back(it.author);
        for (const auto &[key, change] : it.formattedBy)
            if (m_changes.contains(change))
                by.push_back(change);
        return by;
    }
    /// What others than these did, or nobody.
    void pass(TextOffset untouched, const std::string &gone, const std::string &come)
    {
        if (!m_place)
            return;
        m_gap += untouched;
        if (m_gap > kNear)
            return close();
        add(m_goneInGap, gone);
        add(m_comeInGap, come);
    }
    void touch(TextOffset until, const std::string &gone, const std::string &come,
               const std::vector<ChangeHandle> &by, bool isFormat)
    {
        if (!m_place) {
            m_place.emplace();
            m_place->from = m_at;
            m_place->isFormat = true;
        }
        add(m_place->before, std::exchange(m_goneInGap, {}));
        add(m_place->now, std::exchange(m_comeInGap, {}));
        m_gap = 0;
        add(m_place->before, gone);
        add(m_place->now, come);
        m_place->to = until;
        m_place->isFormat = m_place->isFormat && isFormat;
        for (const ChangeHandle change : by) {
            const auto &entry = m_state.graph.entry(change);
            if (const identity::Device *device = m_state.known().device(entry.device))
                m_place->members.push_back(device->member);
            m_place->when =
                std::max(m_place->when, std::min(WallTime(Millis(entry.wallMs)), m_state.now.wall));
        }
    }
    void close()
    {
        if (!m_place)
            return;
        auto &members = m_place->members;
        std::ranges::sort(members);
        const auto same = std::ranges::unique(members);
        members.erase(same.begin(), same.end());
        ++m_result.count;
        if (m_result.places.size() < api::ApartTold::kPlacesMax)
            m_result.places.push_back(std::move(*m_place));
        m_place.reset();
        m_goneInGap.clear();
        m_comeInGap.clear();
        m_gap = 0;
    }

    const Engine::State &m_state;
    const std::set<ChangeHandle> &m_changes;
    ApartPlaces m_result;
    TextOffset m_at = 0;
    std::optional<api::ApartPlace> m_place;
    TextOffset m_gap = 0;
    std::string m_goneInGap;
    std::string m_comeInGap;
};

} // namespace

ApartPlaces apartPlaces(const Engine::State &state, const crdt::Document &document,
                        const std::set<ChangeHandle> &changes)
{
    if (changes.empty())
        return {};
    const std::vector<bool> isLate = lateness(state.graph, changes);
    const auto isThen = [&](ChangeHandle change) { return !isLate[change.value - 1]; };
    const auto isNow = [](ChangeHandle) { return true; };
    const crdt::Delta before = document.contentAt(isThen);
    const crdt::Delta now = document.contentAt(isNow);
    ContentReader old(before);
    ContentReader present(now);
    Gatherer gatherer(state, changes);
    for (const crdt::AuthoredStep &it : document.difference(isThen, isNow))
        gatherer.step(it, old, present);
    ApartPlaces found = gatherer.finish();
    for (api::ApartPlace &place : found.places) // the last block has no letter
        place.to = std::min(place.to, document.length());
    return found;
}

} // namespace nlbd::engine
