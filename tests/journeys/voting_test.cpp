#include "core/consensus/decision_file.h"
#include "tests/journeys/meeting.h"
#include "ui/decisions/ask_dialog.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/decisions/proposal_card.h"
#include "ui/decisions/rule_dialog.h"
#include "ui/people/people_panel.h"
#include "ui/rejected/take_back_dialog.h"
#include "ui/theme.h"

#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QSpinBox>
#include <QTemporaryDir>

using namespace nlbd;
using nlbd::testing::Person;

/// Four people, each with a window and everything real behind it, decide by clicks (PRODUCT J9):
/// what one wrote is taken back by another, and put back by undo; one is removed, and hears it;
/// then two of three are not enough, and three are; a rule is agreed on, with a number that
/// computers keep; and somebody who was invited is let in.
class VotingTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kPatience = 30'000;

    [[nodiscard]] Person &at(std::size_t i) { return *m_people.at(i); }
    [[nodiscard]] ui::DecisionsPanel &panel(std::size_t i) { return at(i).window()->decisions(); }

    static ui::ProposalCard *cardOf(ui::DecisionsPanel &panel)
    {
        for (ui::ProposalCard *card : panel.findChildren<ui::ProposalCard *>())
            if (card->isVisible())
                return card;
        return nullptr;
    }
    [[nodiscard]] QString said(std::size_t i)
    {
        const ui::ProposalCard *card = cardOf(panel(i));
        return card ? card->text() : QString();
    }
    [[nodiscard]] bool isDecided(std::size_t i, const QString &result)
    {
        QString rows;
        for (const QLabel *label : panel(i).findChildren<QLabel *>())
            if (label->isVisible())
                rows += label->text() + QChar(u'\n');
        qsizetype row = rows.indexOf(result + QChar(u'\n'));
        if (row < 0) // what rides along is told behind it
            row = rows.indexOf(result + QStringLiteral(". "));
        return row >= 0 && rows.indexOf(QStringLiteral("Decided in round"), row) > row;
    }
    void shoot(std::size_t i, const QString &name)
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (!folder.isEmpty() && QDir().mkpath(folder))
            QVERIFY(at(i).window()->grab().save(
                QStringLiteral("%1/journey-vote-%2.png").arg(folder, name)));
    }
    /// What the menu of the person with that name offers, by the start of its text.
    void chooseFor(std::size_t i, const QString &name, const QString &action);

    void fourFound();
    void oneTakesBackWhatAnotherWrote();
    void oneIsRemoved();
    void twoOfThreeDecideNothing();
    void aRuleIsAgreedOn();
    void aNewcomerIsLetIn();

    QTemporaryDir m_folder;
    std::vector<std::unique_ptr<Person>> m_people;

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit());
        ui::applyTheme(ui::Appearance::Light);
    }
    void fourPeopleDecide()
    {
        for (const auto &step : {&VotingTest::fourFound, &VotingTest::oneTakesBackWhatAnotherWrote,
                                 &VotingTest::oneIsRemoved, &VotingTest::twoOfThreeDecideNothing,
                                 &VotingTest::aRuleIsAgreedOn, &VotingTest::aNewcomerIsLetIn}) {
            (this->*step)();
            if (QTest::currentTestFailed())
                return;
        }
    }
    void cleanup() { m_people.clear(); }
};

