#include "ui/documents/document_list.h"

#include "ui/parts.h"
#include "ui/words.h"

#include <QBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 34;
constexpr int kDocRole = Qt::UserRole + 1;

DocIndex docOf(const QListWidgetItem *item)
{
    return DocIndex(item->data(kDocRole).toUInt());
}

/// A row: page icon, title; a rounded field behind the chosen one.
class TitleDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {80, kRowHeight};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF field = QRectF(option.rect).adjusted(0, 1, 0, -1);
        const bool isChosen = option.state.testFlag(QStyle::State_Selected);
        const bool isHovered = option.state.testFlag(QStyle::State_MouseOver);
        painter->setPen(Qt::NoPen);
        if (isChosen || isHovered) {
            painter->setBrush(isChosen ? theme().selection : theme().hover);
            painter->drawRoundedRect(field, 6, 6);
        }
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(theme().accent, 2));
            painter->drawRoundedRect(field.adjusted(1, 1, -1, -1), 6, 6);
        }
        static const QIcon page = icon(QStringLiteral("document"), Role::Muted);
        page.paint(painter, QRect(option.rect.left() + 13, option.rect.top() + 9, 16, 16));
        const QRect words = option.rect.adjusted(36, 0, -8, 0);
        painter->setFont(uiFont(13));
        painter->setPen(theme().ink);
        painter->drawText(words, Qt::AlignVCenter | Qt::AlignLeft,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight,
                                                            words.width()));
        painter->restore();
    }

    QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &,
                          const QModelIndex &) const override
    {
        auto *field = new QLineEdit(parent);
        field->setObjectName(QStringLiteral("rename"));
        field->setMaxLength(200);
        field->setAccessibleName(tr("New name of the document"));
        return field;
    }

    void updateEditorGeometry(QWidget *editor, const QStyleOptionViewItem &option,
                              const QModelIndex &) const override
    {
        editor->setGeometry(option.rect.adjusted(30, 3, -2, -3));
    }
};

} // namespace

DocumentList::DocumentList(QWidget *parent)
    : QWidget(parent)
    , m_name(new QLabel)
    , m_filter(new QLineEdit)
    , m_list(new QListWidget)
    , m_noHit(makeSentence({}, "muted"))
    , m_foot(new QWidget)
    , m_nearby(makeLabel({}, "muted"))
{
    setObjectName(QStringLiteral("sidebar"));
    setAttribute(Qt::WA_StyledBackground);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(8, 12, 9, 10);
    column->setSpacing(10);

    auto *head = new QHBoxLayout;
    head->setContentsMargins(11, 4, 0, 0);
    head->setSpacing(8);
    head->addWidget(makeIconLabel(QStringLiteral("room"), 18, Role::Accent));
    m_name->setFont(pageFont(17, QFont::Bold));
    m_name->setStyleSheet(QStringLiteral("font-family: \"%1\"; font-size: 17px; font-weight: 700")
                              .arg(pageFont().family()));
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    head->addWidget(m_name, 1);
    column->addLayout(head);

    auto *field = new QHBoxLayout;
    field->setContentsMargins(4, 0, 4, 0);
    field->addWidget(m_filter);
    column->addLayout(field);
    m_filter->setPlaceholderText(tr("Filter documents"));
    m_filter->setAccessibleName(tr("Filter documents"));
    m_filter->setClearButtonEnabled(false);
    connect(m_filter, &QLineEdit::textChanged, this, &DocumentList::filter);
    connect(m_filter, &QLineEdit::returnPressed, this, &DocumentList::takeFirstHit);
    setFocusProxy(m_list);

    m_list->setItemDelegate(new TitleDelegate(m_list));
    m_list->setAccessibleName(tr("Documents"));
    m_list->setMouseTracking(true);
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFrameShape(QFrame::NoFrame);
    column->addWidget(m_list, 1);
    m_noHit->setContentsMargins(12, 0, 12, 0);
    m_noHit->hide();
    column->addWidget(m_noHit, 1, Qt::AlignTop);

    auto *foot = new QHBoxLayout(m_foot);
    foot->setContentsMargins(11, 0, 0, 0);
    foot->setSpacing(8);
    foot->addWidget(makeIconLabel(QStringLiteral("nearby"), 16, Role::Agreed));
    foot->addWidget(m_nearby, 1);
    column->addWidget(m_foot);
    setNearby(0);

    connect(m_list, &QListWidget::currentItemChanged, this, [this](QListWidgetItem *item) {
        if (item && !m_isFilling)
            Q_EMIT chosen(docOf(item));
    });
    connect(m_list, &QListWidget::itemClicked, this, &DocumentList::entered);
    connect(m_list, &QListWidget::itemActivated, this, &DocumentList::entered);
    connect(m_list, &QListWidget::itemChanged, this, &DocumentList::itemEdited);
    connect(m_list->itemDelegate(), &QAbstractItemDelegate::closeEditor, this, [this] {
        if (std::exchange(m_isStale, false))
            QMetaObject::invokeMethod(this, &DocumentList::fill, Qt::QueuedConnection);
    });
}

