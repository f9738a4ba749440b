#include "ui/people/people_panel.h"

#include "ui/decisions/pips.h"
#include "ui/parts.h"
#include "ui/people/avatar.h"
#include "ui/words_decisions.h"

#include <QBoxLayout>
#include <QListWidget>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 44;
constexpr int kWordsLeft = 50;
constexpr int kWordsRight = 34;
constexpr int kPersonRole = Qt::UserRole + 1;
constexpr int kStateRole = Qt::UserRole + 2;
constexpr int kDeviceRole = Qt::UserRole + 3;
constexpr int kDotsWidth = 36; ///< at the right of a row: what can be asked about its person

/// Whether there is a caret to go to.
bool canGoTo(const api::Person &person)
{
    return !person.isMe && person.isOnline && person.writingIn;
}

/// A row: disc, name, what the person has.
class PersonDelegate : public QStyledItemDelegate {
public:
    PersonDelegate(const api::PeopleChanged &people, QObject *parent)
        : QStyledItemDelegate(parent)
        , m_people(people)
    {
    }

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option,
                                 const QModelIndex &index) const override
    {
        const auto *view = qobject_cast<const QListWidget *>(option.widget);
        const int room = (view ? view->viewport()->width() : 280) - kWordsLeft - kWordsRight;
        const QFontMetrics metrics(uiFont(12));
        const int height = metrics
                               .boundingRect(QRect(0, 0, room, 200), Qt::TextWordWrap,
                                             index.data(kStateRole).toString())
                               .height();
        return {120, kRowHeight + std::clamp(height - metrics.height(), 0, 2 * metrics.height())};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        const auto row = static_cast<std::size_t>(index.data(kPersonRole).toInt());
        if (row >= m_people.people.size())
            return;
        const api::Person &person = m_people.people[row];
        const QRect area = option.rect;
        painter->save();
        const bool isFocused = option.state.testFlag(QStyle::State_HasFocus);
        if (isFocused) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(QPen(theme().accent, 2));
            painter->drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 6, 6);
        }
        paintAvatar(*painter, QRectF(area.left() + 8, area.top() + 7, 30, 30), person,
                    theme().room);
        const QRect words = area.adjusted(kWordsLeft, 5, -kWordsRight, -5);
        painter->setFont(uiFont(13, QFont::Medium));
        painter->setPen(theme().ink);
        painter->drawText(words, Qt::AlignLeft | Qt::AlignTop,
                          painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(),
                                                            Qt::ElideRight, words.width()));
        painter->setFont(uiFont(12));
        painter->setPen(person.isDisputed ? theme().refused : theme().muted);
        painter->drawText(words.adjusted(0, 19, 0, 4),
                          Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                          index.data(kStateRole).toString());
        const bool hasDots = canGoTo(person); // elsewhere the whole row is for the menu
        paintSign(*painter, QRect(area.right() - 26, area.top() + (hasDots ? 7 : 13), 18, 18),
                  person);
        if (hasDots)
            paintDots(*painter, QPointF(area.right() - 17, area.top() + 33));
        painter->restore();
    }

private:
    static void paintDots(QPainter &painter, QPointF middle)
    {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().muted);
        for (const qreal x : {-5.0, 0.0, 5.0})
            painter.drawEllipse(middle + QPointF(x, 0), 1.5, 1.5);
    }

    void paintSign(QPainter &painter, QRect place, const api::Person &person) const
    {
        if (person.isDisputed)
            icon(QStringLiteral("shield-alert"), Role::Refused).paint(&painter, place);
        else if (person.changesBehind > 0 && !person.isMe)
            icon(QStringLiteral("pencil"), Role::Pencil).paint(&painter, place);
        else if (!person.isMe)
            icon(QStringLiteral("check"), Role::Agreed).paint(&painter, place);
    }

    const api::PeopleChanged &m_people;
};

/// As high as its rows; where there is no room for all, it scrolls.
class PeopleList : public QListWidget {
public:
    /// Where the last press was, and so what it was for.
    [[nodiscard]] QPoint pressedAt() const { return m_pressedAt; }

    [[nodiscard]] QSize sizeHint() const override
    {
        return {120, heightOf(std::min(count(), kRowsWanted))};
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return {120, heightOf(std::min(count(), kRowsAtLeast))};
    }

protected:
    void mousePressEvent(QMouseEvent *event) override
    {
        m_pressedAt = event->position().toPoint();
        QListWidget::mousePressEvent(event);
    }
    void resizeEvent(QResizeEvent *event) override
    {
        QListWidget::resizeEvent(event);
        setMaximumHeight(sizeHint().height()); // rows may need more lines at another width
    }

private:
    static constexpr int kRowsAtLeast = 3;
    static constexpr int kRowsWanted = 8; ///< more scroll: decisions keep their room

