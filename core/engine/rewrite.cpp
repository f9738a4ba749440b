#include "core/engine/rewrite.h"

#include "core/base/check.h"
#include "core/engine/author.h"
#include "core/engine/edit_script.h"
#include "core/engine/past_text.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

using Kind = crdt::DeltaStep::Kind;

/// A letter on one side of a stretch that was written anew.
struct Letter {
    std::string_view scalar;
    const AttributeChanges *look = nullptr;
    ChangeHandle writer;
    bool mayGo = true; ///< inside the part, not at its ends
};

/// What makes one look of another; who is quoted is left out.
AttributeChanges leading(const AttributeChanges &from, const AttributeChanges &to)
{
    AttributeChanges changes;
    for (const auto &[key, value] : from)
        if (value && !to.contains(key))
            changes.emplace(key, std::nullopt);
    for (const auto &[key, value] : to) {
        const auto before = from.find(key);
        if (before == from.end() || before->second != value)
            changes.emplace(key, value);
    }
    changes.erase(std::string(Author::kQuotedMark));
    return changes;
}

void addLetters(std::vector<Letter> &letters, std::string_view text, const AttributeChanges &look,
                ChangeHandle writer, bool mayGo)
{
    for (std::size_t byte = 0; byte < text.size();) {
        std::size_t end = byte + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            ++end;
        letters.push_back({text.substr(byte, end - byte), &look, writer, mayGo});
        byte = end;
    }
}

/// Walks along what leads from now to then and writes what is to be done.
class Planner {
public:
    Planner(const crdt::Delta &now, const crdt::Delta &then, const RewritePart &part)
        : m_now(now)
        , m_then(then)
        , m_part(part)
    {
    }

    void step(const crdt::AuthoredStep &it)
    {
        switch (it.step.kind) {
        case Kind::Retain:
            retain(it);
            break;
        case Kind::Delete:
            // Between two letters of the part; at its ends it is beside it.
            m_now.take(it.step.length, [&](std::string_view text, const AttributeChanges &look) {
                addLetters(m_here, text, look, it.author,
                           m_part.isWhole || (m_part.from < m_past && m_past < m_part.to));
            });
            break;
        case Kind::Insert:
            insert(it);
            break;
        }
    }
    [[nodiscard]] Rewrite finish()
    {
        closeStretch();
        return std::move(m_result);
    }

private:
    [[nodiscard]] bool isIn(TextOffset at) const
    {
        return m_part.isWhole || (m_part.from <= at && at < m_part.to);
    }
    void insert(const crdt::AuthoredStep &it)
    {
        m_then.take(utf8::length(it.step.text),
                    [&](std::string_view text, const AttributeChanges &look) {
                        const TextOffset length = utf8::length(text);
                        const TextOffset from = std::clamp(m_part.from, m_past, m_past + length);
                        const TextOffset to = std::clamp(m_part.to, from, m_past + length);
                        addLetters(m_wanted, utf8::slice(text, from - m_past, to - from), look,
                                   it.author, true);
                        m_past += length;
                    });
    }
    void retain(const crdt::AuthoredStep &it)
    {
        closeStretch();
        m_now.skip(it.step.length);
        m_then.skip(it.step.length);
        AttributeChanges changes = it.step.attributes;
        changes.erase(std::string(Author::kQuotedMark));
        const TextOffset end = m_past + it.step.length;
        const TextOffset from = std::clamp(m_part.from, m_past, end);
        const TextOffset to = std::clamp(m_part.to, from, end);
        addRetain(from - m_past, {});
        addRetain(to - from, changes);
        addRetain(end - to, {});
        m_past = end;
    }
    void addRetain(TextOffset length, const AttributeChanges &changes)
    {
        if (length == 0)
            return;
        auto &steps = m_result.steps;
        if (!steps.empty() && steps.back().step.kind == Kind::Retain
            && steps.back().step.attributes == changes)
            steps.back().step.length += length;
        else
            steps.push_back({{Kind::Retain, length, {}, changes}, {}, {}});
    }
    void addDelete()
    {
        ++m_result.removed;
        auto &steps = m_result.steps;
        if (!steps.empty() && steps.back().step.kind == Kind::Delete)
            ++steps.back().step.length;
        else
            steps.push_back({{Kind::Delete, 1, {}, {}}, {}, {}});
    }
    void addInsert(const Letter &letter)
    {
        ++m_result.added;
        auto &steps = m_result.steps;
        const bool isJoined = !steps.empty() && steps.back().step.kind == Kind::Insert
            && steps.back().author == letter.writer && steps.back().step.attributes == *letter.look;
        if (isJoined)
            steps.back().step.text += letter.scalar;
        else
            steps.push_back(
                {{Kind::Insert, 0, std::string(letter.scalar), *letter.look}, letter.writer, {}});
    }
    /// Between two letters that stayed: what is there becomes what is wanted.
    void closeStretch()
    {
        const auto script = editScript(
            m_here.size(), m_wanted.size(),
            [this](std::size_t a, std::size_t b) { return m_here[a].scalar == m_wanted[b].scalar; },
            Rewrite::kEditsMax);
        std::size_t here = 0;
        std::size_t wanted = 0;
        for (const EditStep it : script) {
            if (it == EditStep::Insert) {
                addInsert(m_wanted[wanted++]);
                continue;
            }
            const Letter &letter = m_here[here++];
            if (it == EditStep::Keep)
                addRetain(1, leading(*letter.look, *m_wanted[wanted++].look));
            else if (letter.mayGo)
                addDelete();
            else
                addRetain(1, {});
        }
        m_here.clear();
        m_wanted.clear();
    }

    ContentReader m_now;
    ContentReader m_then;
    RewritePart m_part;
    TextOffset m_past = 0; ///< in the text as it was
    std::vector<Letter> m_here;
    std::vector<Letter> m_wanted;
    Rewrite m_result;
};

} // namespace

bool Rewrite::isEmpty() const
{
    return std::ranges::all_of(steps, [](const crdt::AuthoredStep &it) {
        return it.step.kind == Kind::Retain && it.step.attributes.empty();
    });
}

Rewrite rewriteTo(const crdt::Delta &now, const crdt::Delta &then,
                  const std::vector<crdt::AuthoredStep> &steps, const RewritePart &part)
{
    Planner planner(now, then, part);
    for (const crdt::AuthoredStep &it : steps)
        planner.step(it);
    return planner.finish();
}

} // namespace nlbd::engine
