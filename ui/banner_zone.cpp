#include "ui/banner_zone.h"

#include "ui/parts.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QTextDocumentFragment>
#include <QToolButton>

namespace nlbd::ui {

namespace {

Role roleOf(const QString &tone)
{
    if (tone == QLatin1String("refused"))
        return Role::Refused;
    if (tone == QLatin1String("pencil"))
        return Role::Pencil;
    return tone == QLatin1String("agreed") ? Role::Agreed : Role::Muted;
}

} // namespace

BannerZone::BannerZone(QWidget *parent)
    : QFrame(parent)
    , m_row(new QHBoxLayout(this))
{
    setObjectName(QStringLiteral("banner"));
    m_row->setContentsMargins(16, 8, 12, 8);
    m_row->setSpacing(12);
    setMinimumHeight(56);
    hide();
}

void BannerZone::put(About about, Banner banner)
{
    m_banners[about] = std::move(banner);
    showFirst();
}

void BannerZone::remove(About about)
{
    if (m_banners.erase(about) > 0)
        showFirst();
}

QString BannerZone::shownText() const
{
    return m_text ? QTextDocumentFragment::fromHtml(m_text->text()).toPlainText() : QString();
}

void BannerZone::clear()
{
    m_text = nullptr;
    while (QLayoutItem *item = m_row->takeAt(0)) {
        if (QWidget *widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

void BannerZone::showFirst()
{
    clear();
    if (m_banners.empty()) {
        hide();
        return;
    }
    const About about = m_banners.begin()->first;
    const Banner &banner = m_banners.begin()->second;
    setTone(this, banner.tone.toLatin1().constData());
    m_row->addWidget(makeIconLabel(banner.icon, 20, roleOf(banner.tone)));
    m_text = makeSentence(banner.html);
    m_text->setTextFormat(Qt::RichText);
    m_row->addWidget(m_text, 1);
    QWidget *first = nullptr;
    for (const Banner::Choice &choice : banner.choices) {
        QPushButton *button = makeButton(choice.text);
        connect(button, &QPushButton::clicked, this, choice.use);
        m_row->addWidget(button);
        first = first ? first : button;
    }
    auto *closer = new QToolButton;
    closer->setIcon(icon(QStringLiteral("close")));
    closer->setIconSize(QSize(16, 16));
    closer->setAccessibleName(tr("Close this message"));
    closer->setToolTip(tr("Close this message"));
    connect(closer, &QToolButton::clicked, this, [this, about, told = banner.dismissed] {
        remove(about);
        if (told)
            told();
    });
    m_row->addWidget(closer);
    setFocusProxy(first ? first : closer);
    setAccessibleName(shownText());
    show();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

} // namespace nlbd::ui
