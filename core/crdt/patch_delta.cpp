#include "core/crdt/patch_delta.h"

#include "core/base/utf8.h"
#include "core/crdt/document_impl.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"

namespace nlbd::crdt {

// ---- PatchSteps

void PatchSteps::add(const TextPatch &patch)
{
    std::size_t at = splitAt(patch.at);
    const auto place = [&] { return m_steps.begin() + static_cast<std::ptrdiff_t>(at); };
    if (!patch.inserted.empty()) {
        m_steps.insert(place(), {Step::Kind::Inserted, utf8::length(patch.inserted)});
        ++at;
    }
    for (TextOffset left = patch.removed; left > 0;) {
        if (at == m_steps.size())
            m_steps.push_back({Step::Kind::Kept, left});
        Step &it = m_steps[at];
        if (it.kind == Step::Kind::Removed) {
            ++at;
            continue;
        }
        if (it.length > left) {
            const Step rest{it.kind, it.length - left};
            it.length = left;
            m_steps.insert(place() + 1, rest);
        }
        left -= m_steps[at].length;
        if (m_steps[at].kind == Step::Kind::Inserted)
            m_steps.erase(place());
        else
            m_steps[at++].kind = Step::Kind::Removed;
    }
}

/// The first step behind what is there before `at`.
std::size_t PatchSteps::splitAt(TextOffset at)
{
    std::size_t i = 0;
    for (; at > 0 && i < m_steps.size(); ++i) {
        Step &it = m_steps[i];
        if (it.kind == Step::Kind::Removed)
            continue;
        if (it.length > at) {
            const Step rest{it.kind, it.length - at};
            it.length = at;
            m_steps.insert(m_steps.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
        }
        at -= m_steps[i].length;
    }
    if (at > 0) {
        m_steps.push_back({Step::Kind::Kept, at});
        ++i;
    }
    return i;
}

// ---- Deltas

namespace {

/// Builds a delta along a text as it is now.
class DeltaWriter {
public:
    DeltaWriter(const Document &document, const std::set<std::string, std::less<>> &touched,
                std::vector<Stretch> restyled)
        : m_document(&document)
        , m_restyled(std::move(restyled))
    {
        for (const std::string &key : touched)
            (isLetterKey(key) ? m_letterKeys : m_markKeys).push_back(key);
        std::ranges::sort(m_restyled, {}, &Stretch::from);
    }

    void keep(TextOffset length)
    {
        const TextOffset end = m_at + length;
        for (; m_next < m_restyled.size() && m_restyled[m_next].from <= end; ++m_next) {
            const Stretch &it = m_restyled[m_next];
            restyle(std::max(m_at, it.from), std::min(end, it.from + it.length));
            if (it.from + it.length > end)
                break; // goes on behind what comes now
        }
        retain(end - std::min(end, m_at), {});
        m_at = end;
    }
    void insert(TextOffset length)
    {
        for (DeltaStep &step : m_document->content(m_at, m_at + length)) {
            if (step.kind == DeltaStep::Kind::Insert)
                m_delta.push_back(std::move(step));
        }
        m_at += length;
    }
    void remove(TextOffset length) { m_delta.push_back({DeltaStep::Kind::Delete, length, {}, {}}); }

    [[nodiscard]] Delta take() &&
    {
        keep(m_document->length() - m_at);
        AttributeChanges last;
        const TextOffset end = m_document->length();
        const bool isLastTouched = std::ranges::any_of(
            m_restyled, [&](const Stretch &it) { return it.from + it.length == end; });
        if (isLastTouched)
            addKeys(m_letterKeys, m_document->attributes(end), last);
        if (!last.empty())
            retain(1, last);
        while (!m_delta.empty() && m_delta.back().kind == DeltaStep::Kind::Retain
               && m_delta.back().attributes.empty())
            m_delta.pop_back();
        return std::move(m_delta);
    }

private:
    /// [from, to) is said anew, as far as it was not yet.
    void restyle(TextOffset from, TextOffset to)
    {
        from = std::max(from, m_at);
        if (from >= to)
            return;
        retain(from - m_at, {});
        for (const StyledRun &run : m_document->styledRuns(from, to)) {
            AttributeChanges marks;
            addKeys(m_markKeys, run.marks, marks);
            TextOffset done = run.from;
            const auto restyleOwn = [&](TextOffset at, std::size_t, std::size_t) {
                AttributeChanges own = marks;
                addKeys(m_letterKeys, m_document->attributes(at), own);
                retain(at - done, marks);
                retain(1, own);
                done = at + 1;
            };
            if (!m_letterKeys.empty())
                forEachOwnLetter(m_document->text(run.from, run.length), run.from, restyleOwn);
            retain(run.from + run.length - done, marks);
        }
        m_at = to;
    }
    static void addKeys(const std::vector<std::string> &keys, const Attributes &now,
                        AttributeChanges &changes)
    {
        for (const std::string &key : keys) {
            const auto found = now.find(key);
            changes[key] = found == now.end() ? std::nullopt : std::optional(found->second);
        }
    }
    void retain(TextOffset length, const AttributeChanges &attributes)
    {
        if (length == 0)
            return;
        const bool isJoined = !m_delta.empty() && m_delta.back().kind == DeltaStep::Kind::Retain
            && m_delta.back().attributes == attributes;
        if (!isJoined)
            m_delta.push_back({DeltaStep::Kind::Retain, 0, {}, attributes});
        m_delta.back().length += length;
    }

    const Document *m_document;
    std::vector<std::string> m_markKeys;
    std::vector<std::string> m_letterKeys;
    std::vector<Stretch> m_restyled;
    std::size_t m_next = 0; ///< of these
    TextOffset m_at = 0;
    Delta m_delta;
};

} // namespace

Delta Document::deltaOf(const TextPatches &patches, const std::vector<Stretch> &restyled) const
{
    DeltaWriter writer(*this, m_impl->restyledKeys, restyled);
    const PatchSteps composed(patches);
    for (const PatchSteps::Step &step : composed.steps()) {
        if (step.kind == PatchSteps::Step::Kind::Kept)
            writer.keep(step.length);
        else if (step.kind == PatchSteps::Step::Kind::Inserted)
            writer.insert(step.length);
        else
            writer.remove(step.length);
    }
    return std::move(writer).take();
}

} // namespace nlbd::crdt
