#include "core/engine/past_text.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

using Told = api::PastText;
using What = api::PastRun::What;

constexpr TextOffset kShownBefore = 2'000;   // letters before the first difference of a long text
constexpr TextOffset kOffsetMax = 1U << 30U; // longer than any text, and far from overflow

/// Both texts of a difference in one, cut to a window.
class Writer {
public:
    Writer(Told &told, const PastOrder &order, bool isPastAfter)
        : m_told(told)
        , m_order(order)
        , m_isPastAfter(isPastAfter)
        , m_end(told.from + static_cast<TextOffset>(Told::kLettersMax))
    {
    }

    void letters(std::string_view text, const AttributeChanges &attributes,
                 std::optional<What> what, ChangeHandle by)
    {
        const TextOffset length = utf8::length(text);
        const TextOffset from = std::clamp(m_at, m_told.from, m_end);
        const TextOffset to = std::clamp(m_at + length, m_told.from, m_end);
        const bool isPast = what != (m_isPastAfter ? What::Removed : What::Added);
        if (isPast) {
            m_told.pastLength += length;
            m_told.pastFrom += std::clamp(m_told.from, m_at, m_at + length) - m_at;
        }
        if (from < to)
            write(utf8::slice(text, from - m_at, to - from), attributes, what, by);
        m_at += length;
    }
    void lastBlock(const AttributeChanges &attributes)
    {
        if (m_at <= m_end)
            m_told.looks.last = valuesOf(attributes);
    }
    [[nodiscard]] TextOffset length() const noexcept { return m_at; }

private:
    static Attributes valuesOf(const AttributeChanges &changes)
    {
        Attributes values;
        for (const auto &[key, value] : changes)
            if (value)
                values.emplace(key, *value);
        return values;
    }
    void write(std::string_view text, const AttributeChanges &attributes, std::optional<What> what,
               ChangeHandle by)
    {
        const TextOffset to = m_written + utf8::length(text);
        m_told.text += text;
        if (!attributes.empty()) {
            auto &looks = m_told.looks.letters;
            Attributes values = valuesOf(attributes);
            if (!looks.empty() && looks.back().to == m_written && looks.back().attributes == values)
                looks.back().to = to;
            else
                looks.push_back({m_written, to, std::move(values)});
        }
        const auto writer = what ? m_order.writerOf(by) : std::nullopt;
        if (writer)
            run({m_written, to, *what, *writer, m_order.timeOf(by)});
        m_written = to;
    }
    void run(api::PastRun run)
    {
        auto &runs = m_told.runs;
        if (!runs.empty() && runs.back().to == run.from && runs.back().what == run.what
            && runs.back().member == run.member
            && run.when - runs.back().when <= api::PastGroup::kPause
            && runs.back().when - run.when <= api::PastGroup::kPause) {
            runs.back().to = run.to;
            runs.back().when = std::max(runs.back().when, run.when);
        } else if (runs.size() < Told::kRunsMax) {
            runs.push_back(run);
        } else {
            m_told.isCut = true;
        }
    }

    Told &m_told;
    const PastOrder &m_order;
    bool m_isPastAfter;
    TextOffset m_end;
    TextOffset m_at = 0;      ///< of the whole
    TextOffset m_written = 0; ///< letters of the answer
};

struct Sides {
    crdt::Delta before;
    crdt::Delta after;
    std::vector<crdt::AuthoredStep> steps;
};

ChangeHandle byOf(const crdt::AuthoredStep &step)
{
    return step.formattedBy.empty() ? step.author : step.formattedBy.begin()->second;
}

/// One step of a difference in words.
void writeStep(const crdt::AuthoredStep &it, ContentReader &before, ContentReader &after,
               Writer &out)
{
    using Kind = crdt::DeltaStep::Kind;
    const auto to = [&](std::optional<What> what) {
        return [&out, what, &it](std::string_view text, const AttributeChanges &attributes) {
            out.letters(text, attributes, what, byOf(it));
        };
    };
    switch (it.step.kind) {
    case Kind::Retain:
        before.skip(it.step.length);
        after.take(it.step.length,
                   to(it.step.attributes.empty() ? std::nullopt : std::optional(What::Formatted)));
        break;
    case Kind::Insert:
        after.take(utf8::length(it.step.text), to(What::Added));
        break;
    case Kind::Delete:
        before.take(it.step.length, to(What::Removed));
        break;
    }
}

void write(const Sides &sides, Writer &out)
{
    ContentReader before(sides.before);
    ContentReader after(sides.after);
    for (const crdt::AuthoredStep &it : sides.steps)
        writeStep(it, before, after, out);
    after.take(UINT32_MAX, [&](std::string_view text, const AttributeChanges &attributes) {
        out.letters(text, attributes, std::nullopt, ChangeHandle());
    });
    if (!sides.after.empty() && sides.after.back().kind == crdt::DeltaStep::Kind::Retain)
        out.lastBlock(sides.after.back().attributes);
}

/// Where the answer to a question begins that leaves it open: at the top, or where something
/// differs if that is far down in a long text.
TextOffset beginOf(const Sides &sides)
{
    TextOffset length = lengthOf(sides.after);
    TextOffset at = 0;
    std::optional<TextOffset> first;
    for (const crdt::AuthoredStep &it : sides.steps) {
        const bool isDelete = it.step.kind == crdt::DeltaStep::Kind::Delete;
        if (isDelete)
            length += it.step.length;
        if (!first
            && (it.step.kind != crdt::DeltaStep::Kind::Retain || !it.step.attributes.empty()))
            first = at;
        at += isDelete || it.step.kind == crdt::DeltaStep::Kind::Retain
            ? it.step.length
            : utf8::length(it.step.text);
    }
    const TextOffset place = first.value_or(0);
    if (length <= Told::kLettersMax || place < Told::kLettersMax / 2)
        return 0;
    return place - std::min(place, kShownBefore);
}

} // namespace

TextOffset lengthOf(const crdt::Delta &content)
{
    TextOffset length = 0;
    for (const crdt::DeltaStep &step : content)
        if (step.kind == crdt::DeltaStep::Kind::Insert)
            length += utf8::length(step.text);
    return length;
}

std::optional<api::PastTextTold> pastText(const Engine::State &state, const PastOrder &order,
                                          const api::AskPastText &question)
{
    using Against = api::AskPastText::Against;
    const bool isBefore = question.against == Against::Before;
    const auto upTo = order.find(question.upTo);
    const auto since = isBefore ? order.find(question.since) : upTo;
    if (!upTo || !since || order.isBefore(*upTo, *since))
        return std::nullopt;
    const crdt::Document &document = state.documents.at(question.doc).document;
    const auto isThen = [&](ChangeHandle change) { return !order.isBefore(*upTo, change); };
    const auto isOlder = [&](ChangeHandle change) { return order.isBefore(change, *since); };
    const auto isNow = [](ChangeHandle) { return true; };
    Told told;
    told.title = document.fieldAt("title", isThen);
    const auto sidesOf = [&](const crdt::InPast &before, const crdt::InPast &after) {
        return Sides{document.contentAt(before), document.contentAt(after),
                     document.difference(before, after)};
    };
    const Sides sides = isBefore ? sidesOf(isOlder, isThen) : sidesOf(isThen, isNow);
    told.from = std::min(question.from.value_or(beginOf(sides)), kOffsetMax);
    Writer out(told, order, isBefore);
    write(sides, out);
    told.length = out.length();
    return api::PastTextTold{question.request, question.doc, question.upTo, question.against,
                             std::make_shared<const Told>(std::move(told))};
}

} // namespace nlbd::engine
