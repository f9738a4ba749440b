#include "ui/evidence/evidence_window.h"

#include "core/api/refusal_kind.h"
#include "ui/documents/text_file.h"
#include "ui/evidence/hex_dump.h"
#include "ui/parts.h"
#include "ui/words_evidence.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QGridLayout>
#include <QListWidget>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStyledItemDelegate>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 50;
constexpr int kFactWidth = 220; ///< "Key of" and a name of others, which may be long
constexpr int kUnderRole = Qt::UserRole + 1;
constexpr int kProofRole = Qt::UserRole + 2;

class EvidenceDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {120, kRowHeight};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF field = QRectF(option.rect).adjusted(0, 1, 0, -1);
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme().selection);
            painter->drawRoundedRect(field, 6, 6);
        }
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(theme().accent, 2));
            painter->drawRoundedRect(field.adjusted(1, 1, -1, -1), 6, 6);
        }
        const bool isProof = index.data(kProofRole).toBool();
        icon(isProof ? QStringLiteral("shield-check") : QStringLiteral("shield-alert"),
             Role::Refused)
            .paint(painter, QRect(option.rect.left() + 10, option.rect.top() + 16, 18, 18));
        const QRect words = option.rect.adjusted(38, 8, -8, -8);
        const auto draw = [&](const QString &text, const QColor &ink, const QFont &font,
                              Qt::Alignment a) {
            painter->setFont(font);
            painter->setPen(ink);
            painter->drawText(
                words, static_cast<int>(a),
                painter->fontMetrics().elidedText(text, Qt::ElideRight, words.width()));
        };
        draw(index.data().toString(), theme().ink, uiFont(13, QFont::Medium), Qt::AlignTop);
        draw(index.data(kUnderRole).toString(), theme().muted, uiFont(12), Qt::AlignBottom);
        painter->restore();
    }
};

QString codeText(Code code)
{
    const std::string_view name = codeName(code);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace

EvidenceWindow::EvidenceWindow(WorkspaceBridge &bridge, QWidget *parent)
    : QDialog(parent)
    , m_bridge(bridge)
    , m_list(new QListWidget)
    , m_detail(new QWidget)
    , m_title(makeSentence({}, "title"))
    , m_sentence(makeSentence({}))
    , m_facts(new QGridLayout)
    , m_bytes(new QPlainTextEdit)
    , m_suggestion(makeSentence({}))
    , m_result(makeSentence({}))
    , m_check(makeButton(tr("Check again")))
    , m_save(makeButton(tr("Save evidence\u2026")))
    , m_remove(makeButton({}))
{
    setWindowTitle(tr("Refused changes and proofs"));
    resize(960, 640);
    setMinimumSize(560, 420);
    makeDetail();
    m_list->setItemDelegate(new EvidenceDelegate(m_list));
    m_list->setAccessibleName(tr("Refused changes and proofs"));
    m_list->setFixedWidth(300);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty =
        new EmptyState(QStringLiteral("shield-check"), tr("Nothing was refused"),
                       tr("When a change breaks a rule, you see here what it was and which check "
                          "it failed."),
                       {});
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto *left = new QVBoxLayout;
    left->setContentsMargins(8, 12, 8, 8);
    left->addWidget(m_list);
    row->addLayout(left);
    row->addWidget(m_detail, 1);
    row->addWidget(m_empty, 1);

    connect(m_check, &QPushButton::clicked, this, &EvidenceWindow::checkAgain);
    connect(m_save, &QPushButton::clicked, this, &EvidenceWindow::askSave);
    connect(m_remove, &QPushButton::clicked, this, [this] {
        if (m_accused)
            Q_EMIT removalAsked(*m_accused);
    });
    connect(m_list, &QListWidget::currentRowChanged, this, &EvidenceWindow::showRow);
    connect(&bridge, &WorkspaceBridge::evidenceChecked, this, &EvidenceWindow::checked);
    fill();
}

void EvidenceWindow::makeDetail()
{
    m_bytes->setObjectName(QStringLiteral("bytes"));
    m_bytes->setReadOnly(true);
    m_bytes->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_bytes->setAccessibleName(tr("The bytes"));
    m_bytes->setStyleSheet(
        QStringLiteral("font-family: \"%1\"; font-size: 12px").arg(monoFont().family()));
    m_sentence->setTextFormat(Qt::RichText);
    m_result->setTextFormat(Qt::RichText);
    m_facts->setHorizontalSpacing(20);
    m_facts->setVerticalSpacing(6);
    m_facts->setColumnStretch(1, 1);

    auto *column = new QVBoxLayout(m_detail);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(10);
    column->addWidget(m_title);
    column->addWidget(m_sentence);
    column->addLayout(m_facts);
    column->addSpacing(2);
    column->addWidget(makeLabel(tr("The bytes"), "caption"));
    column->addWidget(m_bytes, 1);
    column->addWidget(m_suggestion);
    column->addWidget(m_result);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_check);
    buttons->addWidget(m_save);
    buttons->addWidget(m_remove);
    buttons->addStretch();
    QPushButton *close = makeButton(tr("Close"), ButtonKind::Primary);
    buttons->addWidget(close);
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    column->addLayout(buttons);
    m_detail->setObjectName(QStringLiteral("detail"));
    m_detail->setAttribute(Qt::WA_StyledBackground);
}

