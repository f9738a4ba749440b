#include "ui/editor/title_highlighter.h"

#include "ui/theme.h"

namespace nlbd::ui {

void TitleHighlighter::highlightBlock(const QString &text)
{
    if (currentBlock().blockNumber() != 0 || text.isEmpty() || text.size() > kTitleUnitsMax)
        return;
    QTextCharFormat format;
    format.setFont(pageFont(30, QFont::Bold), QTextCharFormat::FontPropertiesSpecifiedOnly);
    setFormat(0, static_cast<int>(text.size()), format);
}

} // namespace nlbd::ui