    QPoint m_pressedAt;

    [[nodiscard]] int heightOf(int rows) const
    {
        int height = 2;
        for (int i = 0; i < rows; ++i)
            height += sizeHintForRow(i);
        return height;
    }
};

} // namespace

PeoplePanel::PeoplePanel(QWidget *parent)
    : QWidget(parent)
    , m_list(new PeopleList)
    , m_meter(new QuorumMeter)
    , m_heard(makeSentence({}, "muted"))
    , m_note(makeSentence({}, "muted"))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(9, 14, 8, 6);
    column->setSpacing(6);
    QLabel *caption = makeLabel(tr("People"), "caption");
    caption->setIndent(8);
    column->addWidget(caption);
    m_list->setItemDelegate(new PersonDelegate(m_people, m_list));
    m_list->setAccessibleName(tr("People in this workspace"));
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    column->addWidget(m_list, 1);
    auto *feet = new QVBoxLayout;
    feet->setContentsMargins(8, 0, 8, 0);
    feet->setSpacing(3);
    for (QWidget *part : std::initializer_list<QWidget *>{m_meter, m_heard, m_note})
        feet->addWidget(part);
    for (QLabel *label : {m_heard, m_note})
        label->setStyleSheet(QStringLiteral("font-size: 12px"));
    column->addLayout(feet);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    setFocusProxy(m_list);
    m_meter->hide();
    m_heard->hide();
    connect(m_list, &QListWidget::customContextMenuRequested, this, [this](QPoint place) {
        const QModelIndex at = m_list->indexAt(place);
        const int row = at.isValid() ? at.row() : m_list->currentRow();
        showMenu(row, m_list->viewport()->mapToGlobal(place));
    });
    const auto below = [this](QListWidgetItem *item) {
        const QRect place = m_list->visualItemRect(item);
        showMenu(m_list->row(item),
                 m_list->viewport()->mapToGlobal(QPoint(place.left() + 50, place.bottom())));
    };
    connect(m_list, &QListWidget::itemClicked, this, [this, below](QListWidgetItem *item) {
        const auto row = static_cast<std::size_t>(m_list->row(item));
        const int x = static_cast<PeopleList *>(m_list)->pressedAt().x();
        const bool isOnDots = x > m_list->viewport()->width() - kDotsWidth;
        if (row < m_people.people.size() && canGoTo(m_people.people[row]) && !isOnDots)
            Q_EMIT goToAsked(m_people.people[row].device);
        else
            below(item);
    });
    connect(m_list, &QListWidget::itemActivated, this, below);
}

void PeoplePanel::setPeople(const api::PeopleChanged &people)
{
    const std::vector<api::Person> before = std::exchange(m_people, people).people;
    std::erase_if(m_people.people, [](const api::Person &person) {
        return person.standing == api::Person::Standing::Gone;
    });
    refresh();
    for (std::size_t i = 0; i < m_people.people.size(); ++i)
        if (i >= before.size() || !isDrawnAlike(before[i], m_people.people[i]))
            m_list->viewport()->update(m_list->visualItemRect(m_list->item(static_cast<int>(i))));
}

void PeoplePanel::setVoters(const Voters &voters)
{
    const std::size_t seats = voters.all.size();
    m_mayAsk = voters.haveMe() && seats > 1;
    m_meter->setVoters(voters);
    m_heard->setText(words::heard(voters.heard(), seats, voters.quorum));
    m_heard->setVisible(seats > 1 && voters.quorum > 0);
    m_meter->setVisible(seats > 1 && voters.quorum > 0);
}

void PeoplePanel::showMenu(int row, QPoint place)
{
    if (row < 0 || std::cmp_greater_equal(row, m_people.people.size()))
        return;
    if (QMenu *menu = menuFor(m_people.people[static_cast<std::size_t>(row)]))
        menu->popup(place);
}

QMenu *PeoplePanel::menuFor(const api::Person &person)
{
    const bool asks = m_mayAsk && person.hasSeat;
    const bool takesBack = m_mayWrite && !person.isMe;
    if (!asks && !takesBack && !canGoTo(person))
        return nullptr;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setAccessibleName(QString::fromUtf8(person.name));
    if (canGoTo(person))
        addGoing(menu, person);
    if (takesBack)
        addTakingBack(menu, person);
    if (asks)
        addWishes(menu, person);
    return menu;
}

