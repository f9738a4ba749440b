#include "ui/decisions/rule_dialog.h"

#include "ui/parts.h"
#include "ui/words_decisions.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QGridLayout>
#include <QPlainTextEdit>
#include <QSpinBox>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kDaysMax = 3650;
constexpr int kChangesMax = 100'000'000;
constexpr std::uint32_t kMiB = 1024 * 1024;
constexpr int kMiBMax = 4095; // as bytes they fit into the record

int mebibytes(std::uint32_t bytes)
{
    return static_cast<int>((std::uint64_t{bytes} + kMiB - 1) / kMiB);
}

} // namespace

RuleDialog::RuleDialog(const QString &rule, const api::Limits &limits, std::size_t seats,
                       std::size_t quorum, QWidget *parent)
    : QDialog(parent)
    , m_inForce(rule)
    , m_now(limits)
    , m_rule(new QPlainTextEdit(rule))
    , m_means(makeSentence({}))
    , m_verb(makeButton(tr("Ask the others"), ButtonKind::Primary))
{
    setWindowTitle(tr("Ask for a rule"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(520);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(10);
    column->addWidget(makeSentence(tr("Which rule do you ask for?"), "title"));
    column->addWidget(makeSentence(
        tr("It takes the place of the one that holds now. Everyone reads it and votes: it needs %1 "
           "of %2. People keep its sentence; computers keep the numbers below it.")
            .arg(quorum)
            .arg(seats),
        "muted"));
    m_rule->setObjectName(QStringLiteral("bytes"));
    m_rule->setAccessibleName(tr("The rule"));
    m_rule->setPlaceholderText(tr("For example: whoever changes a paragraph of somebody else says "
                                  "so beside it."));
    m_rule->setTabChangesFocus(true);
    m_rule->setMinimumHeight(56); // on a low screen, or a large scale
    m_rule->setMaximumHeight(110);
    column->addWidget(m_rule);
    column->addWidget(makeLabel(tr("What computers do by themselves"), "caption"));
    column->addWidget(makeLimits());
    column->addWidget(m_means);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    QPushButton *cancel = makeButton(tr("Cancel"));
    row->addWidget(cancel);
    row->addWidget(m_verb);
    column->addLayout(row);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_verb, &QPushButton::clicked, this, [this] {
        if (const auto wish = this->wish()) {
            Q_EMIT asked(*wish);
            accept();
        }
    });
    connect(m_rule, &QPlainTextEdit::textChanged, this, &RuleDialog::refresh);
    m_rule->setFocus();
    refresh();
    // Lines that wrap do not count in what Qt takes for the least height; on a low screen it would
    // take from the others.
    setMinimumHeight(column->totalMinimumHeightForWidth(minimumWidth()));
}

QWidget *RuleDialog::makeLimits()
{
    auto *box = new QWidget;
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(0, 1);
    m_silent = addNumber(grid, tr("Count on without somebody who was silent for"), tr(" days"),
                         kDaysMax, m_now.silentDays);
    m_key = addNumber(grid, tr("Change the key every"), tr(" days"), kDaysMax, m_now.keyDays);
    m_changes =
        addNumber(grid, tr("Keep a checkpoint after"), tr(" changes"), kChangesMax,
                  static_cast<int>(std::min<std::uint32_t>(m_now.checkpointChanges, kChangesMax)));
    m_bytes = addNumber(grid, tr("\u2026 or after"), tr(" MiB"), kMiBMax,
                        std::min(mebibytes(m_now.checkpointBytes), kMiBMax));
    m_bytes->setAccessibleName(tr("Keep a checkpoint after so many MiB"));
    m_past = new QCheckBox(tr("Newcomers are let in, and read what is older"));
    m_past->setAccessibleName(m_past->text());
    m_past->setChecked(m_now.newcomersReadPast);
    m_past->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Minimum); // other parts give way
    grid->addWidget(m_past, grid->rowCount(), 0, 1, 2);
    connect(m_past, &QCheckBox::toggled, this, &RuleDialog::refresh);
    return box;
}

QSpinBox *RuleDialog::addNumber(QGridLayout *grid, const QString &text, const QString &suffix,
                                int most, int value)
{
    const int row = grid->rowCount();
    QLabel *label = makeLabel(text);
    label->setWordWrap(true);
    auto *box = new QSpinBox;
    box->setRange(0, most);
    box->setValue(value);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons); // up and down are keys
    box->setSuffix(suffix);
    box->setGroupSeparatorShown(true);
    box->setSpecialValueText(tr("never"));
    box->setAccessibleName(text);
    box->setMinimumWidth(150);
    label->setBuddy(box);
    grid->addWidget(label, row, 0);
    grid->addWidget(box, row, 1);
    connect(box, &QSpinBox::valueChanged, this, &RuleDialog::refresh);
    return box;
}

/// What no field was moved for stays exactly as it is, also where a field can't show it.
api::Limits RuleDialog::limits() const
{
    api::Limits limits = m_now;
    if (m_silent->value() != std::min<int>(m_now.silentDays, kDaysMax))
        limits.silentDays = static_cast<std::uint16_t>(m_silent->value());
    if (m_key->value() != std::min<int>(m_now.keyDays, kDaysMax))
        limits.keyDays = static_cast<std::uint16_t>(m_key->value());
    if (std::cmp_not_equal(m_changes->value(),
                           std::min<std::uint32_t>(m_now.checkpointChanges, kChangesMax)))
        limits.checkpointChanges = static_cast<std::uint32_t>(m_changes->value());
    if (m_bytes->value() != std::min(mebibytes(m_now.checkpointBytes), kMiBMax))
        limits.checkpointBytes = static_cast<std::uint32_t>(m_bytes->value()) * kMiB;
    limits.newcomersReadPast = m_past->isChecked();
    return limits;
}

QString RuleDialog::text() const
{
    const QString text = m_rule->toPlainText();
    return text == m_inForce ? text : text.trimmed();
}

std::optional<api::Wish> RuleDialog::wish() const
{
    const api::Limits asked = limits();
    const QByteArray rule = text().toUtf8();
    if ((asked == m_now && text() == m_inForce) || rule.size() > kRuleBytesMax)
        return std::nullopt;
    api::Wish wish;
    wish.kind = api::Wish::Kind::SetPolicy;
    wish.text = rule.toStdString();
    if (asked != m_now)
        wish.limits = asked;
    return wish;
}

void RuleDialog::refresh()
{
    const QString text = this->text();
    const bool isTooLong = text.toUtf8().size() > kRuleBytesMax;
    QStringList parts;
    if (isTooLong)
        parts.append(tr("That is longer than a rule may be: nobody would get it."));
    else if (text != m_inForce)
        parts.append(text.isEmpty()            ? tr("It drops the rule that holds now.")
                         : m_inForce.isEmpty() ? tr("It is the first rule here.")
                                               : tr("It changes the rule's sentence."));
    const QString numbers = words::limitsChange(limits(), m_now);
    if (!numbers.isEmpty())
        parts.append(numbers);
    m_means->setText(parts.isEmpty() ? tr("Nothing differs from what holds now.")
                                     : parts.join(QChar(u' ')));
    const char *tone = isTooLong ? "refused" : "";
    if (m_means->property("tone").toString() != QLatin1String(tone))
        setTone(m_means, tone);
    m_verb->setEnabled(wish().has_value());
}

} // namespace nlbd::ui
