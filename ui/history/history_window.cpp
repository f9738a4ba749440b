#include "ui/history/history_window.h"

#include "ui/editor/past_page.h"
#include "ui/parts.h"
#include "ui/people/avatar.h"
#include "ui/workspace_bridge.h"

#include <QAction>
#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QListWidget>
#include <QPainter>
#include <QSlider>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 58; // three short lines
constexpr int kDisc = 30;
constexpr int kDiscsMax = 3;  // of one group
constexpr int kDiscStep = 14; // they stand behind each other
constexpr int kListWidth = 290;
constexpr int kRefreshMillis = 1'000;

} // namespace

HistoryWindow::HistoryWindow(WorkspaceBridge &bridge, QWidget *parent)
    : QDialog(parent)
    , m_bridge(bridge)
    , m_reading(makeSentence(tr("Reading the past of this page\u2026"), "muted"))
{
    resize(1120, 720);
    setMinimumSize(860, 420); // narrower, buttons would be cut
    m_empty = new EmptyState(QStringLiteral("waiting"), tr("No past yet"),
                             tr("When something is written on this page, you see here who wrote "
                                "what and when, and can have it back."),
                             {});
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_left = makeLeft();
    m_right = makeRight();
    row->addWidget(m_left);
    row->addWidget(m_right, 1);
    row->addWidget(m_empty, 1);
    row->addWidget(m_reading, 1, Qt::AlignCenter);
    makeKeys();
    m_refresh.setSingleShot(true);
    connect(&m_refresh, &QTimer::timeout, this, &HistoryWindow::ask);
    connect(&bridge, &WorkspaceBridge::pastTold, this, &HistoryWindow::told);
    connect(&bridge, &WorkspaceBridge::pastTextTold, this, &HistoryWindow::textTold);
    connect(&bridge, &WorkspaceBridge::pastRestored, this, &HistoryWindow::wasRestored);
    // Something was written somewhere: what is looked at may have grown.
    connect(&bridge, &WorkspaceBridge::documentsChanged, this, [this] {
        if (isVisible() && m_doc && !m_refresh.isActive())
            m_refresh.start(kRefreshMillis);
    });
    showState(State::Reading);
}

HistoryWindow::~HistoryWindow() = default;

QWidget *HistoryWindow::makeLeft()
{
    auto *left = new QWidget;
    left->setFixedWidth(kListWidth + 16);
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(8, 12, 8, 12);
    column->setSpacing(8);
    m_earlier = makeButton(tr("Show what is earlier"));
    m_list = new QListWidget;
    m_list->setAccessibleName(tr("Who wrote when"));
    m_list->setProperty("kind", QStringLiteral("card"));
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->setUniformItemSizes(true);
    m_list->setIconSize(QSize(kDisc + (kDiscsMax - 1) * kDiscStep, kDisc));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(m_list, 1);
    column->addWidget(m_earlier, 0, Qt::AlignLeft);
    connect(m_earlier, &QPushButton::clicked, this, &HistoryWindow::askEarlier);
    // The newest stands at the top, as people look for it.
    connect(m_list, &QListWidget::currentRowChanged, this, [this](int line) {
        if (line >= 0)
            choose(static_cast<int>(m_groups.size()) - 1 - line);
    });
    return left;
}

