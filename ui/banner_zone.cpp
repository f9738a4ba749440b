#include "ui/banner_zone.h"

#include "ui/parts.h"

#include <QAccessible>
#include <QApplication>
#include <QBoxLayout>
#include <QResizeEvent>
#include <QTextDocumentFragment>
#include <QToolButton>

namespace nlbd::ui {

namespace {

constexpr int kNarrow = 600;

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
    , m_row(new QHBoxLayout)
    , m_below(new QHBoxLayout)
{
    setObjectName(QStringLiteral("banner"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 8, 12, 8);
    column->setSpacing(6);
    column->addLayout(m_row);
    column->addLayout(m_below);
    m_row->setSpacing(12);
    m_below->setContentsMargins(32, 0, 0, 0); // under the text, not under the icon
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
    m_choices = nullptr;
    for (QBoxLayout *row : {m_row, m_below}) {
        while (QLayoutItem *item = row->takeAt(0)) {
            if (QWidget *widget = item->widget()) {
                widget->hide();
                widget->deleteLater();
            }
            delete item;
        }
    }
}

/// Beside the text where there is room for both, else below it.
void BannerZone::layChoices()
{
    if (!m_choices)
        return;
    const bool isNarrow = width() < kNarrow;
    m_row->removeWidget(m_choices);
    m_below->removeWidget(m_choices);
    if (isNarrow)
        m_below->addWidget(m_choices, 0, Qt::AlignLeft);
    else
        m_row->insertWidget(2, m_choices);
}

void BannerZone::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    if ((event->size().width() < kNarrow) != (event->oldSize().width() < kNarrow))
        layChoices();
}

void BannerZone::showFirst()
{
    const bool hadFocus = isAncestorOf(QApplication::focusWidget());
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
    m_choices = banner.choices.empty() ? nullptr : new QWidget;
    auto *buttons = m_choices ? new QHBoxLayout(m_choices) : nullptr;
    if (buttons)
        buttons->setContentsMargins(0, 0, 0, 0);
    for (const Banner::Choice &choice : banner.choices) {
        QPushButton *button = makeButton(choice.text);
        connect(button, &QPushButton::clicked, this, choice.use);
        buttons->addWidget(button);
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
    m_row->addWidget(closer, 0, Qt::AlignVCenter);
    layChoices();
    setFocusProxy(first ? first : closer);
    setAccessibleName(shownText());
    show();
    if (hadFocus) // a banner that follows another keeps who acts in this strip where he is
        setFocus();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

} // namespace nlbd::ui
