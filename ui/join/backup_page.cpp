#include "ui/join/backup_page.h"

#include "ui/parts.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QLineEdit>

namespace nlbd::ui {

namespace {

QLineEdit *addSecret(QBoxLayout *column, const QString &name)
{
    column->addWidget(makeLabel(name, "caption"));
    auto *field = new QLineEdit;
    field->setAccessibleName(name);
    field->setEchoMode(QLineEdit::Password);
    field->setMaxLength(static_cast<int>(api::BackUp::kPassphraseBytesMax) / 4);
    column->addWidget(field);
    return field;
}

} // namespace

BackupPage::BackupPage(QWidget *parent)
    : LobbyPage(parent)
    , m_title(makeLabel({}, "title"))
    , m_sentence(makeSentence({}, "muted"))
    , m_againBox(new QWidget)
    , m_hint(makeSentence({}, "muted"))
    , m_go(makeButton({}, ButtonKind::Primary))
    , m_answer(makeSentence({}))
{
    addBack();
    column()->addWidget(m_title);
    column()->addWidget(m_sentence);
    column()->addSpacing(6);
    m_passphrase = addSecret(column(), tr("Passphrase of the backup"));
    auto *again = new QVBoxLayout(m_againBox);
    again->setContentsMargins(0, 0, 0, 0);
    again->setSpacing(10);
    m_again = addSecret(again, tr("Passphrase once more"));
    column()->addWidget(m_againBox);
    column()->addWidget(m_hint);
    auto *row = new QHBoxLayout;
    row->addWidget(m_go);
    row->addStretch();
    column()->addLayout(row);
    column()->addSpacing(6);
    m_answer->setTextFormat(Qt::RichText);
    column()->addWidget(m_answer);
    column()->addStretch();
    for (QLineEdit *field : {m_passphrase, m_again}) {
        connect(field, &QLineEdit::textChanged, this, &BackupPage::refresh);
        connect(field, &QLineEdit::returnPressed, m_go, &QPushButton::click);
    }
    connect(m_go, &QPushButton::clicked, this, &BackupPage::askFile);
    begin(Does::BackUp);
}

void BackupPage::begin(Does does)
{
    m_does = does;
    m_isUnderWay = false;
    const bool isWritten = does == Does::BackUp;
    m_title->setText(isWritten ? tr("Back up") : tr("Restore from a backup"));
    m_sentence->setText(
        isWritten
            ? tr("One file with your workspaces, their texts and the key that is you. Keep it on "
                 "another disk; write a new one now and then.")
            : tr("For when your other computer is lost. The texts in the file can be read at once; "
                 "what was written since comes from the members."));
    m_hint->setText(
        isWritten
            ? tr("Eight letters at least: several words that nobody guesses. Without the "
                 "passphrase nobody can open the file; whoever has both is you to all others.")
            : tr("A backup is older than what you signed, so this computer goes on with a key "
                 "of its own, once enough members have met. Where fewer than four decide, "
                 "that cannot be: read on there, and start anew with the texts."));
    m_go->setText(isWritten ? tr("Back up\u2026") : tr("Choose the file\u2026"));
    m_againBox->setVisible(isWritten);
    m_answer->hide();
    forget();
    m_passphrase->setFocus();
}

void BackupPage::forget()
{
    m_passphrase->clear();
    m_again->clear();
    refresh();
}

void BackupPage::setAnswer(const QString &html, const char *tone)
{
    m_isUnderWay = false;
    m_answer->setText(html);
    setTone(m_answer, tone);
    m_answer->show();
    refresh();
}

void BackupPage::refresh()
{
    const bool isLong = m_passphrase->text().toUtf8().size()
        >= static_cast<qsizetype>(api::BackUp::kPassphraseBytesMin);
    const bool isSame = m_does == Does::Restore || m_passphrase->text() == m_again->text();
    m_go->setEnabled(isLong && isSame && !m_isUnderWay);
}

void BackupPage::askFile()
{
    const bool isWritten = m_does == Does::BackUp;
    auto *dialog = new QFileDialog(this, isWritten ? tr("Back up") : tr("Restore from a backup"),
                                   {}, tr("Backups (*.nlbd-backup);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(isWritten ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen);
    dialog->setFileMode(isWritten ? QFileDialog::AnyFile : QFileDialog::ExistingFile);
    dialog->setDefaultSuffix(QStringLiteral("nlbd-backup"));
    connect(dialog, &QFileDialog::fileSelected, this, &BackupPage::use);
    dialog->open();
}

void BackupPage::use(const QString &file)
{
    const QString passphrase = m_passphrase->text();
    m_isUnderWay = true;
    refresh();
    m_answer->setText(m_does == Does::BackUp ? tr("Being written, and read again\u2026")
                                             : tr("Being opened\u2026"));
    setTone(m_answer, "muted");
    m_answer->show();
    if (m_does == Does::BackUp)
        Q_EMIT backUpAsked(file, passphrase);
    else
        Q_EMIT restoreAsked(file, passphrase);
}

} // namespace nlbd::ui
