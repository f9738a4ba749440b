#pragma once

#include "core/api/command.h"
#include "core/api/event.h"
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"
#include "ui/editor/pending_edits.h"

#include <deque>

namespace nlbd::testing {

/// A view of a text that keeps to the contract with the engine (core/api/command.h), letter by
/// letter: what it shows, and how that looks. Commands and events wait in its mailboxes until the
/// test lets them through.
class StyledView {
public:
    struct Letter {
        std::string scalar;
        Attributes attributes;
        friend bool operator==(const Letter &, const Letter &) = default;
    };

    StyledView(DocIndex doc, std::uint64_t view)
        : m_doc(doc)
        , m_view(view)
    {
    }

    api::EditText::Mode mode = api::EditText::Mode::Writing; ///< of what is done next
    std::vector<api::Suggestion> suggestions;                ///< told last, where they are shown
    std::deque<api::Command> outbox;
    std::deque<api::Event> inbox;

    [[nodiscard]] const std::vector<Letter> &letters() const { return m_letters; }
    [[nodiscard]] const Attributes &last() const { return m_last; }
    [[nodiscard]] TextOffset length() const { return static_cast<TextOffset>(m_letters.size()); }
    [[nodiscard]] bool isOpen() const { return m_isOpen; }

    /// A passage of what is shown, as the engine is asked about it.
    [[nodiscard]] api::Passage passage(TextOffset from, TextOffset to) const
    {
        return {m_doc, m_view, m_pending.patch(), m_pending.serial(), from, to, m_opening};
    }
    /// Where something that came with the last event is in what is shown.
    [[nodiscard]] Stretch shown(TextOffset from, TextOffset to) const
    {
        const TextOffset begin = m_pending.startInView(from);
        return {begin, std::max(begin, m_pending.placeInView(to)) - begin};
    }

    // ---- What a person does --------------------------------------------------------------------

    void edit(TextPatch patch, std::vector<api::Styling> stylings, api::EditText::Cause cause)
    {
        api::EditText edit{m_doc, m_view, m_pending.patch(), 0, {}, cause, m_opening};
        if (patch.removed > 0 || !patch.inserted.empty()) {
            apply(patch);
            guess(patch);
            edit.patches.push_back(std::move(patch));
        }
        edit.serial = m_pending.add(edit.patches);
        for (const api::Styling &styling : stylings)
            apply(styling);
        edit.stylings = std::move(stylings);
        edit.mode = mode;
        outbox.emplace_back(std::move(edit));
    }

    // ---- What comes ----------------------------------------------------------------------------

    void take(const api::Event &event)
    {
        if (const auto *opened = std::get_if<api::DocumentOpened>(&event))
            take(*opened);
        if (const auto *patched = std::get_if<api::TextPatched>(&event))
            take(*patched);
        if (const auto *told = std::get_if<api::AuthorsTold>(&event); told && told->doc == m_doc)
            m_pending.acknowledge(told->includesSerial);
        if (const auto *told = std::get_if<api::CommentsChanged>(&event);
            told && told->doc == m_doc && told->view == m_view)
            m_pending.acknowledge(told->includesSerial);
        if (const auto *told = std::get_if<api::SuggestionsChanged>(&event))
            take(*told);
    }
    [[nodiscard]] std::string text(TextOffset from, TextOffset to) const
    {
        std::string text;
        for (TextOffset at = from; at < to; ++at)
            text += m_letters.at(at).scalar;
        return text;
    }

private:
    void take(const api::SuggestionsChanged &event)
    {
        if (event.doc != m_doc || event.view != m_view)
            return;
        m_pending.acknowledge(event.includesSerial);
        suggestions = event.suggestions;
        for (api::Suggestion &it : suggestions)
            for (api::Suggestion::Part &part : it.parts) {
                const Stretch where = shown(part.from, part.to);
                part.from = where.from;
                part.to = where.from + where.length;
            }
    }
    void take(const api::DocumentOpened &event)
    {
        if (event.doc != m_doc || event.view != m_view)
            return;
        m_isOpen = true;
        m_opening = event.opening;
        m_pending.reset();
        suggestions.clear();
        m_letters.clear();
        m_last.clear();
        apply(TextPatch{0, 0, event.text});
        take(event.looks);
    }
    void take(const api::TextPatched &event)
    {
        if (event.doc != m_doc || event.view != m_view)
            return;
        for (const TextPatch &patch :
             m_pending.receive(event.patch, event.includesSerial, event.patches))
            apply(patch);
        take(event.looks);
    }
    void take(const api::Looks &looks)
    {
        for (const api::Look &look : looks.letters) {
            const TextOffset to = m_pending.placeInView(look.to);
            for (TextOffset at = m_pending.startInView(look.from); at < to; ++at)
                put(m_letters.at(at), look.attributes);
        }
        if (looks.last)
            m_last = *looks.last;
    }
    static void put(Letter &letter, const Attributes &attributes)
    {
        letter.attributes = attributes;
        if (!crdt::isOwnLetter(letter.scalar))
            std::erase_if(letter.attributes,
                          [](const auto &it) { return crdt::isLetterKey(it.first); });
    }
    void apply(const TextPatch &patch)
    {
        CHECK(patch.at + patch.removed <= length());
        const auto at = m_letters.begin() + patch.at;
        std::vector<Letter> come;
        for (std::size_t i = 0; i < utf8::length(patch.inserted); ++i)
            come.push_back(
                {std::string(utf8::slice(patch.inserted, static_cast<TextOffset>(i), 1)), {}});
        m_letters.insert(m_letters.erase(at, at + patch.removed), come.begin(), come.end());
    }
    /// Typed letters look as those around them, until the engine says how they do.
    void guess(const TextPatch &patch)
    {
        const auto length = static_cast<TextOffset>(utf8::length(patch.inserted));
        if (patch.at == 0)
            return;
        for (const auto &[key, value] : m_letters[patch.at - 1].attributes)
            if (!crdt::isLetterKey(key) && crdt::growsAtEnd(key))
                for (TextOffset i = 0; i < length; ++i)
                    m_letters[patch.at + i].attributes[key] = value;
    }
    void apply(const api::Styling &styling)
    {
        for (const auto &[key, value] : styling.changes) {
            if (crdt::isSuggestionKey(key))
                continue; // what is suggested is told apart
            const bool isOfLetter = crdt::isLetterKey(key);
            for (TextOffset at = styling.from; at < std::min(styling.to, length()); ++at)
                if (!isOfLetter || crdt::isOwnLetter(m_letters[at].scalar))
                    set(m_letters[at].attributes, key, value);
            if (styling.isLast && isOfLetter)
                set(m_last, key, value);
        }
    }
    static void set(Attributes &attributes, const std::string &key,
                    const std::optional<std::string> &value)
    {
        if (value)
            attributes.insert_or_assign(key, *value);
        else
            attributes.erase(key);
    }

    DocIndex m_doc;
    std::uint64_t m_view = 0;
    std::uint64_t m_opening = 0;
    bool m_isOpen = false;
    std::vector<Letter> m_letters;
    Attributes m_last;
    ui::PendingEdits m_pending;
};

} // namespace nlbd::testing
