#include "ui/join/recovery_pages.h"

#include "core/base/limits.h"
#include "ui/parts.h"

#include <QBoxLayout>
#include <QFrame>
#include <QGridLayout>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace nlbd::ui {

namespace {

constexpr int kColumns = 3;

QStringList splitWords(const QString &text)
{
    return text.simplified().split(QChar(u' '), Qt::SkipEmptyParts);
}

} // namespace

RecoveryPage::RecoveryPage(QWidget *parent)
    : LobbyPage(parent)
    , m_card(new QFrame)
    , m_words(new QGridLayout(m_card))
    , m_show(makeButton(tr("Show the words"), ButtonKind::Primary))
{
    addBack();
    addHead(tr("Your recovery words"),
            tr("If this computer is lost, these words make another one yours, in every workspace. "
               "Write them on paper, in this order."));
    m_card->setProperty("kind", QStringLiteral("card"));
    m_words->setContentsMargins(20, 14, 20, 14);
    m_words->setHorizontalSpacing(20);
    m_words->setVerticalSpacing(8);
    column()->addWidget(m_card);
    auto *row = new QHBoxLayout;
    row->addWidget(m_show);
    row->addStretch();
    column()->addLayout(row);
    column()->addSpacing(6);
    column()->addWidget(makeSentence(
        tr("Whoever reads them is you to all others, and they cannot be changed. Keep them where "
           "nobody else looks, and not on this computer. If somebody read them, ask the members "
           "to remove you and come back as a new person, in an empty folder."),
        "muted"));
    column()->addWidget(makeSentence(
        tr("Where two or three decide, they bring back no seat: each decision needs the lost "
           "computer too. What is left there is to start anew with the texts. At most six "
           "computers of yours count; end a lost one, or no other can come in."),
        "muted"));
    column()->addStretch();
    connect(m_show, &QPushButton::clicked, this, &RecoveryPage::wordsAsked);
    begin();
}

void RecoveryPage::begin()
{
    setWords({});
    if (isVisible())
        m_show->setFocus();
}

void RecoveryPage::setWords(const QString &words)
{
    while (QLayoutItem *item = m_words->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const QStringList all = splitWords(words);
    const int rows = (static_cast<int>(all.size()) + kColumns - 1) / kColumns;
    for (int i = 0; i < static_cast<int>(all.size()); ++i) { // read down, as a list on paper is
        auto *word = makeLabel(QStringLiteral("%1  %2").arg(i + 1, 2).arg(all[i]));
        word->setFont(monoFont());
        m_words->addWidget(word, i % rows, i / rows);
    }
    m_card->setAccessibleName(all.join(QStringLiteral(", ")));
    m_card->setVisible(!all.isEmpty());
    m_show->setVisible(all.isEmpty());
}

RestorePage::RestorePage(QWidget *parent)
    : LobbyPage(parent)
    , m_name(new QLineEdit)
    , m_words(new QPlainTextEdit)
    , m_slip(makeSentence({}))
    , m_restore(makeButton(tr("Restore"), ButtonKind::Primary))
{
    addBack();
    addHead(tr("Restore with recovery words"),
            tr("For when your other computer is lost. Then ask a member of each workspace for an "
               "invitation: its texts come back, and nobody has to vote on it."));
    column()->addWidget(makeLabel(tr("Your name, as others know it"), "caption"));
    m_name->setAccessibleName(tr("Your name, as others know it"));
    m_name->setMaxLength(static_cast<int>(limits::kNameScalarsMax));
    column()->addWidget(m_name);
    column()->addSpacing(6);
    column()->addWidget(makeLabel(tr("The 12 or 24 words, in their order"), "caption"));
    m_words->setObjectName(QStringLiteral("invitation")); // looks as the field of one
    m_words->setAccessibleName(tr("Recovery words"));
    m_words->setStyleSheet(
        QStringLiteral("font-family: \"%1\"; font-size: 13px").arg(monoFont().family()));
    m_slip->setTextFormat(Qt::RichText); // of words::trouble, which escapes what was typed
    m_words->setTabChangesFocus(true);
    m_words->setFixedHeight(104);
    m_words->setInputMethodHints(Qt::ImhSensitiveData | Qt::ImhNoAutoUppercase
                                 | Qt::ImhNoPredictiveText);
    column()->addWidget(m_words);
    column()->addWidget(m_slip);
    auto *row = new QHBoxLayout;
    row->addWidget(m_restore);
    row->addStretch();
    column()->addLayout(row);
    column()->addSpacing(6);
    column()->addWidget(makeSentence(
        tr("This computer then writes and votes for you. The one that did so before can read on, "
           "and no more."),
        "muted"));
    column()->addWidget(makeSentence(
        tr("Where two or three decide, this is in vain: each decision needs the lost computer "
           "too. What is left is to start a workspace anew, with the texts that another member "
           "has."),
        "pencil"));
    column()->addStretch();
    connect(m_words, &QPlainTextEdit::textChanged, this, &RestorePage::refresh);
    connect(m_name, &QLineEdit::textChanged, this, &RestorePage::refresh);
    connect(m_restore, &QPushButton::clicked, this,
            [this] { Q_EMIT restoreAsked(m_name->text().simplified(), m_words->toPlainText()); });
    begin({});
}

void RestorePage::begin(const QString &name)
{
    m_name->setText(name);
    m_words->clear();
    refresh();
    if (name.isEmpty())
        m_name->setFocus();
    else
        m_words->setFocus();
}

void RestorePage::setSlip(const QString &sentence)
{
    m_slip->setText(sentence);
    m_slip->setVisible(!sentence.isEmpty());
}

void RestorePage::forget()
{
    m_words->clear();
    m_words->document()->clearUndoRedoStacks();
}

void RestorePage::refresh()
{
    setSlip({});
    m_restore->setEnabled(!m_name->text().simplified().isEmpty()
                          && !splitWords(m_words->toPlainText()).isEmpty());
}

} // namespace nlbd::ui
