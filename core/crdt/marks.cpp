#include "core/crdt/marks.h"

#include "core/crdt/growth.h"
#include "core/crdt/mark_rules.h"

#include <algorithm>
#include <utility>

namespace nlbd::crdt {

/// Per key a heap with the last in the tie order on top. What ended is dropped when it comes to
/// the top: each mark begins and ends once on a way.
class Marks::Holding {
public:
    explicit Holding(const Marks &marks)
        : m_marks(&marks)
        , m_hasEnded(marks.m_marks.size())
    {
    }

    [[nodiscard]] auto isBefore() const
    {
        return [this](Number a, Number b) { return m_marks->isBefore(a, b); };
    }

    void begin(Number mark)
    {
        std::vector<Number> &heap = m_heaps[m_marks->m_marks[mark].key];
        heap.push_back(mark);
        std::ranges::push_heap(heap, isBefore());
    }
    void end(Number mark) { m_hasEnded[mark] = true; }

    /// Which mark of a key shows, or kNothing.
    [[nodiscard]] Number winnerOf(std::uint32_t key)
    {
        const auto found = m_heaps.find(key);
        if (found == m_heaps.end())
            return kNothing;
        std::vector<Number> &heap = found->second;
        while (!heap.empty() && m_hasEnded[heap.front()]) {
            std::ranges::pop_heap(heap, isBefore());
            heap.pop_back();
        }
        return heap.empty() ? kNothing : heap.front();
    }

    /// What shows of a key: the number of a value, or kNothing.
    [[nodiscard]] std::uint32_t valueOf(std::uint32_t key)
    {
        const Number winner = winnerOf(key);
        return winner == kNothing ? kNothing : m_marks->m_marks[winner].value;
    }