QWidget *HistoryWindow::makeRight()
{
    auto *right = new QWidget;
    right->setObjectName(QStringLiteral("detail"));
    right->setAttribute(Qt::WA_StyledBackground);
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setAccessibleName(tr("Time"));
    m_slider->setTickPosition(QSlider::TicksBelow);
    m_slider->setPageStep(10);
    connect(m_slider, &QSlider::valueChanged, this, &HistoryWindow::choose);
    m_sentence = makeSentence({}, "heading");
    m_differences = new QCheckBox(tr("Show what differs"));
    m_differences->setChecked(true);
    m_against = new QComboBox;
    m_against->setAccessibleName(tr("Compared with"));
    m_against->addItem(tr("from the time before"));
    m_against->addItem(tr("from the page as it is now"));
    m_before = makeButton(tr("Back"));
    m_before->setAccessibleName(tr("To the difference before"));
    m_before->setToolTip(tr("To the difference before (Shift+F8)"));
    m_next = makeButton(tr("Next"));
    m_next->setAccessibleName(tr("To the next difference"));
    m_next->setToolTip(tr("To the next difference (F8)"));
    m_page = new PastPage;
    m_words = makeSentence({}, "muted");
    m_words->setAccessibleName(tr("What differs at the caret"));
    auto *tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(m_differences);
    tools->addWidget(m_against);
    tools->addStretch();
    tools->addWidget(m_before);
    tools->addWidget(m_next);
    auto *column = new QVBoxLayout(right);
    column->setContentsMargins(20, 14, 20, 14);
    column->setSpacing(8);
    column->addWidget(m_slider);
    column->addWidget(m_sentence);
    column->addLayout(tools);
    column->addWidget(m_page, 1);
    column->addWidget(m_words);
    column->addWidget(makeButtons());
    connect(m_differences, &QCheckBox::toggled, this, [this](bool areShown) {
        m_page->setDifferences(areShown);
        m_against->setEnabled(areShown);
        nameButtons();
    });
    connect(m_against, &QComboBox::currentIndexChanged, this, &HistoryWindow::askText);
    connect(m_next, &QPushButton::clicked, this, [this] { m_page->goToDifference(1); });
    connect(m_before, &QPushButton::clicked, this, [this] { m_page->goToDifference(-1); });
    const auto caretMoved = [this] {
        m_words->setText(breakable(m_page->wordsAtCaret()));
        nameButtons();
    };
    connect(m_page, &QPlainTextEdit::cursorPositionChanged, this, caretMoved);
    connect(m_page, &QPlainTextEdit::selectionChanged, this, caretMoved);
    return right;
}

QWidget *HistoryWindow::makeButtons()
{
    auto *foot = new QWidget;
    auto *column = new QVBoxLayout(foot);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    m_what = makeSentence({}, "muted");
    m_result = makeSentence({});
    m_result->hide();
    m_restoreAll = makeButton(tr("Restore this page"), ButtonKind::Primary);
    m_restorePart = makeButton(tr("Restore the selected part"));
    QPushButton *close = makeButton(tr("Close"));
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_restoreAll);
    buttons->addWidget(m_restorePart);
    buttons->addStretch();
    buttons->addWidget(close);
    column->addWidget(m_what);
    column->addWidget(m_result);
    column->addLayout(buttons);
    connect(m_restoreAll, &QPushButton::clicked, this, [this] { restore(false); });
    connect(m_restorePart, &QPushButton::clicked, this, [this] { restore(true); });
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    return foot;
}

void HistoryWindow::makeKeys()
{
    const auto add = [this](const QKeySequence &keys, int step) {
        auto *action = new QAction(this);
        action->setShortcut(keys);
        addAction(action);
        connect(action, &QAction::triggered, this, [this, step] { m_page->goToDifference(step); });
    };
    add(QKeySequence(Qt::Key_F8), 1);
    add(QKeySequence(tr("Shift+F8")), -1);
}

void HistoryWindow::showState(State state)
{
    m_left->setVisible(state == State::Shown);
    m_right->setVisible(state == State::Shown);
    m_empty->setVisible(state == State::Empty);
    m_reading->setVisible(state == State::Reading);
}

/// Discs are painted in the colours of the theme.
void HistoryWindow::changeEvent(QEvent *event)
{
    QDialog::changeEvent(event);
    if (event->type() != QEvent::StyleChange && event->type() != QEvent::PaletteChange)
        return;
    for (int line = 0; m_list != nullptr && line < m_list->count(); ++line)
        m_list->item(line)->setIcon(
            discOf(m_groups[m_groups.size() - 1 - static_cast<std::size_t>(line)]));
}

void HistoryWindow::showEvent(QShowEvent *event)
{
    QDialog::showEvent(event);
    if (m_doc)
        ask();
}

// ---- what is known ---------------------------------------------------------------------------

void HistoryWindow::setPeople(const words::People &people)
{
    const auto isSame = [](const api::Person &a, const api::Person &b) {
        return a.name == b.name && a.member == b.member && a.colour == b.colour;
    };
    const bool isKnown = std::ranges::equal(m_people, people, isSame);
    m_people = people;
    if (isKnown)
        return;
    m_page->setPeople(people);
    fill();
}

void HistoryWindow::showDocument(DocIndex doc, const QString &title)
{
    setWindowTitle(tr("The past of %1").arg(title));
    if (std::exchange(m_doc, doc) == doc)
        return;
    m_groups.clear();
    m_chosen = -1;
    m_asking = m_askingText = m_restoring = 0;
    m_wantsText = m_isAskingEarlier = false;
    m_result->hide();
    m_page->showNothing();
    showState(State::Reading);
    if (isVisible())
        ask();
}

