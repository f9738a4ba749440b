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

void Clip::tellOthers(Fragment fragment)
{
    setText(fragment.text);
    m_told = std::move(fragment);
}

QStringList Clip::formats() const
{
    return QMimeData::formats() << ownMime() << htmlMime() << markdownMime();
}

QVariant Clip::retrieveData(const QString &mime, QMetaType type) const
{
    if (mime == ownMime())
        return toClipFormat(m_fragment, m_told ? m_told->text : m_fragment.text);
    if (mime == htmlMime())
        return toHtml(m_told.value_or(m_fragment));
    if (mime == markdownMime()) {
        const Fragment &told = m_told ? *m_told : m_fragment;
        return toMarkdown(told.text, looksOf(told), FirstLine::AsItIs).toUtf8();
    }
    return QMimeData::retrieveData(mime, type);
}

bool hasWords(const QMimeData &source)
{
    return source.hasText() || source.hasHtml() || source.hasFormat(markdownMime());
}

bool hasPicture(const QMimeData &source)
{
    const auto isBlank = [](const QString &text) { return QStringView(text).trimmed().isEmpty(); };
    return source.hasImage() && isBlank(source.text())
        && (!source.hasHtml() || isBlank(fromHtml(source.html()).text));
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
