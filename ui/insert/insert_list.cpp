#include "ui/insert/insert_list.h"

#include "ui/parts.h"
#include "ui/people/avatar.h"

#include <QBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 34;
constexpr int kWidth = 320;
constexpr int kGap = 4;
constexpr int kPadding = 5;

/// A row: sign, name, and the keys that do the same.
class ChoiceDelegate : public QStyledItemDelegate {
public:
    ChoiceDelegate(const std::vector<InsertChoice> &choices, QObject *parent)
        : QStyledItemDelegate(parent)
        , m_choices(choices)
    {
    }

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {80, kRowHeight};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        const auto row = static_cast<std::size_t>(index.row());
        if (row >= m_choices.size())
            return;
        const InsertChoice &choice = m_choices[row];
        const QRect place = option.rect;
        const bool isChosen = option.state.testFlag(QStyle::State_Selected);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (isChosen) {
            painter->setPen(QPen(theme().accent, 1));
            painter->setBrush(theme().selection);
            painter->drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), 6, 6);
        }
        if (choice.person)
            paintAvatar(*painter, QRectF(place.left() + 7, place.top() + 5, 24, 24), *choice.person,
                        isChosen ? theme().selection : theme().raised);
        else
            choice.icon.paint(painter, QRect(place.left() + 10, place.top() + 8, 18, 18));
        painter->setFont(uiFont(12));
        const QString keys = choice.keys;
        const int taken = keys.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(keys) + 14;
        painter->setPen(theme().muted);
        painter->drawText(place.adjusted(0, 0, -10, 0), Qt::AlignVCenter | Qt::AlignRight, keys);
        const QRect words = place.adjusted(40, 0, -10 - taken, 0);
        painter->setFont(uiFont(13));
        painter->setPen(theme().ink);
        painter->drawText(
            words, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
            painter->fontMetrics().elidedText(choice.name, Qt::ElideRight, words.width()));
        painter->restore();
    }

private:
    const std::vector<InsertChoice> &m_choices;
};

/// 0 is best; nothing if it is not meant.
std::optional<int> rankOf(const InsertChoice &choice, const QString &typed)
{
    if (typed.isEmpty() || choice.name.startsWith(typed, Qt::CaseInsensitive))
        return 0;
    const QString words = u' ' + choice.name + u' ' + choice.also;
    if (words.contains(u' ' + typed, Qt::CaseInsensitive))
        return 1;
    if (choice.name.contains(typed, Qt::CaseInsensitive))
        return 2;
    return std::nullopt;
}

} // namespace

std::vector<std::size_t> matching(const std::vector<InsertChoice> &choices, const QString &typed)
{
    std::vector<std::pair<int, std::size_t>> ranked;
    for (std::size_t i = 0; i < choices.size(); ++i)
        if (const auto rank = rankOf(choices[i], typed))
            ranked.emplace_back(*rank, i);
    std::ranges::sort(ranked);
    std::vector<std::size_t> found;
    for (const auto &[rank, i] : ranked)
        found.push_back(i);
    return found;
}

InsertList::InsertList(QWidget *parent)
    : QFrame(parent)
    , m_list(new QListWidget)
{
    setProperty("kind", QStringLiteral("card"));
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("What can be put here"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(kPadding, kPadding, kPadding, kPadding);
    column->addWidget(m_list);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("What can be put here"));
    m_list->setItemDelegate(new ChoiceDelegate(m_choices, m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setUniformItemSizes(true);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem *item) {
        m_list->setCurrentItem(item);
        Q_EMIT chosen();
    });
    hide();
}

void InsertList::show(std::vector<InsertChoice> choices)
{
    const InsertChoice *before = current();
    const QString name = before ? before->name : QString();
    m_choices = std::move(choices);
    m_list->clear();
    for (const InsertChoice &choice : m_choices) {
        auto *item = new QListWidgetItem(choice.name, m_list);
        item->setSizeHint({80, kRowHeight});
        if (choice.name == name && !isHidden())
            m_list->setCurrentItem(item);
    }
    if (m_list->currentRow() < 0)
        m_list->setCurrentRow(0);
    const int rows = std::min(kRowsMax, static_cast<int>(m_choices.size()));
    resize(kWidth, rows * kRowHeight + 2 * kPadding + 2);
    layout()->activate();
    setVisible(!m_choices.empty());
    raise();
}

void InsertList::placeAt(const QRect &caret)
{
    const QSize room = parentWidget()->size();
    const int x = std::clamp(caret.left() - 12, kGap, std::max(kGap, room.width() - width() - 16));
    int y = caret.bottom() + kGap;
    if (y + height() > room.height() - kGap)
        y = std::max(kGap, caret.top() - kGap - height());
    move(x, y);
}

void InsertList::step(int by)
{
    const int count = m_list->count();
    if (count == 0)
        return;
    m_list->setCurrentRow((m_list->currentRow() + by + count) % count);
    Q_EMIT stepped();
}

const InsertChoice *InsertList::current() const
{
    const auto row = static_cast<std::size_t>(m_list->currentRow());
    return m_list->currentRow() >= 0 && row < m_choices.size() ? &m_choices[row] : nullptr;
}

QString InsertList::words() const
{
    const InsertChoice *choice = current();
    if (!choice)
        return {};
    return tr("%1, %2 of %3. Enter puts it here, Escape closes")
        .arg(choice->name)
        .arg(m_list->currentRow() + 1)
        .arg(m_list->count());
}

} // namespace nlbd::ui
