#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/document_impl.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"

namespace nlbd::crdt {

namespace {

void addInsertion(Delta &delta, std::string_view text, const AttributeChanges &attributes)
{
    if (text.empty())
        return;
    const bool isJoined = !delta.empty() && delta.back().kind == DeltaStep::Kind::Insert
        && delta.back().attributes == attributes;
    if (!isJoined)
        delta.push_back({DeltaStep::Kind::Insert, 0, {}, attributes});
    delta.back().text += text;
}

void addLetterKeys(const Attributes &from, AttributeChanges &to)
{
    for (const auto &[key, value] : from) {
        if (isLetterKey(key))
            to[key] = value;
    }
}

AttributeChanges marksOf(const StyledRun &run)
{
    AttributeChanges marks;
    for (const auto &[key, value] : run.marks) {
        if (!isLetterKey(key))
            marks[key] = value;
    }
    return marks;
}

} // namespace

bool fits(const Delta &delta, TextOffset length)
{
    std::size_t left = length;
    bool isEndPassed = false; // the break that ends the text is no letter
    for (const DeltaStep &step : delta) {
        if (isEndPassed)
            return false;
        if (step.kind == DeltaStep::Kind::Insert) {
            if (!utf8::isValid(step.text))
                return false;
            continue;
        }
        isEndPassed = step.kind == DeltaStep::Kind::Retain && step.length == left + 1;
        if (step.length > left && !isEndPassed)
            return false;
        left -= std::min(left, std::size_t(step.length));
    }
    return true;
}

// ---- Out

Delta Document::content(TextOffset from, TextOffset to) const
{
    CHECK(from <= to && to <= length());
    Delta delta;
    for (const StyledRun &run : styledRuns(from, to)) {
        const AttributeChanges marks = marksOf(run);
        const std::string text = this->text(run.from, run.length);
        std::size_t done = 0; // bytes
        forEachOwnLetter(text, run.from, [&](TextOffset at, std::size_t byte, std::size_t length) {
            AttributeChanges own = marks;
            addLetterKeys(attributes(at), own);
            if (own.size() == marks.size())
                return;
            addInsertion(delta, std::string_view(text).substr(done, byte - done), marks);
            addInsertion(delta, std::string_view(text).substr(byte, length), own);
            done = byte + length;
        });
        addInsertion(delta, std::string_view(text).substr(done), marks);
    }
    AttributeChanges last;
    if (to == length())
        addLetterKeys(attributes(to), last);
    if (!last.empty())
        delta.push_back({DeltaStep::Kind::Retain, 1, {}, std::move(last)});
    return delta;
}

// ---- In

void Document::edit(const Delta &delta, Draft &draft)
{
    CHECK(fits(delta, length()));
    TextOffset at = 0;
    for (const DeltaStep &step : delta) {
        if (step.kind == DeltaStep::Kind::Delete) {
            erase(at, step.length, draft);
        } else if (step.kind == DeltaStep::Kind::Retain) {
            m_impl->restyle(*this, {at, step.length}, step.attributes, draft);
            at += step.length;
        } else if (!step.text.empty()) {
            insert(at, step.text, draft);
            const TextOffset length = utf8::length(step.text);
            m_impl->styleInserted(*this, {at, length}, step.attributes, draft);
            at += length;
        }
    }
}

/// Attributes of a retention: marks over all of it, the others at each letter that may have them.
void Document::Impl::restyle(Document &document, const Stretch &where,
                             const AttributeChanges &attributes, Draft &draft)
{
    const TextOffset end = std::min(where.from + where.length, document.length());
    for (const auto &[key, value] : attributes) {
        if (!isLetterKey(key))
            document.mark(where.from, end, key, value, draft);
    }
    setLetterKeys(document, where, attributes, draft);
}

void Document::Impl::setLetterKeys(Document &document, const Stretch &where,
                                   const AttributeChanges &attributes, Draft &draft)
{
    const auto isOfLetter = [](const auto &it) { return isLetterKey(it.first); };
    if (std::ranges::none_of(attributes, isOfLetter))
        return;
    const auto set = [&](TextOffset at) {
        for (const auto &[key, value] : attributes) {
            if (isLetterKey(key))
                document.setAttribute(at, key, value, draft);
        }
    };
    forEachOwnLetter(document.text(where.from, where.length), where.from,
                     [&](TextOffset at, std::size_t, std::size_t) { set(at); });
    if (where.from + where.length > document.length())
        set(document.length());
}

/// Inserted text came with the marks around it: those that the delta does not name go, those that
/// it names and that are not there come.
void Document::Impl::styleInserted(Document &document, const Stretch &where,
                                   const AttributeChanges &attributes, Draft &draft)
{
    std::map<std::string, std::vector<Stretch>, std::less<>> wrong; // by key
    const auto note = [&](const std::string &key, const StyledRun &run) {
        std::vector<Stretch> &list = wrong[key];
        if (!list.empty() && list.back().from + list.back().length == run.from)
            list.back().length += run.length;
        else
            list.push_back({run.from, run.length});
    };
    const auto wanted = [&](const std::string &key) {
        const auto found = attributes.find(key);
        return found == attributes.end() ? std::nullopt : found->second;
    };
    for (const StyledRun &run : document.styledRuns(where.from, where.from + where.length)) {
        for (const auto &[key, value] : run.marks) {
            if (!isLetterKey(key) && wanted(key) != value)
                note(key, run);
        }
        for (const auto &[key, value] : attributes) {
            if (!isLetterKey(key) && value && !run.marks.contains(key))
                note(key, run);
        }
    }
    for (const auto &[key, stretches] : wrong)
        for (const Stretch &it : stretches)
            document.mark(it.from, it.from + it.length, key, wanted(key), draft);
    AttributeChanges set = attributes; // a new letter has nothing that could be cleared
    std::erase_if(set, [](const auto &it) { return !it.second; });
    setLetterKeys(document, where, set, draft);
}

} // namespace nlbd::crdt
