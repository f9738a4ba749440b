#pragma once

#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"

namespace nlbd::test {

/// Rich text as a view holds it: a list of letters, each with all its attributes, and deltas
/// applied to it one letter at a time.
class PlainRich {
public:
    PlainRich() = default;
    explicit PlainRich(const crdt::Delta &content) { apply(content); }

    void apply(const crdt::Delta &delta)
    {
        using Kind = crdt::DeltaStep::Kind;
        std::size_t at = 0;
        for (const crdt::DeltaStep &step : delta) {
            if (step.kind == Kind::Insert) {
                for (TextOffset i = 0; i < utf8::length(step.text); ++i, ++at) {
                    Letter letter{std::string(utf8::slice(step.text, i, 1)), {}};
                    letter.change(step.attributes);
                    m_letters.insert(m_letters.begin() + std::ptrdiff_t(at), letter);
                }
            } else if (step.kind == Kind::Delete) {
                CHECK(at + step.length <= m_letters.size());
                const auto first = m_letters.begin() + std::ptrdiff_t(at);
                m_letters.erase(first, first + std::ptrdiff_t(step.length));
            } else {
                for (TextOffset i = 0; i < step.length; ++i, ++at) {
                    CHECK(at <= m_letters.size());
                    (at < m_letters.size() ? m_letters[at] : m_end).change(step.attributes);
                }
            }
        }
    }

    /// All of it as insertions, as few as there can be.
    [[nodiscard]] crdt::Delta content() const
    {
        using Kind = crdt::DeltaStep::Kind;
        crdt::Delta delta;
        for (const Letter &it : m_letters) {
            const crdt::AttributeChanges attributes(it.attributes.begin(), it.attributes.end());
            if (delta.empty() || delta.back().attributes != attributes)
                delta.push_back({Kind::Insert, 0, {}, attributes});
            delta.back().text += it.scalar;
        }
        if (!m_end.attributes.empty())
            delta.push_back(
                {Kind::Retain, 1, {}, {m_end.attributes.begin(), m_end.attributes.end()}});
        return delta;
    }

    [[nodiscard]] TextOffset length() const { return TextOffset(m_letters.size()); }

private:
    struct Letter {
        std::string scalar;
        crdt::Attributes attributes;

        void change(const crdt::AttributeChanges &changes)
        {
            for (const auto &[key, value] : changes) {
                if (crdt::isLetterKey(key) && !crdt::isOwnLetter(scalar))
                    continue;
                if (!crdt::isLetterKey(key) && scalar == "\n" && isEnd)
                    continue;
                if (value)
                    attributes[key] = *value;
                else
                    attributes.erase(key);
            }
        }
        bool isEnd = false;
    };
    std::vector<Letter> m_letters;
    Letter m_end{"\n", {}, true};
};

/// One delta that does what two do one after the other: what quill-delta calls compose.
inline crdt::Delta compose(const crdt::Delta &first, const crdt::Delta &second)
{
    using Kind = crdt::DeltaStep::Kind;
    const auto units = [](const crdt::Delta &delta) {
        crdt::Delta result;
        for (const crdt::DeltaStep &step : delta) {
            const bool isText = step.kind == Kind::Insert;
            const TextOffset count = isText ? utf8::length(step.text) : step.length;
            for (TextOffset i = 0; i < count; ++i)
                result.push_back({step.kind, isText ? 0U : 1U,
                                  isText ? std::string(utf8::slice(step.text, i, 1)) : "",
                                  step.attributes});
        }
        return result;
    };
    const crdt::Delta a = units(first);
    crdt::Delta result;
    std::size_t at = 0;
    const auto passDeletions = [&] {
        for (; at < a.size() && a[at].kind == Kind::Delete; ++at)
            result.push_back(a[at]);
    };
    for (const crdt::DeltaStep &step : units(second)) {
        if (step.kind == Kind::Insert) {
            result.push_back(step);
            continue;
        }
        passDeletions();
        crdt::DeltaStep base = at < a.size() ? a[at++] : crdt::DeltaStep{Kind::Retain, 1, {}, {}};
        if (step.kind == Kind::Delete) {
            if (base.kind == Kind::Retain)
                result.push_back(step);
            continue;
        }
        for (const auto &[key, value] : step.attributes) {
            const bool isNobodys = base.kind == Kind::Insert && crdt::isLetterKey(key)
                && !crdt::isOwnLetter(base.text);
            if (isNobodys)
                continue;
            if (base.kind == Kind::Insert && !value)
                base.attributes.erase(key);
            else
                base.attributes[key] = value;
        }
        result.push_back(base);
    }
    result.insert(result.end(), a.begin() + std::ptrdiff_t(at), a.end());
    crdt::Delta joined;
    for (const crdt::DeltaStep &step : result) {
        const bool isSame = !joined.empty() && joined.back().kind == step.kind
            && joined.back().attributes == step.attributes;
        if (!isSame) {
            joined.push_back(step);
            continue;
        }
        joined.back().length += step.length;
        joined.back().text += step.text;
    }
    while (!joined.empty() && joined.back().kind == Kind::Retain
           && joined.back().attributes.empty())
        joined.pop_back();
    return joined;
}

} // namespace nlbd::test