void EvidenceWindow::setPeople(const std::vector<api::Person> &people)
{
    const bool isSame = m_people.size() == people.size()
        && std::equal(people.begin(), people.end(), m_people.begin(),
                      [](const api::Person &a, const api::Person &b) {
                          return a.name == b.name && a.device == b.device
                              && a.standing == b.standing;
                      });
    m_people = people;
    if (!isSame)
        fill();
}

void EvidenceWindow::addRefusals(const std::vector<api::Refusal> &refusals)
{
    for (const api::Refusal &refusal : refusals) {
        if (!api::isTurnedAway(refusal.code) && refusal.code != Code::E_RATE)
            continue; // known already, or not to be judged yet: comes in every honest group
        const auto it = std::find_if(m_refusals.begin(), m_refusals.end(), [&](const auto &known) {
            return known.number == refusal.number;
        });
        if (it != m_refusals.end())
            *it = refusal;
        else
            m_refusals.push_back(refusal);
    }
    std::sort(m_refusals.begin(), m_refusals.end(),
              [](const auto &a, const auto &b) { return a.number > b.number; });
    fill();
}

void EvidenceWindow::addEvidence(const std::vector<api::EvidenceInfo> &evidence)
{
    for (const api::EvidenceInfo &proof : evidence) {
        // Another proof of the same deed takes the place of the one before.
        const auto known = std::ranges::find_if(m_proofs, [&](const auto &held) {
            return held.id == proof.id || held.id == proof.replaces;
        });
        if (known == m_proofs.end())
            m_proofs.insert(m_proofs.begin(), proof);
        else
            *known = proof;
    }
    fill();
}

/// Proofs first, then refusals, each newest first.
void EvidenceWindow::fill()
{
    const int kept = std::max(0, m_list->currentRow());
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    const auto add = [this](const QString &text, const QString &under, bool isProof) {
        auto *item = new QListWidgetItem(text, m_list);
        item->setData(kUnderRole, under);
        item->setData(kProofRole, isProof);
        item->setData(Qt::AccessibleTextRole, tr("%1. %2").arg(text, under));
    };
    const QDateTime now = QDateTime::currentDateTime();
    for (const api::EvidenceInfo &proof : m_proofs)
        add(proof.accused ? tr("Proof against %1").arg(words::nameOf(m_people, proof.accused))
                          : tr("Proof against several members"),
            tr("%1 \u00B7 %2").arg(words::when(proof.when, now), codeText(proof.code)), true);
    for (const api::Refusal &refusal : m_refusals) {
        const QString times =
            refusal.count > 1 ? tr(" \u00B7 %1 times").arg(refusal.count) : QString();
        add(tr("Refused, in the name of %1").arg(words::nameOf(m_people, refusal.claimed)),
            tr("%1 \u00B7 %2%3").arg(words::when(refusal.when, now), codeText(refusal.code), times),
            false);
    }
    const bool isEmpty = m_list->count() == 0;
    m_list->setVisible(!isEmpty);
    m_detail->setVisible(!isEmpty);
    m_empty->setVisible(isEmpty);
    if (!isEmpty) {
        m_list->setCurrentRow(std::min(kept, m_list->count() - 1));
        showRow(m_list->currentRow());
    }
}