    /// What shows of a key becomes part of attributes, or goes from there.
    void putValue(std::uint32_t key, Attributes &attributes)
    {
        const std::uint32_t value = valueOf(key);
        if (value == kNothing)
            attributes.erase(m_marks->m_keys.text(key));
        else
            attributes[m_marks->m_keys.text(key)] = m_marks->m_values.text(value);
    }

private:
    const Marks *m_marks;
    std::map<std::uint32_t, std::vector<Number>> m_heaps;
    std::vector<bool> m_hasEnded;
};

namespace {

/// Of one letter no more formats are told than anybody could want: whoever lays thousands of marks
/// over each other would else make their number times itself of them.
constexpr std::size_t kShownMax = 64;

/// Those whose keys come first: the same for everybody.
Attributes firstOf(const Attributes &attributes)
{
    if (attributes.size() <= kShownMax)
        return attributes;
    return {attributes.begin(), std::next(attributes.begin(), kShownMax)};
}

/// Walks along events that are sorted: calls step(event) for each and, when all at one offset are
/// done, stretch(from, to) up to the next.
template <typename Step, typename OnStretch>
void walk(const std::vector<SpanIntervals::Event> &events, const Stretch &where, Step step,
          OnStretch stretch)
{
    TextOffset at = where.from;
    for (const SpanIntervals::Event &event : events) {
        if (event.at > at)
            stretch(at, event.at);
        at = event.at;
        step(event);
    }
    if (at < where.from + where.length)
        stretch(at, where.from + where.length);
}

void join(std::vector<Stretch> &stretches, const Stretch &next)
{
    if (!stretches.empty() && stretches.back().from + stretches.back().length >= next.from) {
        Stretch &last = stretches.back();
        last.length = std::max(last.length, next.from + next.length - last.from);
        return;
    }
    stretches.push_back(next);
}

std::vector<Stretch> united(std::vector<Stretch> stretches)
{
    std::ranges::sort(stretches, {}, &Stretch::from);
    std::vector<Stretch> result;
    for (const Stretch &it : stretches)
        join(result, it);
    return result;
}

/// What is left of stretches without holes. Both are sorted and joined.
std::vector<Stretch> withoutHoles(const std::vector<Stretch> &stretches,
                                  const std::vector<Stretch> &holes)
{
    std::vector<Stretch> rest;
    auto hole = holes.begin();
    for (const Stretch &it : stretches) {
        TextOffset at = it.from;
        const TextOffset end = it.from + it.length;
        while (hole != holes.end() && hole->from + hole->length <= at)
            ++hole;
        for (auto next = hole; next != holes.end() && next->from < end; ++next) {
            if (next->from > at)
                rest.push_back({at, next->from - at});
            at = std::max(at, std::min(end, next->from + next->length));
        }
        if (at < end)
            rest.push_back({at, end - at});
    }
    return rest;
}

} // namespace

// ---- Changes

void Marks::markLocally(TextOffset from, TextOffset to, std::string_view key,
                        const std::optional<std::string> &value, Draft &draft)
{
    const OpId id = draft.nextFormat();
    CHECK(from < to && to <= m_text->length() && !m_text->isVoid(id.change));
    const auto anchorOf = [this](Border border) {
        return Anchor{m_text->numbers().idOf(border.letter()),
                      border.isRight() ? Side::Right : Side::Left};
    };
    auto &op = draft.addFormat<SetMark>();
    op.to = {kRoot, Side::Left};
    op.key = key;
    op.value = value;
    Border end = Border::textEnd();
    const bool grows = growsAtEnd(key, value.has_value());
    if (!grows || to < m_text->length()) {
        end = Border::of(m_text->letterAt(grows ? to : to - 1), grows ? Side::Left : Side::Right);
        op.to = anchorOf(end);
    }
    // The start is looked for last: mostly the caret is at the end, and typing goes on there.
    const Interval interval{Border::of(m_text->letterAt(from), Side::Left), end};
    op.from = anchorOf(interval.from);
    forgetRestyled();
    m_open = id.change;
    static_cast<void>(add(m_text->intervals().addOrdered(interval), key, value, id));
}

void Marks::apply(const SetMark &op, OpId id, Located &located, bool isWatched)
{
    const Number number = m_text->intervals().add(op.from, op.to, located);
    const Number mark = add(number, op.key, op.value, id);
    if (!isWatched || isVoid(mark))
        return;
    m_toggledBy = id.change;
    m_toggled.push_back(mark);
}

void Marks::setVoid(ChangeHandle change)
{
    begin();
    m_toggledBy = change;
    forEachOf(change, [this](Number it, std::uint32_t) { m_toggled.push_back(it); });
}

Marks::Number Marks::add(Number number, std::string_view key,
                         const std::optional<std::string> &value, OpId id)
{
    CHECK(number == m_marks.size());
    Mark mark{id.change, id.index, m_keys.numberOf(key), kNothing};
    if (value)
        mark.value = m_values.numberOf(*value);
    m_marks.push_back(mark);
    return number;
}

/// The latest mark of a change, or kNothing. Who made which is seldom asked: only now those are
/// entered that came since.
Marks::Number Marks::lastOf(ChangeHandle change) const
{
    for (auto it = static_cast<Number>(m_previous.size()); it < m_marks.size(); ++it) {
        const std::uint32_t by = m_marks[it].change.value;
        Number *last = m_lastOf.find(by);
        pushSlowly(m_previous, last == nullptr ? kNothing : *last);
        if (last != nullptr)
            *last = it;
        else
            m_lastOf.insert(by, it);
    }
    const Number *last = m_lastOf.find(change.value);
    return last == nullptr ? kNothing : *last;
}

bool Marks::isBefore(Number a, Number b) const
{
    const Mark &left = m_marks[a];
    const Mark &right = m_marks[b];
    if (left.change == right.change)
        return left.index < right.index;
    if (left.change == m_open || right.change == m_open)
        return right.change == m_open;
    return m_order->isBefore(left.change, right.change);
}

// ---- Reading

std::vector<StyledRun> Marks::styledRuns(TextOffset from, TextOffset to) const
{
    CHECK(from <= to && to <= m_text->length());
    std::vector<StyledRun> runs;
    Holding holding(*this);
    Attributes attributes;
    std::vector<std::uint32_t> keys; // what may have changed
    walk(
        m_text->intervals().eventsIn(from, to), {from, to - from},
        [&](const SpanIntervals::Event &event) {
            if (isVoid(event.interval))
                return;
            if (event.isEnd)
                holding.end(event.interval);
            else
                holding.begin(event.interval);
            keys.push_back(m_marks[event.interval].key);
        },
        [&](TextOffset begin, TextOffset end) {
            for (const std::uint32_t key : keys)
                holding.putValue(key, attributes);
            keys.clear();
            Attributes shown = firstOf(attributes);
            if (!runs.empty() && runs.back().marks == shown)
                runs.back().length += end - begin;
            else
                runs.push_back({begin, end - begin, std::move(shown)});
        });
    return runs;
}

std::vector<MarkedRun> Marks::markedRuns(TextOffset from, TextOffset to, std::string_view key) const
{
    CHECK(from <= to && to <= m_text->length());
    std::vector<MarkedRun> runs;
    Holding holding(*this);
    std::optional<std::uint32_t> number; // of the key, if it comes
    walk(
        m_text->intervals().eventsIn(from, to), {from, to - from},
        [&](const SpanIntervals::Event &event) {
            if (isVoid(event.interval) || keyOf(event.interval) != key)
                return;
            number = m_marks[event.interval].key;
            if (event.isEnd)
                holding.end(event.interval);
            else
                holding.begin(event.interval);
        },
        [&](TextOffset begin, TextOffset end) {
            const Number winner = number ? holding.winnerOf(*number) : kNothing;
            std::optional<std::string> value = valueOf(winner);
            if (!value)
                return;
            MarkedRun run{begin, end - begin, std::move(*value), changeOf(winner)};
            const bool isMore = !runs.empty() && runs.back().from + runs.back().length == begin
                && runs.back().value == run.value && runs.back().by == run.by;
            if (isMore)
                runs.back().length += run.length;
            else
                runs.push_back(std::move(run));
        });
    return runs;
}

Attributes Marks::forTyping(TextOffset at) const
{
    return shownOf(std::as_const(*m_text).intervals().behind(m_text->letterBefore(at)));
}

Attributes Marks::over(LocalId letter, const std::function<bool(ChangeHandle)> &isTakenBack) const
{
    auto marks = std::as_const(*m_text).intervals().over(m_text->tree().spotOf(letter));
    std::erase_if(marks, [&](Number it) { return isTakenBack(m_marks[it].change); });
    return shownOf(marks);
}

bool Marks::isOver(Number mark, LocalId letter) const
{
    const auto marks = std::as_const(*m_text).intervals().over(m_text->tree().spotOf(letter));
    return std::ranges::find(marks, mark) != marks.end();
}

Marks::Number Marks::winnerOver(LocalId letter, std::string_view key,
                                const std::function<bool(ChangeHandle)> &isTakenBack) const
{
    Number best = kNothing;
    for (const Number it : std::as_const(*m_text).intervals().over(m_text->tree().spotOf(letter))) {
        if (keyOf(it) != key || isVoid(it) || isTakenBack(m_marks[it].change))
            continue;
        if (best == kNothing || isBefore(best, it))
            best = it;
    }
    return best;
}

Attributes Marks::shownOf(const std::vector<Number> &marks) const
{
    Attributes attributes;
    Holding holding(*this);
    std::vector<std::uint32_t> keys;
    for (const Number mark : marks) {
        if (isVoid(mark))
            continue;
        holding.begin(mark);
        keys.push_back(m_marks[mark].key);
    }
    for (const std::uint32_t key : keys)
        holding.putValue(key, attributes);
    return attributes;
}

std::vector<Marks::Replacement>
Marks::replacements(Number mark, const std::function<bool(ChangeHandle)> &isTakenBack) const
{
    const SpanIntervals &intervals = std::as_const(*m_text).intervals();
    const Interval &over = intervals.at(mark);
    const TextOffset from = intervals.offsetOf(over.from);
    const TextOffset to = intervals.offsetOf(over.to);
    const std::uint32_t key = m_marks[mark].key;
    std::vector<Replacement> result;
    if (from >= to || isVoid(mark))
        return result;
    Holding now(*this);
    Holding without(*this);
    walk(
        intervals.eventsIn(from, to), {from, to - from},
        [&](const SpanIntervals::Event &event) {
            const Number it = event.interval;
            if (m_marks[it].key != key || isVoid(it))
                return;
            for (Holding *holding : {&now, &without}) {
                if (event.isEnd)
                    holding->end(it);
                else if (holding == &now || !isTakenBack(m_marks[it].change))
                    holding->begin(it);
            }
        },
        [&](TextOffset begin, TextOffset end) {
            const std::uint32_t value = without.valueOf(key);
            if (now.valueOf(key) == value)
                return;
            const auto text =
                value == kNothing ? std::nullopt : std::optional(m_values.text(value));
            const bool isJoined = !result.empty() && result.back().value == text
                && result.back().where.from + result.back().where.length == begin;
            if (!isJoined)
                result.push_back({{begin, 0}, text});
            result.back().where.length += end - begin;
        });
    return result;
}

// ---- What changed

std::vector<Stretch> Marks::restyled() const
{
    std::vector<Stretch> differing;
    if (m_toggled.empty())
        return differing;
    std::vector<bool> isToggled(m_marks.size());
    for (const Number mark : m_toggled)
        isToggled[mark] = true;
    for (const Stretch &where : stretchesOfToggled())
        compare(where, isToggled, differing);
    if (differing.empty())
        return differing;
    std::vector<Stretch> shown;
    m_text->forEachVisibleTouched(m_toggledBy, [&](TextOffset at, TextOffset length) {
        shown.push_back({at, length});
    });
    return withoutHoles(differing, united(std::move(shown)));
}

std::set<std::string, std::less<>> Marks::restyledKeys() const
{
    std::set<std::string, std::less<>> keys;
    for (const Number mark : m_toggled)
        keys.insert(m_keys.text(m_marks[mark].key));
    return keys;
}

/// What the marks in question are over, sorted and joined.
std::vector<Stretch> Marks::stretchesOfToggled() const
{
    const SpanIntervals &intervals = m_text->intervals();
    std::vector<Stretch> stretches;
    for (const Number mark : m_toggled) {
        const Interval &it = intervals.at(mark);
        const TextOffset from = intervals.offsetOf(it.from);
        const TextOffset to = intervals.offsetOf(it.to);
        if (from < to)
            stretches.push_back({from, to - from});
    }
    return united(std::move(stretches));
}

/// Finds where something else shows with the marks in question than without them.
void Marks::compare(const Stretch &where, const std::vector<bool> &isToggled,
                    std::vector<Stretch> &differing) const
{
    std::map<std::uint32_t, bool> differs; // by key of theirs
    for (const Number mark : m_toggled)
        differs[m_marks[mark].key] = false;
    std::size_t count = 0; // of keys that differ
    Holding with(*this);
    Holding without(*this);
    std::vector<std::uint32_t> keys;
    walk(
        m_text->intervals().eventsIn(where.from, where.from + where.length), where,
        [&](const SpanIntervals::Event &event) {
            const Number mark = event.interval;
            const std::uint32_t key = m_marks[mark].key;
            if (!differs.contains(key) || (!isToggled[mark] && isVoid(mark)))
                return;
            keys.push_back(key);
            if (event.isEnd) {
                with.end(mark);
                without.end(mark);
                return;
            }
            with.begin(mark);
            if (!isToggled[mark])
                without.begin(mark);
        },
        [&](TextOffset begin, TextOffset end) {
            for (const std::uint32_t key : keys) {
                bool &now = differs[key];
                count -= now ? 1 : 0;
                now = with.valueOf(key) != without.valueOf(key);
                count += now ? 1 : 0;
            }
            keys.clear();
            if (count > 0)
                join(differing, {begin, end - begin});
        });
}

} // namespace nlbd::crdt
