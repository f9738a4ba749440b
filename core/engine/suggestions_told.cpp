#include "core/engine/drafts.h"
#include "core/engine/suggestions.h"
#include "core/engine/views.h"

namespace nlbd::engine {

namespace {

constexpr Millis kInterval{100};
constexpr std::size_t kWorkPerMilli = 200; // much is reckoned less often

} // namespace

void Suggestions::sendIfDue()
{
    if (m_state.now.mono < m_next || !nextDeadline())
        return;
    std::size_t work = 0;
    struct Open {
        std::vector<api::Suggestion> suggestions;
        bool isCut = false;
    };
    std::map<DocIndex, Open> all;
    for (auto &[key, told] : m_told) {
        const DocIndex doc = key.first;
        if (!std::exchange(told.isDirty, false) || !m_state.documents.contains(doc))
            continue;
        const auto [found, isNew] = all.try_emplace(doc);
        Open &open = found->second;
        if (isNew)
            open.suggestions = of(doc, open.isCut);
        for (const api::Suggestion &it : open.suggestions)
            work += it.parts.size();
        for (const Views::Basis &basis : m_state.views->viewsOf(doc)) {
            if (basis.view != key.second || open.suggestions == told.suggestions)
                continue;
            told.suggestions = open.suggestions;
            api::SuggestionsChanged event{
                doc, basis.view, basis.patch, basis.includesSerial, open.suggestions, open.isCut};
            for (api::Suggestion &it : event.suggestions)
                for (api::Suggestion::Part &part : it.parts) {
                    part.from = m_state.drafts->shown(doc, part.from);
                    part.to = m_state.drafts->shown(doc, part.to);
                }
            m_state.out.notify(std::move(event));
        }
    }
    m_next = m_state.now.mono + kInterval + Millis(static_cast<std::int64_t>(work / kWorkPerMilli));
}

std::optional<MonoTime> Suggestions::nextDeadline() const
{
    const bool isAnyDirty =
        std::ranges::any_of(m_told, [](const auto &it) { return it.second.isDirty; });
    return isAnyDirty ? std::optional(m_next) : std::nullopt;
}

} // namespace nlbd::engine