void DocumentList::setWorkspace(const QString &name)
{
    m_name->setText(name);
    m_name->setToolTip(plainToolTip(name));
    m_name->setTextFormat(Qt::PlainText);
}

void DocumentList::setNearby(int others)
{
    m_foot->setVisible(others > 0);
    m_nearby->setText(others == 1 ? tr("1 person nearby") : tr("%1 people nearby").arg(others));
}

QListWidgetItem *DocumentList::itemOf(DocIndex doc) const
{
    for (int i = 0; i < m_list->count(); ++i) {
        if (docOf(m_list->item(i)) == doc)
            return m_list->item(i);
    }
    return nullptr;
}

void DocumentList::setDocuments(const std::vector<api::DocumentInfo> &documents)
{
    m_documents = documents;
    const bool isEditing = m_list->findChild<QLineEdit *>(QStringLiteral("rename")) != nullptr;
    if (isEditing)
        m_isStale = true;
    else
        fill();
}

void DocumentList::fill()
{
    const QListWidgetItem *current = m_list->currentItem();
    const bool hasCurrent = current != nullptr;
    const DocIndex kept = hasCurrent ? docOf(current) : DocIndex();
    m_isFilling = true;
    const int rows = static_cast<int>(m_documents.size());
    while (m_list->count() > rows)
        delete m_list->takeItem(m_list->count() - 1);
    while (m_list->count() < rows) {
        auto *item = new QListWidgetItem(m_list);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable);
    }
    for (int i = 0; i < rows; ++i) {
        const api::DocumentInfo &info = m_documents[static_cast<std::size_t>(i)];
        QListWidgetItem *item = m_list->item(i);
        item->setData(kDocRole, info.doc.value);
        item->setText(words::title(info.title));
        item->setToolTip(plainToolTip(
            tr("%1\nLast changed %2").arg(item->text(), words::whenExactly(info.changed))));
        if (hasCurrent && kept == info.doc)
            m_list->setCurrentItem(item);
    }
    m_isFilling = false;
    filter(m_filter->text());
}

void DocumentList::filter(const QString &text)
{
    int hits = 0;
    for (int i = 0; i < m_list->count(); ++i) {
        const bool isHit = m_list->item(i)->text().contains(text, Qt::CaseInsensitive);
        m_list->setRowHidden(i, !isHit);
        hits += isHit ? 1 : 0;
    }
    const bool isNothing = hits == 0 && !text.isEmpty();
    m_noHit->setText(tr("Nothing found for \u201c%1\u201d").arg(text));
    m_noHit->setVisible(isNothing);
    m_list->setVisible(!isNothing);
}

void DocumentList::itemEdited(QListWidgetItem *item)
{
    if (m_isFilling)
        return;
    const QString title = item->text().simplified();
    if (title != titleOf(docOf(item)) && !title.isEmpty())
        Q_EMIT renamed(docOf(item), title);
    m_isFilling = true;
    item->setText(title.isEmpty() ? titleOf(docOf(item)) : title);
    m_isFilling = false;
}

void DocumentList::setCurrent(DocIndex doc)
{
    m_isFilling = true;
    m_list->setCurrentItem(itemOf(doc));
    m_isFilling = false;
}

void DocumentList::renameCurrent()
{
    if (QListWidgetItem *item = m_list->currentItem()) {
        m_list->setFocus();
        m_list->editItem(item);
    }
}

void DocumentList::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void DocumentList::clearFilter()
{
    m_filter->clear();
}

/// Enter in the filter opens what it found.
void DocumentList::takeFirstHit()
{
    for (int i = 0; i < m_list->count(); ++i) {
        if (m_list->isRowHidden(i))
            continue;
        m_list->setCurrentRow(i);
        clearFilter();
        Q_EMIT entered();
        return;
    }
}

std::optional<DocIndex> DocumentList::first() const
{
    return m_documents.empty() ? std::nullopt : std::optional(m_documents.front().doc);
}

bool DocumentList::contains(DocIndex doc) const
{
    return std::any_of(m_documents.begin(), m_documents.end(),
                       [doc](const api::DocumentInfo &info) { return info.doc == doc; });
}

QString DocumentList::titleOf(DocIndex doc) const
{
    const auto it = std::find_if(m_documents.begin(), m_documents.end(),
                                 [doc](const api::DocumentInfo &info) { return info.doc == doc; });
    return it == m_documents.end() ? QString() : words::title(it->title);
}

} // namespace nlbd::ui