const api::EvidenceInfo *EvidenceWindow::shownProof() const
{
    const int row = m_list->currentRow();
    const bool isProof = row >= 0 && std::cmp_less(row, m_proofs.size());
    return isProof ? &m_proofs[static_cast<std::size_t>(row)] : nullptr;
}

void EvidenceWindow::showRow(int row)
{
    if (row < 0)
        return;
    clearFacts();
    m_result->clear();
    m_result->hide();
    const api::EvidenceInfo *proof = shownProof();
    m_check->setVisible(proof != nullptr);
    m_save->setVisible(proof != nullptr);
    suggest(proof);
    if (proof)
        showProof(*proof);
    else
        showRefusal(m_refusals[static_cast<std::size_t>(row) - m_proofs.size()]);
}

/// What to do now. Only what takes a vote has a button: a forked computer is stopped by itself.
void EvidenceWindow::suggest(const api::EvidenceInfo *proof)
{
    m_accused.reset();
    const auto accused = std::ranges::find_if(m_people, [proof](const api::Person &person) {
        return proof != nullptr && person.device == proof->accused;
    });
    const bool isThere = accused != m_people.end() && !accused->isMe
        && accused->standing != api::Person::Standing::Gone;
    if (proof != nullptr && isThere && words::suggestsRemoval(proof->code))
        m_accused = accused->member;
    m_suggestion->setText(proof == nullptr ? QString()
                                           : breakable(words::suggestion(*proof, m_people)));
    m_suggestion->setVisible(!m_suggestion->text().isEmpty());
    m_remove->setVisible(m_accused.has_value());
    if (m_accused) {
        const QString name = words::nameOf(m_people, accused->device);
        m_remove->setText(onButton(tr("Ask to remove %1\u2026").arg(shortName(name))));
        m_remove->setAccessibleName(tr("Ask to remove %1\u2026").arg(name));
    }
}

QString EvidenceWindow::keyWords(std::optional<DeviceIndex> device) const
{
    const auto it = std::find_if(m_people.begin(), m_people.end(), [&](const api::Person &person) {
        return person.device == device;
    });
    return it == m_people.end() ? QString() : QString::fromUtf8(it->words);
}

void EvidenceWindow::showRefusal(const api::Refusal &refusal)
{
    const QString claimed = words::nameOf(m_people, refusal.claimed);
    m_title->setText(tr("A change was refused"));
    m_sentence->setText(breakable(words::refusedBody(refusal, m_people)).toHtmlEscaped());
    addFact(tr("Claimed"),
            refusal.claimed ? tr("Change %1 by %2").arg(refusal.seq).arg(claimed)
                            : tr("No writer that we know"));
    addFact(tr("Checked"), tr("Its form, its signature, what it builds on, and what it does"));
    addFact(tr("Failed"),
            QStringLiteral("%1 (%2)").arg(QString::fromUtf8(refusal.rule), codeText(refusal.code)));
    addFact(tr("Brought by"),
            refusal.from ? tr("%1's computer").arg(words::nameOf(m_people, refusal.from))
                         : tr("A computer that we do not know"));
    addFact(tr("When"),
            refusal.count > 1
                ? tr("%1, %2 times").arg(words::whenExactly(refusal.when)).arg(refusal.count)
                : words::whenExactly(refusal.when));
    if (const QString key = keyWords(refusal.claimed); !key.isEmpty())
        addFact(tr("Key of %1").arg(claimed), key);
    if (const QString key = keyWords(refusal.from);
        !key.isEmpty() && refusal.from != refusal.claimed)
        addFact(tr("Key of %1").arg(words::nameOf(m_people, refusal.from)), key);
    m_bytes->setPlainText(hexDump(refusal.record));
}

