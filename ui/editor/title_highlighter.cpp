#include "ui/editor/title_highlighter.h"

#include "ui/theme.h"

namespace nlbd::ui {

QFont titleFont()
{
    return pageFont(30, QFont::Bold);
}

void TitleHighlighter::highlightBlock(const QString &text)
{
    if (currentBlock().blockNumber() != 0 || text.isEmpty() || text.size() > kTitleUnitsMax)
        return;
    QTextCharFormat format;
    format.setFont(titleFont(), QTextCharFormat::FontPropertiesSpecifiedOnly);
    setFormat(0, static_cast<int>(text.size()), format);
}

} // namespace nlbd::ui
