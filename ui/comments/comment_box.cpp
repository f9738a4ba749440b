#include "ui/comments/comment_box.h"

#include "ui/parts.h"

#include <QKeyEvent>
#include <QListWidget>
#include <QTextBlock>

#include <algorithm>
#include <set>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kLineHeight = 20;
constexpr int kLinesMax = 7;
constexpr int kOffersMax = 8;
constexpr qsizetype kNameMax = 40; // letters of a name that are looked at

TextOffset scalarsIn(QStringView text)
{
    return static_cast<TextOffset>(text.toUcs4().size());
}

} // namespace

CommentBox::CommentBox(const QString &name, QWidget *parent)
    : QPlainTextEdit(parent)
    , m_offers(new QListWidget(this))
{
    setObjectName(QStringLiteral("commentBox"));
    setAccessibleName(name);
    setPlaceholderText(name);
    setTabChangesFocus(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFont(uiFont(13));
    m_offers->setWindowFlags(Qt::ToolTip);
    m_offers->setFocusPolicy(Qt::NoFocus);
    m_offers->setAccessibleName(tr("Members to mention"));
    m_offers->setProperty("kind", QStringLiteral("card"));
    m_offers->hide();
    connect(m_offers, &QListWidget::itemClicked, this,
            [this](const QListWidgetItem *item) { take(m_offers->row(item)); });
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        grow();
        offer();
    });
    grow();
}

QSize CommentBox::sizeHint() const
{
    return {160, height()};
}

void CommentBox::grow()
{
    const int lines = std::clamp(static_cast<int>(document()->size().height()), 1, kLinesMax);
    setFixedHeight(lines * kLineHeight + 20);
}

void CommentBox::setWords(const api::CommentWords &words)
{
    m_named.clear();
    const QString text = QString::fromUtf8(words.text);
    setPlainText(text);
    const QList<uint> scalars = text.toUcs4();
    const auto unitsOf = [&](TextOffset count) {
        const auto known = std::min<qsizetype>(count, scalars.size());
        return QString::fromUcs4(reinterpret_cast<const char32_t *>(scalars.data()), known).size();
    };
    for (const api::Mention &mention : words.mentions) {
        const qsizetype from = unitsOf(mention.from);
        const qsizetype to = unitsOf(mention.from + mention.length);
        addMention(static_cast<int>(from), text.mid(from, to - from), mention.member);
    }
    moveCursor(QTextCursor::End);
}

api::CommentWords CommentBox::send()
{
    m_sent = toPlainText();
    return words();
}

void CommentBox::dropSent()
{
    const QString sent = std::exchange(m_sent, QString());
    if (!toPlainText().startsWith(sent))
        return; // nobody knows what of it is new
    QTextCursor cursor(document());
    cursor.setPosition(static_cast<int>(sent.size()), QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
}

api::CommentWords CommentBox::words() const
{
    QString text = toPlainText();
    while (!text.isEmpty() && text.back().isSpace())
        text.chop(1);
    api::CommentWords words;
    words.text = text.toUtf8().toStdString();
    for (const Named &it : m_named) {
        const int from = it.where.selectionStart();
        const bool isSame = it.where.selectedText() == it.text
            && from + it.text.size() <= text.size()
            && words.mentions.size() < api::CommentWords::kMentionsMax;
        if (isSame)
            words.mentions.push_back(
                {scalarsIn(QStringView(text).left(from)), scalarsIn(it.text), it.member});
    }
    std::ranges::sort(words.mentions, {}, &api::Mention::from);
    TextOffset end = 0;
    std::erase_if(words.mentions, [&end](const api::Mention &it) {
        const bool overlaps = it.from < end;
        end = overlaps ? end : it.from + it.length;
        return overlaps;
    });
    return words;
}

void CommentBox::addMention(int from, const QString &text, MemberIndex member)
{
    QTextCursor cursor(document());
    cursor.setPosition(from);
    cursor.setPosition(from + static_cast<int>(text.size()), QTextCursor::KeepAnchor);
    cursor.setKeepPositionOnInsert(true);
    m_named.push_back({cursor, text, member});
}

/// What stands between the last "@" and the caret; `at` is that sign's place, -1 without one.
QString CommentBox::beginning(int &at) const
{
    at = -1;
    const QTextCursor cursor = textCursor();
    if (cursor.hasSelection())
        return {};
    const QString before = cursor.block().text().left(cursor.positionInBlock());
    const qsizetype sign = before.lastIndexOf(u'@');
    const bool isWord = sign > 0 && before[sign - 1].isLetterOrNumber(); // an address
    if (sign < 0 || isWord || before.size() - sign > kNameMax)
        return {};
    at = cursor.block().position() + static_cast<int>(sign);
    return before.mid(sign + 1);
}

void CommentBox::offer()
{
    int at = -1;
    const QString begun = beginning(at);
    m_offers->clear();
    std::set<MemberIndex> offered;
    for (const api::Person &person : m_people) {
        const QString name = QString::fromUtf8(person.name).simplified();
        const bool isMeant = at >= 0 && !person.isMe
            && person.standing != api::Person::Standing::Gone && begun != name
            && name.startsWith(begun, Qt::CaseInsensitive);
        if (!isMeant || m_offers->count() == kOffersMax || !offered.insert(person.member).second)
            continue;
        auto *item = new QListWidgetItem(name, m_offers);
        item->setData(Qt::UserRole, int(person.member.value));
    }
    if (m_offers->count() == 0 || !hasFocus()) {
        m_offers->hide();
        return;
    }
    m_offers->setCurrentRow(0);
    const int height = m_offers->count() * m_offers->sizeHintForRow(0) + 14;
    m_offers->setFixedSize(std::max(160, width()), height);
    m_offers->move(viewport()->mapToGlobal(cursorRect().bottomLeft()) + QPoint(-8, 6));
    m_offers->show();
}

void CommentBox::take(int row)
{
    int at = -1;
    static_cast<void>(beginning(at));
    const QListWidgetItem *item = m_offers->item(row);
    if (item == nullptr || at < 0)
        return;
    const MemberIndex member(static_cast<std::uint16_t>(item->data(Qt::UserRole).toInt()));
    const QString text = QChar(u'@') + item->text();
    QTextCursor cursor = textCursor();
    cursor.setPosition(at, QTextCursor::KeepAnchor);
    cursor.insertText(text + QChar(u' '));
    addMention(at, text, member);
    m_offers->hide();
}

void CommentBox::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    const bool isEnter = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (m_offers->isVisible() && !(event->modifiers() & Qt::ControlModifier)) {
        if (key == Qt::Key_Up || key == Qt::Key_Down) {
            const int step = key == Qt::Key_Down ? 1 : m_offers->count() - 1;
            m_offers->setCurrentRow((m_offers->currentRow() + step) % m_offers->count());
            return;
        }
        if (isEnter || key == Qt::Key_Tab)
            return take(m_offers->currentRow());
        if (key == Qt::Key_Escape)
            return m_offers->hide();
    }
    if (isEnter && (event->modifiers() & Qt::ControlModifier)) {
        Q_EMIT sendAsked();
        return;
    }
    if (key == Qt::Key_Escape) {
        Q_EMIT leaveAsked();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

void CommentBox::focusOutEvent(QFocusEvent *event)
{
    m_offers->hide();
    QPlainTextEdit::focusOutEvent(event);
}

} // namespace nlbd::ui
