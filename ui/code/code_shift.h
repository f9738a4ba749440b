#pragma once

#include <QString>

#include <optional>
#include <string>
#include <vector>

class QPlainTextEdit;
class QTextBlock;

namespace nlbd::ui {

/// What lines of code stand in by, and how they are moved.

inline constexpr int kCodeShift = 4; ///< blanks, where a line does not begin with tabs

/// The blanks and tabs with which a line begins.
[[nodiscard]] QString shiftOf(const QString &line);

/// Moves lines in by one step, or out for a negative `by`, each by an edit of its own. One line
/// without a selection is moved from the caret on, to the next column.
void shiftCode(QPlainTextEdit &page, const std::vector<QTextBlock> &lines, int by);

/// "```" and perhaps a language: what makes a line the first one of a block of code.
[[nodiscard]] std::optional<std::string> languageTyped(const QString &line);

} // namespace nlbd::ui