void PeoplePanel::addGoing(QMenu *menu, const api::Person &person)
{
    const QString name = QString::fromUtf8(person.name);
    connect(menu->addAction(onButton(tr("Go to where %1 writes").arg(name))), &QAction::triggered,
            this, [this, device = person.device] { Q_EMIT goToAsked(device); });
    if (m_followed == person.device)
        connect(menu->addAction(onButton(tr("Stop following %1").arg(name))), &QAction::triggered,
                this, &PeoplePanel::stopFollowingAsked);
    else
        connect(menu->addAction(onButton(tr("Follow %1").arg(name))), &QAction::triggered, this,
                [this, device = person.device] { Q_EMIT followAsked(device); });
    menu->addSeparator();
}

void PeoplePanel::addTakingBack(QMenu *menu, const api::Person &person)
{
    const QString name = QString::fromUtf8(person.name);
    const QString text = tr("Take back what %1 wrote\u2026").arg(name);
    connect(menu->addAction(onButton(text)), &QAction::triggered, this,
            [this, device = person.device] { Q_EMIT takeBackAsked(device); });
}

void PeoplePanel::addWishes(QMenu *menu, const api::Person &person)
{
    using Kind = api::Wish::Kind;
    using Standing = api::Person::Standing;
    const QString name = QString::fromUtf8(person.name);
    const auto add = [&](const QString &text, Kind kind, bool isReader) {
        api::Wish wish;
        wish.kind = kind;
        wish.member = person.member;
        wish.isReader = isReader;
        connect(menu->addAction(onButton(text)), &QAction::triggered, this,
                [this, wish] { Q_EMIT wishAsked(wish); });
    };
    if (person.isMe) {
        add(tr("New key for this computer\u2026"), Kind::TurnKey, false);
        add(tr("Ask to change the workspace's key\u2026"), Kind::NewKey, false);
        menu->addSeparator();
        add(tr("Leave this workspace\u2026"), Kind::Leave, false);
        return;
    }
    if (person.standing == Standing::Reads)
        add(tr("Ask to let %1 write\u2026").arg(name), Kind::ChangeRole, false);
    else
        add(tr("Ask to let %1 read only\u2026").arg(name), Kind::ChangeRole, true);
    if (!person.isOnline && person.standing != Standing::Dormant)
        add(tr("Ask to count on without %1\u2026").arg(name), Kind::MakeDormant, false);
    menu->addSeparator();
    add(tr("Ask to remove %1\u2026").arg(name), Kind::RemoveMember, false);
}

void PeoplePanel::setDocument(std::optional<DocIndex> doc)
{
    m_doc = doc;
    refresh();
    m_list->viewport()->update();
}

/// The current row stays with its person, whoever comes or goes above: Enter asks about the one
/// who was looked at. Where that one has gone, nobody is current who was not chosen.
void PeoplePanel::stayAt(std::optional<int> device)
{
    if (!device)
        return;
    for (int i = 0; i < m_list->count(); ++i) {
        if (m_list->item(i)->data(kDeviceRole).toInt() != *device)
            continue;
        m_list->setCurrentRow(i);
        return;
    }
    m_list->setCurrentRow(-1);
}

void PeoplePanel::refresh()
{
    const QDateTime now = QDateTime::currentDateTime();
    const int rows = static_cast<int>(m_people.people.size());
    const QListWidgetItem *current = m_list->currentItem();
    const std::optional<int> wasAt =
        current ? std::optional(current->data(kDeviceRole).toInt()) : std::nullopt;
    while (m_list->count() > rows)
        delete m_list->takeItem(m_list->count() - 1);
    while (m_list->count() < rows)
        m_list->addItem(QString());
    for (int i = 0; i < rows; ++i) {
        const api::Person &person = m_people.people[static_cast<std::size_t>(i)];
        const QString name = QString::fromUtf8(person.name);
        const QString state = words::personState(person, m_doc, now);
        QListWidgetItem *item = m_list->item(i);
        item->setText(person.isMe ? tr("%1 (you)").arg(name) : name);
        item->setData(kPersonRole, i);
        item->setData(kDeviceRole, int{person.device.value});
        item->setData(kStateRole, state);
        item->setData(Qt::AccessibleTextRole, tr("%1. %2").arg(item->text(), state));
        item->setToolTip(plainToolTip(
            tr("%1\n%2\nFour words: %3").arg(name, state, QString::fromUtf8(person.words))));
    }
    stayAt(wasAt);
    const auto decide = std::ranges::count_if(m_people.people, [](const api::Person &person) {
        return person.hasSeat && person.standing != api::Person::Standing::Dormant;
    });
    m_note->setText(rows == 1
                        ? tr("Only you have this. If this computer breaks, it is gone: export "
                             "what you cannot lose.")
                        : words::agreementNeeds(static_cast<std::size_t>(decide)));
    m_note->setVisible(rows > 0);
    const int height = m_list->sizeHint().height();
    if (m_list->maximumHeight() == height)
        return;
    m_list->setMaximumHeight(height);
    m_list->updateGeometry();
}

} // namespace nlbd::ui
