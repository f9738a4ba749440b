#pragma once

#include "core/base/check.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

#include <algorithm>
#include <deque>
#include <sstream>

namespace nlbd::test {

/// A text with its formats: "The [fox|bold,link=a] jumped".
inline std::string shown(const crdt::Document &document)
{
    std::string result;
    for (const crdt::StyledRun &run : document.styledRuns(0, document.length())) {
        const std::string text = document.text(run.from, run.length);
        if (run.marks.empty()) {
            result += text;
            continue;
        }
        std::string marks;
        for (const auto &[key, value] : run.marks)
            marks += (marks.empty() ? "" : ",") + key + (value == "1" ? "" : "=" + value);
        result += '[';
        result += text;
        result += "|" + marks + "]";
    }
    return result;
}

/// Does what a line says: "mark 4 7 bold; mark 0 3 link=a; unmark 4 5 bold; insert 4 x; erase 0 2".
/// In an insertion '_' stands for a space and '/' for a line break.
inline void edit(crdt::Document &document, crdt::Draft &draft, const std::string &line)
{
    std::istringstream steps(line);
    for (std::string step; std::getline(steps, step, ';');) {
        std::istringstream words(step);
        std::string verb;
        TextOffset at = 0;
        words >> verb >> at;
        if (verb == "insert") {
            std::string text;
            words >> text;
            std::ranges::replace(text, '_', ' ');
            std::ranges::replace(text, '/', '\n');
            document.insert(at, text, draft);
            continue;
        }
        TextOffset end = 0;
        words >> end;
        if (verb == "erase") {
            document.erase(at, end, draft);
            continue;
        }
        std::string key;
        words >> key;
        const std::size_t equals = key.find('=');
        std::optional<std::string> value =
            equals == std::string::npos ? "1" : key.substr(equals + 1);
        if (verb == "unmark")
            value.reset();
        document.mark(at, end, key.substr(0, equals), value, draft);
    }
}

/// A change with its ops.
struct Change {
    ChangeHandle handle;
    crdt::Ops ops;
};

/// People with a copy each, who begin with one text; of what they do at once the later person's
/// comes later in the tie order.
class MarkingGroup {
public:
    MarkingGroup(std::size_t people, const std::string &text, const std::string &base)
        : m_history(people)
    {
        crdt::Document &document = m_documents.emplace_back(m_history);
        crdt::Draft draft;
        draft.restart(m_history.open(0));
        document.insert(0, text, draft);
        edit(document, draft, base);
        m_history.sign(draft.change, {}, 0);
        m_base = {draft.change, draft.ops};
        for (std::size_t i = 1; i < people; ++i)
            m_documents.emplace_back(m_history).integrate(m_base.handle, m_base.ops);
    }

    [[nodiscard]] crdt::Document &document(std::size_t person) { return m_documents[person]; }

    [[nodiscard]] Change act(std::size_t person, const std::string &line,
                             const std::vector<ChangeHandle> &parents)
    {
        crdt::Draft draft;
        draft.restart(m_history.open(person));
        edit(m_documents[person], draft, line);
        m_history.sign(draft.change, parents, person);
        return {draft.change, draft.ops};
    }

    /// Each does one thing without knowing of the others. All then get all in every order, and
    /// newcomers too.
    void actAtOnce(const std::vector<std::string> &lines)
    {
        std::vector<Change> changes;
        for (std::size_t person = 0; person < lines.size(); ++person)
            changes.push_back(act(person, lines[person], {m_base.handle}));
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < lines.size(); ++i)
            order.push_back(i);
        do {
            crdt::Document &newcomer = m_documents.emplace_back(m_history);
            newcomer.integrate(m_base.handle, m_base.ops);
            for (const std::size_t i : order)
                static_cast<void>(newcomer.apply(changes[i].handle, changes[i].ops));
        } while (std::ranges::next_permutation(order).found);
        for (std::size_t person = 0; person < lines.size(); ++person) {
            for (std::size_t i = 1; i < lines.size(); ++i) {
                const Change &other = changes[(person + i) % lines.size()];
                static_cast<void>(m_documents[person].apply(other.handle, other.ops));
            }
        }
        for (const Change &change : changes)
            m_heads.push_back(change.handle);
    }

    /// One does something with all that in view.
    void actThen(const std::string &line)
    {
        const Change change = act(0, line, m_heads);
        for (std::size_t i = 1; i < m_documents.size(); ++i)
            static_cast<void>(m_documents[i].apply(change.handle, change.ops));
    }

    /// What all see; something else than any expectation if they don't see the same.
    [[nodiscard]] std::string shownToAll() const
    {
        const std::string first = shown(m_documents.front());
        for (const crdt::Document &document : m_documents) {
            document.checkInvariants();
            if (shown(document) != first)
                return "differs: " + first + " and " + shown(document);
        }
        return first;
    }

private:
    FakeHistory m_history;
    std::deque<crdt::Document> m_documents;
    Change m_base;
    std::vector<ChangeHandle> m_heads;
};

} // namespace nlbd::test