void HistoryWindow::ask()
{
    if (!m_doc || m_asking != 0)
        return;
    m_asking = m_bridge.nextRequest();
    m_bridge.submit(api::AskPast{m_asking, *m_doc});
}

void HistoryWindow::askEarlier()
{
    if (!m_doc || m_groups.empty() || m_asking != 0)
        return;
    m_isAskingEarlier = true;
    m_asking = m_bridge.nextRequest();
    m_bridge.submit(api::AskPast{m_asking, *m_doc, m_groups.front().first});
}

/// What was chosen stays chosen, whatever has come; who looked at the newest goes on doing so.
void HistoryWindow::told(const api::PastTold &event)
{
    if (event.request != m_asking)
        return;
    m_asking = 0;
    m_seats = event.seats;
    std::vector<api::PastGroup> groups = event.groups;
    const bool wasNewest = m_chosen < 0 || m_chosen + 1 == static_cast<int>(m_groups.size());
    const Hash kept = chosen() != nullptr ? chosen()->first : Hash();
    if (std::exchange(m_isAskingEarlier, false)) {
        groups.insert(groups.end(), m_groups.begin(), m_groups.end());
        m_hasMore = event.hasMore;
    } else {
        // Earlier ones that were asked for are still there.
        const auto known = groups.empty()
            ? m_groups.end()
            : std::ranges::find(m_groups, groups.front().first, &api::PastGroup::first);
        if (known != m_groups.end())
            groups.insert(groups.begin(), m_groups.begin(), known);
        m_hasMore =
            known != m_groups.end() && known != m_groups.begin() ? m_hasMore : event.hasMore;
    }
    if (groups == m_groups && m_chosen >= 0)
        return;
    m_groups = std::move(groups);
    const auto found = std::ranges::find(m_groups, kept, &api::PastGroup::first);
    const bool isLast = wasNewest || found == m_groups.end();
    m_chosen = -1;
    fill();
    showState(m_groups.empty() ? State::Empty : State::Shown);
    choose(static_cast<int>(isLast ? m_groups.size() : found - m_groups.begin() + 1) - 1);
}

void HistoryWindow::fill()
{
    const QSignalBlocker quietList(m_list);
    const QSignalBlocker quietSlider(m_slider);
    m_list->clear();
    for (auto it = m_groups.rbegin(); it != m_groups.rend(); ++it)
        fillRow(*new QListWidgetItem(m_list), *it);
    m_slider->setRange(0, std::max(0, static_cast<int>(m_groups.size()) - 1));
    m_slider->setTickInterval(m_groups.size() <= 100 ? 1 : 0);
    m_earlier->setVisible(m_hasMore);
    if (m_chosen >= 0) {
        m_list->setCurrentRow(static_cast<int>(m_groups.size()) - 1 - m_chosen);
        m_slider->setValue(m_chosen);
    }
    showSentence();
}

void HistoryWindow::fillRow(QListWidgetItem &item, const api::PastGroup &group) const
{
    const QDateTime now = QDateTime::currentDateTime();
    const QString who = words::names(words::namesOf(m_people, group.members));
    item.setText(tr("%1\n%2\n%3").arg(who, words::pastTime(group, now), words::pastAmount(group)));
    item.setData(Qt::AccessibleTextRole, words::pastGroup(group, m_seats, m_people, now));
    item.setToolTip(plainToolTip(words::pastGroup(group, m_seats, m_people, now)));
    item.setIcon(discOf(group));
    item.setSizeHint(QSize(120, kRowHeight));
}

