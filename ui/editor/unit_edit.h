#pragma once

#include <QString>
#include <QStringView>

#include <optional>

class QTextDocument;

namespace nlbd::ui {

/// One replacement in UTF-16 units.
struct UnitEdit {
    qsizetype at = 0;
    qsizetype removed = 0;
    QString inserted;

    friend bool operator==(const UnitEdit &, const UnitEdit &) = default;
};

/// What really changed between the same window of the text before and after. QTextDocument reports
/// windows that are too wide: a whole paragraph when an input method commits one word, everything
/// between two places of one edit block. Equal ends are cut away, never inside a surrogate pair.
/// In a run of equal letters the place is ambiguous: the caret, which stands behind what was typed
/// or where something was removed, decides. `caret` counts from the start of the window.
/// Returns nothing if the text is the same (formats, preedit).
[[nodiscard]] std::optional<UnitEdit> narrow(QStringView before, QStringView after,
                                             qsizetype caret);

/// True if a cut before `place` would part the two halves of a character.
[[nodiscard]] bool splitsPair(QStringView text, qsizetype place);
/// The place, or the one before it if it parts a character of the document.
[[nodiscard]] int offPair(const QTextDocument &document, int place);

} // namespace nlbd::ui