void VotingTest::chooseFor(std::size_t i, const QString &name, const QString &action)
{
    auto *people = at(i).window()->findChild<ui::PeoplePanel *>();
    const auto menu = [&]() -> QMenu * {
        for (const api::Person &person : people->people())
            if (QString::fromUtf8(person.name) == name)
                return people->menuFor(person);
        return nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(menu(), kPatience);
    const auto actions = menu()->actions();
    for (QAction *each : actions) {
        if (each->text().startsWith(action)) {
            each->trigger();
            return;
        }
    }
    QFAIL(qPrintable(action));
}

void VotingTest::fourFound()
{
    for (const char *name : {"Anna Lampou", "Ben Okafor", "Cleo Vasi", "Dora Kern"})
        m_people.push_back(std::make_unique<Person>(QString::fromUtf8(name)));
    const std::vector<Person *> guests{&at(1), &at(2), &at(3)};
    nlbd::testing::meet(at(0), guests);
    nlbd::testing::foundTogether(at(0), guests);
    for (std::size_t i = 0; i < 4; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(panel(i).voters().heard() == 4, kPatience);
}

void VotingTest::oneTakesBackWhatAnotherWrote()
{
    Person::press(*at(0).window(), QStringLiteral("Write the first page"));
    QTRY_VERIFY_WITH_TIMEOUT(at(0).page().isOpen(), kPatience);
    QTest::keyClicks(&at(0).page(), QStringLiteral("We meet at noon."));
    QTRY_VERIFY_WITH_TIMEOUT(
        at(3).page().isOpen() && at(3).text() == QStringLiteral("We meet at noon."), kPatience);
    at(3).standBehind(QStringLiteral("noon."));
    QTest::keyClicks(&at(3).page(), QStringLiteral(" Or never."));
    const QString all = QStringLiteral("We meet at noon. Or never.");
    for (std::size_t i = 0; i < 4; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(at(i).text(), all, kPatience);
    chooseFor(0, QStringLiteral("Dora Kern"), QStringLiteral("Take back what Dora Kern wrote"));
    const auto dialog = [this] { return at(0).window()->findChild<ui::TakeBackDialog *>(); };
    QTRY_VERIFY(dialog() && dialog()->isVisible());
    const auto verb = [&dialog]() -> QAbstractButton * {
        for (QAbstractButton *each : dialog()->findChildren<QAbstractButton *>())
            if (each->accessibleName().startsWith(QStringLiteral("Take back ")))
                return each;
        return nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(verb() && verb()->isEnabled(), kPatience);
    QTest::mouseClick(verb(), Qt::LeftButton);
    for (std::size_t i = 0; i < 4; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(at(i).text(), QStringLiteral("We meet at noon."), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(std::ranges::any_of(dialog()->findChildren<QLabel *>(),
                                                 [](const QLabel *label) {
                                                     return label->text().startsWith(
                                                         QStringLiteral("Taken back, in"));
                                                 }),
                             kPatience);
    Person::press(*dialog(), QStringLiteral("Close"));
    at(0).page().takeBack();
    for (std::size_t i = 0; i < 4; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(at(i).text(), all, kPatience);
}

void VotingTest::oneIsRemoved()
{
    chooseFor(0, QStringLiteral("Dora Kern"), QStringLiteral("Ask to remove Dora Kern"));
    const auto dialog = [this] { return at(0).window()->findChild<ui::AskDialog *>(); };
    QTRY_VERIFY(dialog() && dialog()->isVisible());
    Person::find<QLineEdit>(*dialog(), QStringLiteral("Reason"))
        ->setText(QStringLiteral("Dora moved to another town"));
    Person::press(*dialog(), QStringLiteral("Ask to remove Dora Kern"));
    for (std::size_t i = 0; i < 4; ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(said(i).startsWith(QStringLiteral(
                                     "Remove Dora Kern?\nAnna Lampou asks. Needs 3 of 4.")),
                                 kPatience);
        QVERIFY(said(i).contains(QStringLiteral("Dora moved to another town")));
    }
    QVERIFY(said(3).contains(QStringLiteral("This is about you")));
    QTRY_VERIFY_WITH_TIMEOUT(
        at(1).window()->banners().shownText().startsWith(QStringLiteral("Remove Dora Kern?")),
        kPatience);
    Person::press(panel(1), QStringLiteral("Vote for: Remove Dora Kern?"));
    QTRY_VERIFY_WITH_TIMEOUT(
        said(0).contains(QString::fromUtf8("2 in favour \u00B7 1 more decides it")), kPatience);
    shoot(2, QStringLiteral("asked"));
    Person::press(panel(2), QStringLiteral("Vote for: Remove Dora Kern?"));
    for (std::size_t i = 0; i < 3; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(isDecided(i, QStringLiteral("Dora Kern is no longer a member")),
                                 kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(
        at(3).window()->banners().shownText().startsWith(QStringLiteral("You were removed.")),
        kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(panel(0).voters().all.size(), std::size_t(3), kPatience);
    shoot(0, QStringLiteral("decided"));
    shoot(3, QStringLiteral("removed"));
}

/// With three left everyone is needed: a yes that is missing, or taken back, decides nothing.
void VotingTest::twoOfThreeDecideNothing()
{
    at(0).window()->decisions().propose([] {
        api::Wish wish;
        wish.kind = api::Wish::Kind::NewKey;
        return wish;
    }());
    const auto dialog = [this] { return at(0).window()->findChild<ui::AskDialog *>(); };
    QTRY_VERIFY(dialog() && dialog()->isVisible());
    Person::press(*dialog(), QStringLiteral("Ask to change the key"));
    for (std::size_t i = 1; i < 3; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(said(i).startsWith(QStringLiteral("Change the key?")), kPatience);
    at(2).stop();
    QTRY_VERIFY_WITH_TIMEOUT(said(0).contains(QStringLiteral("Waiting: Cleo can't be reached.")),
                             kPatience);
    Person::press(panel(1), QStringLiteral("Vote against: Change the key?"));
    QTRY_VERIFY_WITH_TIMEOUT(said(0).contains(QStringLiteral("It can't pass")), kPatience);
    Person::press(panel(1), QStringLiteral("Vote for instead: Change the key?"));
    QTRY_VERIFY_WITH_TIMEOUT(
        said(0).contains(QString::fromUtf8("2 in favour \u00B7 1 more decides it")), kPatience);
    QVERIFY(!isDecided(0, QStringLiteral("The key was changed")));
    at(2).start();
    QTRY_VERIFY_WITH_TIMEOUT(at(2).window(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(said(2).startsWith(QStringLiteral("Change the key?")), kPatience);
    Person::press(panel(2), QStringLiteral("Vote for: Change the key?"));
    for (std::size_t i = 0; i < 3; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(isDecided(i, QStringLiteral("The key was changed")), kPatience);
}

/// The sentence is for people, the number for computers: both are seen before anybody votes.
void VotingTest::aRuleIsAgreedOn()
{
    Person::press(panel(0), QString::fromUtf8("Ask for a rule\u2026"));
    const auto dialog = [this] { return at(0).window()->findChild<ui::RuleDialog *>(); };
    QTRY_VERIFY(dialog() && dialog()->isVisible());
    Person::find<QPlainTextEdit>(*dialog(), QStringLiteral("The rule"))
        ->setPlainText(QStringLiteral("Say so before you delete."));
    Person::find<QSpinBox>(*dialog(), QStringLiteral("Change the key every"))->setValue(7);
    Person::press(*dialog(), QStringLiteral("Ask the others"));
    for (std::size_t i = 1; i < 3; ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(said(i).startsWith(QStringLiteral("Agree on this rule?")),
                                 kPatience);
        QVERIFY(said(i).contains(QStringLiteral("the key changes every 7 days")));
        QCOMPARE(Person::find<QPlainTextEdit>(panel(i), QStringLiteral("The rule"))->toPlainText(),
                 QStringLiteral("Say so before you delete."));
        Person::press(panel(i), QStringLiteral("Vote for: Agree on this rule?"));
    }
    const QString result = QString::fromUtf8("The rule \u201cSay so before you delete.\u201d");
    for (std::size_t i = 0; i < 3; ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(isDecided(i, result), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(panel(i).voters().limits.keyDays, std::uint16_t(7), kPatience);
    }

    // Kept as a file, it convinces who was not there.
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("kept.nlbd-decision")));
    Person::press(panel(1), QStringLiteral("Save as a file: ") + result);
    const auto saving = [this] { return panel(1).findChild<QFileDialog *>(); };
    QTRY_VERIFY(saving() && saving()->isVisible());
    saving()->selectFile(file.fileName());
    static_cast<QDialog *>(saving())->accept();
    QTRY_VERIFY_WITH_TIMEOUT(file.exists(), kPatience);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    const auto kept = consensus::checkDecisionFile(
        bytesOf({bytes.constData(), static_cast<std::size_t>(bytes.size())}), identity::Ed25519());
    QVERIFY(kept.has_value());
    QCOMPARE(kept->after.policy.text, std::string("Say so before you delete."));
}

void VotingTest::aNewcomerIsLetIn()
{
    Person::press(*at(0).window(), QStringLiteral("Invite somebody"));
    const auto invitation = [this] {
        auto *field = Person::find<QPlainTextEdit>(at(0).lobby(), QStringLiteral("My invitation"));
        return field ? field->toPlainText() : QString();
    };
    QTRY_VERIFY_WITH_TIMEOUT(invitation().startsWith(QStringLiteral("nlbd:")), kPatience);
    m_people.push_back(std::make_unique<Person>(QStringLiteral("Eve Stone")));
    Person &eve = at(4);
    Person::press(eve.lobby(), QStringLiteral("Join with an invitation"));
    auto *field = Person::find<QPlainTextEdit>(eve.lobby(), QStringLiteral("Invitation"));
    QVERIFY(field);
    field->setPlainText(invitation());
    Person::press(eve.lobby(), QStringLiteral("Join"));
    const QString letIn = QStringLiteral("Propose to let them in: Eve Stone");
    QTRY_VERIFY_WITH_TIMEOUT(Person::find<QAbstractButton>(panel(0), letIn), kPatience);
    shoot(0, QStringLiteral("knock"));
    Person::press(panel(0), letIn);
    for (std::size_t i = 1; i < 3; ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(said(i).startsWith(QStringLiteral("Let Eve Stone in?")),
                                 kPatience);
        Person::press(panel(i), QStringLiteral("Vote for: Let Eve Stone in?"));
    }
    for (std::size_t i = 0; i < 3; ++i)
        QTRY_VERIFY_WITH_TIMEOUT(isDecided(i, QStringLiteral("Eve Stone was let in")), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(eve.window(), kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(panel(4).voters().all.size(), std::size_t(4), kPatience);
    shoot(4, QStringLiteral("newcomer"));
}

QTEST_MAIN(VotingTest)
#include "voting_test.moc"
