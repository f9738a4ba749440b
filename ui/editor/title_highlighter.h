#pragma once

#include <QFont>
#include <QSyntaxHighlighter>

namespace nlbd::ui {

/// What the first line is written in.
[[nodiscard]] QFont titleFont();

/// Shows the first line as the title that it is. A format of the layout only: the text, its undo
/// and its offsets know nothing of it.
class TitleHighlighter : public QSyntaxHighlighter {
public:
    static constexpr int kTitleUnitsMax = 200; ///< longer first lines are paragraphs

    using QSyntaxHighlighter::QSyntaxHighlighter;

protected:
    void highlightBlock(const QString &text) override;
};

} // namespace nlbd::ui
