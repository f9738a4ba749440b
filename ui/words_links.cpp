#include "ui/words_links.h"

#include "ui/links/link_target.h"

#include <QCoreApplication>
#include <QUrl>

namespace nlbd::ui::words {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Links", text);
}

} // namespace

QString leadsTo(const QString &target, const QString &said)
{
    const QString shown = shownTarget(target);
    QString words = tr("Leads to %1").arg(shown);
    if (const QString plain = plainHost(target); !plain.isEmpty())
        words += QStringLiteral(" (%1)").arg(plain);
    if (const auto other = pretended(said, target))
        words = tr("The words say %1, but this leads elsewhere. %2").arg(*other, words);
    return words;
}

QString leadsToAndHow(const QString &target, const QString &said)
{
    const QString words = leadsTo(target, said);
    return mayOpen(target) ? tr("%1. Ctrl+click or Ctrl+Enter opens it").arg(words)
                           : tr("%1. It is not opened from here").arg(words);
}

QString isNotOpened(const QString &target)
{
    return tr("<b>That link is not opened.</b> Only pages of the web, mail addresses and links of "
              "this program are. It leads to %1")
        .arg(shownTarget(target).toHtmlEscaped());
}

QString isNoAddress()
{
    return tr("That is no address. Write it as in example.org or https://example.org/page");
}

} // namespace nlbd::ui::words
