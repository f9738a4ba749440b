#include "ui/editor/unit_edit.h"

#include <QTextDocument>

#include <algorithm>

namespace nlbd::ui {

namespace {

qsizetype commonSuffix(QStringView one, QStringView other, qsizetype most)
{
    qsizetype count = 0;
    while (count < most && one[one.size() - 1 - count] == other[other.size() - 1 - count])
        ++count;
    return count;
}

qsizetype commonPrefix(QStringView one, QStringView other, qsizetype most)
{
    qsizetype count = 0;
    while (count < most && one[count] == other[count])
        ++count;
    return count;
}

} // namespace

std::optional<UnitEdit> narrow(QStringView before, QStringView after, qsizetype caret)
{
    if (before == after)
        return std::nullopt;
    const qsizetype shorter = std::min(before.size(), after.size());
    const qsizetype behindCaret = std::clamp<qsizetype>(after.size() - caret, 0, shorter);
    qsizetype suffix = commonSuffix(before, after, behindCaret);
    qsizetype prefix = commonPrefix(before, after, shorter - suffix);
    // The caret only chooses among equals: whatever else is the same goes as well.
    suffix +=
        commonSuffix(before.chopped(suffix), after.chopped(suffix), shorter - suffix - prefix);
    while (splitsPair(before, prefix) || splitsPair(after, prefix))
        --prefix;
    while (splitsPair(before, before.size() - suffix) || splitsPair(after, after.size() - suffix))
        --suffix;
    return UnitEdit{prefix, before.size() - prefix - suffix,
                    after.sliced(prefix, after.size() - prefix - suffix).toString()};
}

bool splitsPair(QStringView text, qsizetype place)
{
    return place > 0 && place < text.size() && text[place].isLowSurrogate()
        && text[place - 1].isHighSurrogate();
}

int offPair(const QTextDocument &document, int place)
{
    const bool isInside = place > 0 && document.characterAt(place).isLowSurrogate()
        && document.characterAt(place - 1).isHighSurrogate();
    return isInside ? place - 1 : place;
}

} // namespace nlbd::ui
