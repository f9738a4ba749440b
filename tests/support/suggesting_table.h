#pragma once

#include "tests/support/asking_table.h"

#include <algorithm>

namespace nlbd::testing {

/// Some people who have one document open, suggest and decide.
struct SuggestingTable : AskingTable {
    using AskingTable::AskingTable;
    using Kind = api::Suggestion::Kind;
    using What = api::Suggestion::Part::What;

    void suggest(std::size_t i, TextOffset at, std::string text, TextOffset removed = 0)
    {
        views[i].mode = api::EditText::Mode::Suggesting;
        type(i, at, std::move(text), removed);
        views[i].mode = api::EditText::Mode::Writing;
    }
    /// The view leaves the letters where they are.
    void strike(std::size_t i, TextOffset from, TextOffset to)
    {
        views[i].mode = api::EditText::Mode::Suggesting;
        views[i].edit({}, {{from, to, {{api::kStruckLook, "1"}}}}, api::EditText::Cause::Typing);
        views[i].mode = api::EditText::Mode::Writing;
    }
    void format(std::size_t i, TextOffset from, TextOffset to, AttributeChanges changes,
                bool isLast = false)
    {
        views[i].mode = api::EditText::Mode::Suggesting;
        views[i].edit({}, {{from, to, std::move(changes), isLast}}, api::EditText::Cause::Format);
        views[i].mode = api::EditText::Mode::Writing;
    }
    void decide(std::size_t i, api::Verdict verdict, std::vector<std::string> groups)
    {
        views[i].outbox.emplace_back(api::DecideSuggestions{doc, std::move(groups), verdict});
        send(i);
    }
    void decideAll(std::size_t i, api::Verdict verdict)
    {
        std::vector<std::string> groups;
        for (const api::Suggestion &it : views[i].suggestions)
            groups.push_back(it.group);
        decide(i, verdict, std::move(groups));
    }
    void undo(std::size_t i)
    {
        views[i].outbox.emplace_back(api::Undo{doc});
        send(i);
    }
    void redo(std::size_t i)
    {
        views[i].outbox.emplace_back(api::Redo{doc});
        send(i);
    }

    /// What a view shows: "a[+b+]c[-d-]", for what was kept "[=e=]", for formats "[~f~]".
    [[nodiscard]] std::string shown(std::size_t i) const
    {
        const StyledView &view = views[i];
        std::vector<std::pair<TextOffset, std::string>> signs;
        for (const api::Suggestion &it : view.suggestions)
            for (const api::Suggestion::Part &part : it.parts) {
                const std::string sign = it.kind == Kind::Kept ? "="
                    : part.what == What::Added                 ? "+"
                    : part.what == What::Styled                ? "~"
                                                               : "-";
                signs.emplace_back(part.from, "[" + sign);
                signs.emplace_back(part.to, sign + "]");
            }
        // What ends somewhere ends before something begins there.
        std::ranges::stable_sort(signs, {}, [](const auto &it) {
            return std::pair(it.first, it.second.front() == '[');
        });
        std::string text;
        TextOffset at = 0;
        for (const auto &[where, sign] : signs) {
            text += view.text(at, where) + sign;
            at = where;
        }
        return text + view.text(at, view.length());
    }
    /// How it looks: "a<bold>b</>", and what blocks are before their ends: "{h1}".
    [[nodiscard]] std::string looks(std::size_t i) const
    {
        const StyledView &view = views[i];
        const auto block = [](const Attributes &it) {
            const auto found = it.find("block");
            return found == it.end() ? std::string() : "{" + found->second + "}";
        };
        std::string text;
        std::string open;
        for (const StyledView::Letter &letter : view.letters()) {
            std::string marks;
            for (const auto &[key, value] : letter.attributes)
                if (!crdt::isLetterKey(key))
                    marks += (marks.empty() ? "" : " ") + (value == "1" ? key : value);
            if (marks != open)
                text += (open.empty() ? "" : "</>") + (marks.empty() ? marks : "<" + marks + ">");
            open = marks;
            text += block(letter.attributes) + letter.scalar;
        }
        return text + (open.empty() ? "" : "</>") + block(view.last());
    }
    /// The same at all; else what differs.
    [[nodiscard]] std::string looksToAll() const
    {
        const std::string first = looks(0);
        for (std::size_t i = 1; i < views.size(); ++i)
            if (looks(i) != first)
                return "differs: " + first + " and " + looks(i);
        return first;
    }
    /// The same at all; else what differs.
    [[nodiscard]] std::string shownToAll() const
    {
        const std::string first = shown(0);
        for (std::size_t i = 0; i < views.size(); ++i) {
            auto mine = views[i].suggestions;
            auto theirs = views[0].suggestions;
            for (auto *all : {&mine, &theirs})
                for (api::Suggestion &it : *all) {
                    it.state = {}; // not all heard the same signatures yet
                    it.when.reset();
                }
            if (shown(i) != first || mine != theirs)
                return "differs: " + first + " and " + shown(i);
        }
        return first;
    }
};

} // namespace nlbd::testing