void EvidenceWindow::showProof(const api::EvidenceInfo &proof)
{
    const QString accused = words::nameOf(m_people, proof.accused);
    m_title->setText(proof.accused ? breakable(tr("Proof against %1's computer").arg(accused))
                                   : tr("Proof against several members"));
    // A rule about the content of a change takes the key and what came before.
    const QString who = proof.code == Code::EV_INVALID
        ? tr("Every member can check this, and others as far as the bytes below show it: %1.")
        : tr("Anyone can check this alone, from the bytes below: %1.");
    m_sentence->setText(who.arg(words::whyRefused(proof.code)));
    addFact(tr("Rule"),
            QStringLiteral("%1 (%2)").arg(QString::fromUtf8(proof.rule), codeText(proof.code)));
    addFact(tr("Checked"), words::checkedIn(proof.code));
    if (proof.fork)
        addFact(tr("Between the two"),
                tr("%1, by that computer's own clock").arg(words::span(proof.fork->apart)));
    addFact(tr("Found"), words::whenExactly(proof.when));
    if (const QString key = keyWords(proof.accused); !key.isEmpty())
        addFact(tr("Key of %1").arg(accused), key);
    addFact(tr("Name of the proof"), QString::fromStdString(proof.id.hex()).left(16));
    QStringList dumps;
    for (std::size_t i = 0; i < proof.records.size(); ++i)
        dumps.append(tr("Record %1\n%2").arg(i + 1).arg(hexDump(proof.records[i])));
    m_bytes->setPlainText(dumps.join(QStringLiteral("\n\n")));
}

void EvidenceWindow::clearFacts()
{
    while (QLayoutItem *item = m_facts->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
}

void EvidenceWindow::addFact(const QString &name, const QString &value)
{
    const int row = m_facts->count() / 2;
    QLabel *label = makeLabel(breakable(name), "muted");
    label->setWordWrap(true);
    label->setMaximumWidth(kFactWidth);
    m_facts->addWidget(label, row, 0, Qt::AlignTop);
    m_facts->addWidget(makeSentence(breakable(value)), row, 1);
}

void EvidenceWindow::checkAgain()
{
    const api::EvidenceInfo *proof = shownProof();
    if (!proof)
        return;
    m_result->setText(tr("Checking\u2026"));
    m_result->show();
    m_bridge.submit(api::CheckEvidence{proof->id});
}

void EvidenceWindow::checked(const api::EvidenceChecked &event)
{
    const api::EvidenceInfo *proof = shownProof();
    if (!proof || proof->id != event.evidence)
        return;
    const QString verdict = event.holds ? tr("The proof holds.") : tr("The proof does not hold.");
    m_result->setText(QStringLiteral("<b>%1</b> %2")
                          .arg(verdict, QString::fromUtf8(event.result).toHtmlEscaped()));
    setTone(m_result, event.holds ? "agreed" : "refused");
    m_result->show();
}

void EvidenceWindow::askSave()
{
    if (!shownProof())
        return;
    auto *dialog = new QFileDialog(this, tr("Save evidence"), {}, tr("Evidence (*.nlbd-evidence)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("nlbd-evidence"));
    dialog->selectFile(QStringLiteral("proof-%1.nlbd-evidence")
                           .arg(QString::fromStdString(shownProof()->id.hex()).left(8)));
    connect(dialog, &QFileDialog::fileSelected, this, &EvidenceWindow::saveTo);
    dialog->open();
}

void EvidenceWindow::saveTo(const QString &path)
{
    const api::EvidenceInfo *proof = shownProof();
    if (!proof)
        return;
    const std::string_view file = viewOf(proof->file);
    const QByteArray bytes(file.data(), static_cast<qsizetype>(file.size()));
    writeBytes(path, bytes, this, [this, path](const QString &sentence) {
        const bool isDone = sentence.isEmpty();
        m_result->setText(isDone ? tr("<b>Saved.</b> %1").arg(path.toHtmlEscaped()) : sentence);
        setTone(m_result, isDone ? "agreed" : "refused");
        m_result->show();
    });
}

} // namespace nlbd::ui
