#pragma once

#include "tests/support/asking_table.h"

namespace nlbd::testing {

/// People at one document who ask how it was.
struct PastTable : AskingTable {
    using AskingTable::AskingTable;

    /// What one is answered; nothing if nothing comes. The other events reach the view.
    template <typename Answer>
    std::optional<Answer> ask(std::size_t i, api::Command question)
    {
        send(i);
        take(i);
        group.submit(i, std::move(question));
        group.run(std::chrono::milliseconds(200));
        std::optional<Answer> answer;
        for (api::Event &event : group.takeEvents(i)) {
            if (auto *told = std::get_if<Answer>(&event))
                answer = std::move(*told);
            else
                views[i].inbox.push_back(std::move(event));
        }
        take(i);
        return answer;
    }
    /// A long time, in which nothing happens.
    void pass(Millis time)
    {
        group.sleep(time, true);
        group.run(std::chrono::seconds(1));
    }
    std::vector<api::PastGroup> groups(std::size_t i)
    {
        const auto told = ask<api::PastTold>(i, api::AskPast{++requests, doc});
        return told ? told->groups : std::vector<api::PastGroup>();
    }
    /// Null if nothing is answered.
    std::shared_ptr<const api::PastText>
    text(std::size_t i, const Hash &upTo,
         api::AskPastText::Against against = api::AskPastText::Against::Before,
         std::optional<Hash> since = std::nullopt)
    {
        const auto told = ask<api::PastTextTold>(
            i, api::AskPastText{++requests, doc, upTo, against, since.value_or(upTo)});
        return told ? told->past : nullptr;
    }
    api::PastRestored restore(std::size_t i, const Hash &upTo,
                              std::optional<api::RestorePast::Part> part = std::nullopt)
    {
        const auto told = ask<api::PastRestored>(i, api::RestorePast{++requests, doc, upTo, part});
        settle();
        return told.value_or(api::PastRestored{0, doc, api::PastRestored::Result::NotKnown});
    }
    void format(std::size_t i, TextOffset from, TextOffset to, AttributeChanges changes)
    {
        views[i].edit({}, {{from, to, std::move(changes)}}, api::EditText::Cause::Format);
    }
    [[nodiscard]] std::string shown(std::size_t i) const
    {
        std::string text;
        for (const StyledView::Letter &letter : views[i].letters())
            text += letter.scalar;
        return text;
    }
    /// The newest change of the document that a computer holds.
    [[nodiscard]] Hash newest(std::size_t i)
    {
        const history::CausalGraph &graph = group.at(i).graph();
        for (std::size_t n = graph.size(); n > 0; --n) {
            const auto &entry = graph.entry(ChangeHandle(static_cast<std::uint32_t>(n)));
            if (entry.doc == doc)
                return entry.hash;
        }
        return {};
    }
};

/// One side of what was told of the past: without what came, or without what went.
inline std::string sideOf(const api::PastText &told, api::PastRun::What without)
{
    std::string side;
    TextOffset at = 0;
    for (const api::PastRun &run : told.runs) {
        if (run.what != without)
            continue;
        side += utf8::slice(told.text, at, run.from - at);
        at = run.to;
    }
    return side += utf8::slice(told.text, at, UINT32_MAX);
}
inline std::string afterOf(const api::PastText &told)
{
    return sideOf(told, api::PastRun::What::Removed);
}
inline std::string beforeOf(const api::PastText &told)
{
    return sideOf(told, api::PastRun::What::Added);
}

} // namespace nlbd::testing
