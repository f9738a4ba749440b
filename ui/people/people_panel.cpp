#include "ui/people/people_panel.h"

#include "ui/parts.h"
#include "ui/people/avatar.h"
#include "ui/words.h"

#include <QBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 44;
constexpr int kWordsLeft = 50;
constexpr int kWordsRight = 34;
constexpr int kPersonRole = Qt::UserRole + 1;
constexpr int kStateRole = Qt::UserRole + 2;

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
        paintSign(*painter, QRect(area.right() - 26, area.top() + 13, 18, 18), person);
        painter->restore();
    }

private:
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

} // namespace

PeoplePanel::PeoplePanel(QWidget *parent)
    : QWidget(parent)
    , m_list(new QListWidget)
    , m_note(makeSentence({}, "muted"))
{
    setObjectName(QStringLiteral("people"));
    setAttribute(Qt::WA_StyledBackground);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(9, 14, 8, 12);
    column->setSpacing(8);
    QLabel *caption = makeLabel(tr("People"), "caption");
    caption->setIndent(8);
    column->addWidget(caption);
    m_list->setItemDelegate(new PersonDelegate(m_people, m_list));
    m_list->setAccessibleName(tr("People in this workspace"));
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFrameShape(QFrame::NoFrame);
    column->addWidget(m_list, 1);
    m_note->setContentsMargins(8, 0, 8, 0);
    column->addWidget(m_note);
    column->addStretch();
    setFocusProxy(m_list);
}

void PeoplePanel::setPeople(const api::PeopleChanged &people)
{
    m_people = people;
    refresh();
}

void PeoplePanel::setDocument(std::optional<DocIndex> doc)
{
    m_doc = doc;
    refresh();
}

void PeoplePanel::refresh()
{
    const QDateTime now = QDateTime::currentDateTime();
    const int rows = static_cast<int>(m_people.people.size());
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
        item->setData(kStateRole, state);
        item->setData(Qt::AccessibleTextRole, tr("%1. %2").arg(item->text(), state));
        item->setToolTip(plainToolTip(
            tr("%1\n%2\nFour words: %3").arg(name, state, QString::fromUtf8(person.words))));
    }
    m_note->setText(rows == 1
                        ? tr("Only you have this. If this computer breaks, it is gone: export "
                             "what you cannot lose.")
                        : words::agreementNeeds(m_people.people.size()));
    m_note->setVisible(rows > 0);
    // Text follows the last row; a list that is too long for the panel scrolls.
    int height = 0;
    for (int i = 0; i < rows; ++i)
        height += m_list->sizeHintForRow(i);
    m_list->setMaximumHeight(height + 2);
    m_list->viewport()->update();
}

} // namespace nlbd::ui
