#include "ui/clipboard/clip.h"

#include "ui/clipboard/clip_format.h"
#include "ui/clipboard/html_reader.h"
#include "ui/clipboard/html_writer.h"
#include "ui/clipboard/markdown_reader.h"
#include "ui/documents/markdown.h"

namespace nlbd::ui {

namespace {

constexpr qsizetype kHtmlUnitsMax = 64 * 1024 * 1024; ///< of more the words alone are taken

QString htmlMime()
{
    return QStringLiteral("text/html");
}
QString markdownMime()
{
    return QStringLiteral("text/markdown");
}
QString ownMime()
{
    return QString::fromLatin1(kFragmentMime);
}

} // namespace

Clip::Clip(Fragment fragment)
    : m_fragment(std::move(fragment))
{
    setText(m_fragment.text);
}

QStringList Clip::formats() const
{
    return QMimeData::formats() << ownMime() << htmlMime() << markdownMime();
}

QVariant Clip::retrieveData(const QString &mime, QMetaType type) const
{
    if (mime == ownMime())
        return toClipFormat(m_fragment);
    if (mime == htmlMime())
        return toHtml(m_fragment);
    if (mime == markdownMime())
        return toMarkdown(m_fragment.text, looksOf(m_fragment), FirstLine::AsItIs).toUtf8();
    return QMimeData::retrieveData(mime, type);
}

bool hasWords(const QMimeData &source)
{
    return source.hasText() || source.hasHtml() || source.hasFormat(markdownMime());
}

Fragment fragmentFrom(const QMimeData &source, PasteAs how)
{
    const auto words = [&source] { return plainFragment(source.text()); };
    if (how == PasteAs::Words && source.hasText())
        return words();
    if (const auto *own = qobject_cast<const Clip *>(&source))
        return own->fragment();
    if (source.hasFormat(ownMime()))
        if (auto own = fromClipFormat(source.data(ownMime()), words().text))
            return *std::move(own);
    Fragment rich;
    if (const QString html = source.html(); !html.isEmpty() && html.size() <= kHtmlUnitsMax)
        rich = fromHtml(html);
    if (rich.text.isEmpty() && source.hasFormat(markdownMime()))
        rich = fromMarkdown(QString::fromUtf8(source.data(markdownMime()))).value_or(Fragment());
    if (!rich.hasLooks() && source.hasText()) // the words as they were meant, blanks and all
        return words();
    return how == PasteAs::Words ? Fragment{rich.text, {}, {}} : rich;
}

} // namespace nlbd::ui