/// The discs of those who wrote, one behind the other.
QIcon HistoryWindow::discOf(const api::PastGroup &group) const
{
    const qreal ratio = devicePixelRatioF();
    const QSize size(kDisc + (kDiscsMax - 1) * kDiscStep, kDisc);
    QPixmap picture(size * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(uiFont(11, QFont::DemiBold));
    for (std::size_t i = std::min<std::size_t>(group.members.size(), kDiscsMax); i-- > 0;) {
        const auto person = std::ranges::find(m_people, group.members[i], &api::Person::member);
        if (person == m_people.end())
            continue;
        const QRectF place(static_cast<qreal>(i) * kDiscStep + 1, 1, kDisc - 2, kDisc - 2);
        painter.setPen(i > 0 || group.members.size() > 1 ? QPen(theme().page, 1.5) : Qt::NoPen);
        painter.setBrush(theme().people[person->colour % 8U]);
        painter.drawEllipse(place);
        painter.setPen(theme().onPerson);
        painter.drawText(place, Qt::AlignCenter, initialsOf(QString::fromUtf8(person->name)));
    }
    painter.end();
    QIcon disc(picture);
    disc.addPixmap(picture, QIcon::Selected); // a style would tint it
    return disc;
}

const api::PastGroup *HistoryWindow::chosen() const
{
    const bool isThere = m_chosen >= 0 && std::cmp_less(m_chosen, m_groups.size());
    return isThere ? &m_groups[static_cast<std::size_t>(m_chosen)] : nullptr;
}

// ---- what is shown ---------------------------------------------------------------------------

void HistoryWindow::choose(int index)
{
    if (index < 0 || std::cmp_greater_equal(index, m_groups.size()) || index == m_chosen)
        return;
    m_chosen = index;
    const QSignalBlocker quietList(m_list);
    const QSignalBlocker quietSlider(m_slider);
    m_list->setCurrentRow(static_cast<int>(m_groups.size()) - 1 - index);
    m_slider->setValue(index);
    m_result->hide();
    showSentence();
    askText();
}

void HistoryWindow::showSentence()
{
    const api::PastGroup *group = chosen();
    if (group == nullptr)
        return;
    const QDateTime now = QDateTime::currentDateTime();
    m_sentence->setText(breakable(words::pastGroup(*group, m_seats, m_people, now)));
    m_slider->setAccessibleDescription(m_sentence->text());
    m_what->setText(words::restoreAll(*group, now));
}

/// One question at a time: who draws the slider over a long past is shown where it stops.
void HistoryWindow::askText()
{
    const api::PastGroup *group = chosen();
    m_wantsText = group != nullptr && m_askingText != 0;
    if (group == nullptr || m_askingText != 0)
        return;
    m_askingText = m_bridge.nextRequest();
    const auto against = m_against->currentIndex() == 1 ? api::AskPastText::Against::Now
                                                        : api::AskPastText::Against::Before;
    m_bridge.submit(api::AskPastText{m_askingText, *m_doc, group->last, against, group->first});
    nameButtons();
}

void HistoryWindow::textTold(const api::PastTextTold &event)
{
    if (event.request != m_askingText)
        return;
    m_askingText = 0;
    if (m_wantsText) {
        askText();
        return;
    }
    m_page->showPast(event);
    const bool isWhole = event.past->from == 0 && event.past->length <= api::PastText::kLettersMax;
    if (!isWhole || event.past->isCut)
        tell(tr("This page is too long to show all of it: you see the part around the first "
                "difference. Restoring the page restores all of it."),
             "pencil");
    m_page->goToDifference(1);
    m_words->setText(breakable(m_page->wordsAtCaret()));
    nameButtons();
}

void HistoryWindow::nameButtons()
{
    const bool isShown = chosen() != nullptr && m_askingText == 0;
    const bool isFree = isShown && m_restoring == 0;
    const bool hasDifferences = m_differences->isChecked() && m_page->differences() > 0;
    m_next->setEnabled(hasDifferences);
    m_before->setEnabled(hasDifferences);
    m_restoreAll->setEnabled(isFree);
    m_restorePart->setEnabled(isFree && m_page->selectedPart().has_value());
}

// ---- what is done ----------------------------------------------------------------------------

void HistoryWindow::restore(bool isPart)
{
    const api::PastGroup *group = chosen();
    const auto part = isPart ? m_page->selectedPart() : std::nullopt;
    if (group == nullptr || m_restoring != 0 || (isPart && !part))
        return;
    m_page->setFocus(); // a button that waits would hand the focus to whatever comes next
    m_restoring = m_bridge.nextRequest();
    m_bridge.submit(api::RestorePast{m_restoring, *m_doc, group->last, part});
    nameButtons();
}

void HistoryWindow::wasRestored(const api::PastRestored &event)
{
    if (event.request != m_restoring)
        return;
    m_restoring = 0;
    const bool isGood = event.result == api::PastRestored::Result::Done
        || event.result == api::PastRestored::Result::Same;
    tell(words::restored(event), isGood ? "agreed" : "refused");
    nameButtons();
    ask();
}

void HistoryWindow::tell(const QString &sentence, const char *tone)
{
    m_result->setText(sentence);
    setTone(m_result, tone);
    m_result->show();
}

} // namespace nlbd::ui
