#include "core/crdt/document_impl.h"
#include "core/crdt/mark_rules.h"

namespace nlbd::crdt {

namespace {

std::vector<PastFormats::Mark> marksIn(const PastView &view, const Marks &all,
                                       const ChangeOrder &order)
{
    struct Known {
        OpId id;
        PastFormats::Mark mark;
    };
    std::vector<Known> known;
    all.forEach([&](OpId id, const Interval &where, std::string_view key,
                    const std::string *value) {
        if (isLetterKey(key) || !view.holds(id.change))
            return;
        PastFormats::Mark mark;
        mark.from = where.from;
        mark.to = where.to;
        mark.key = key;
        mark.setting = {value == nullptr ? std::nullopt : std::optional<std::string_view>(*value),
                        id.change};
        known.push_back({id, mark});
    });
    std::ranges::sort(known, [&](const Known &a, const Known &b) {
        return a.id.change == b.id.change ? a.id.index < b.id.index
                                          : order.isBefore(a.id.change, b.id.change);
    });
    std::vector<PastFormats::Mark> marks;
    for (const Known &it : known)
        marks.push_back(it.mark);
    return marks;
}

std::map<LocalId, PastStyle> lettersIn(const PastView &view, const Registers &registers,
                                       const Numbers &numbers)
{
    std::map<LocalId, PastStyle> letters;
    registers.forEachOfLetters([&](std::uint32_t place, OpId target, std::string_view key) {
        const auto letter = numbers.find(target);
        const auto best = registers.winnerAt(place, [&](OpId id) { return view.holds(id.change); });
        if (!letter || best == Registers::kNone || !isLetterKey(key))
            return;
        const Registers::Setting &it = registers[best];
        const bool isSet = it.kind == Value::Kind::Text;
        letters[letter->first][key] = {isSet ? std::optional(registers.textOf(it)) : std::nullopt,
                                       it.id.change};
    });
    return letters;
}

} // namespace

Past Document::Impl::pastOf(const InPast &isThen) const
{
    PastView view(text, isThen);
    PastFormats formats(text.numbers().next(), marksIn(view, marks, order),
                        lettersIn(view, objects.registers(), text.numbers()));
    return {std::move(view), std::move(formats)};
}

std::string Document::textAt(const InPast &isThen) const
{
    return PastView(m_impl->text, isThen).text();
}

Delta Document::contentAt(const InPast &isThen) const
{
    Past nothing{PastView(m_impl->text), PastFormats(m_impl->text.numbers().next(), {}, {})};
    Past then = m_impl->pastOf(isThen);
    Delta content;
    for (AuthoredStep &it : Differ(m_impl->text, m_impl->order, nothing, then, false).run())
        content.push_back(std::move(it.step));
    return content;
}

std::vector<AuthoredStep> Document::difference(const InPast &before, const InPast &after) const
{
    Past then = m_impl->pastOf(before);
    Past later = m_impl->pastOf(after);
    return Differ(m_impl->text, m_impl->order, then, later, true).run();
}

std::string Document::fieldAt(std::string_view key, const InPast &isThen) const
{
    const Registers &registers = m_impl->objects.registers();
    const auto place = registers.find(Registers::Space::Fields, kRoot, key);
    if (!place)
        return {};
    const auto best = registers.winnerAt(
        *place, [&](OpId id) { return !m_impl->text.isVoid(id.change) && isThen(id.change); });
    return best == Registers::kNone ? std::string()
                                    : std::string(registers.textOf(registers[best]));
}

} // namespace nlbd::crdt
