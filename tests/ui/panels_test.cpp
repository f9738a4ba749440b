#include "tests/ui/decision_scene.h"
#include "tests/ui/window_checks.h"
#include "ui/banner_zone.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/decisions/knock_card.h"
#include "ui/decisions/pips.h"
#include "ui/decisions/proposal_card.h"
#include "ui/decisions/rule_dialog.h"
#include "ui/people/people_panel.h"
#include "ui/theme.h"
#include "ui/words_decisions.h"
#include "ui/words_evidence.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

template <typename Widget>
Widget *named(QWidget &in, const char *start)
{
    for (Widget *widget : in.findChildren<Widget *>())
        if (widget->isVisible() && widget->accessibleName().startsWith(QString::fromUtf8(start)))
            return widget;
    return nullptr;
}

bool shows(QWidget &in, const char *words)
{
    const auto labels = in.findChildren<QLabel *>();
    return std::ranges::any_of(labels, [words](const QLabel *label) {
        return label->isVisible() && label->text().contains(QString::fromUtf8(words));
    });
}

} // namespace

/// The panels as strangers meet them: asking for a rule, proofs of every kind, hundred members,
/// names that are hostile or long, keys alone, and people who go.
class PanelsTest : public QObject {
    Q_OBJECT

private:
    static DecisionsPanel &panel(Scene &scene) { return scene.window->decisions(); }
    static RuleDialog *ruleDialog(Scene &scene)
    {
        QTest::mouseClick(named<QPushButton>(panel(scene), "Ask for a rule"), Qt::LeftButton);
        return scene.window->findChild<RuleDialog *>();
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }
    void aRuleIsAskedFor();
    void onlyTheNumbersThatChangeAreAsked();
    void aRuleThatIsTooLongIsNotAsked();
    void whoHasNoVoteAsksForNothing();
    void numbersAreSaidInWords();
    void aForkIsReadBothWays();
    void everyProofHasItsOwnWords();
    void aHundredMembers();
    void longNamesStayInside();
    void keysGoFromTopToBottom();
    void whoKnocksAnewUnderAnotherName();
    void whatWasPutOffIsNotTheFirst();
    void whoGoesLeavesNoGap_data();
    void whoGoesLeavesNoGap();
    void theCurrentRowStaysWithItsPerson();
    void whoGoesTakesTheCaretAlong();
};

void PanelsTest::aRuleIsAskedFor()
{
    Scene scene;
    scene.open();
    auto event = decisions({});
    event.rule = "We open at eight.";
    scene.workspace->tell(event);
    QTRY_VERIFY(named<QPushButton>(panel(scene), "Ask for a rule"));
    RuleDialog *dialog = ruleDialog(scene);
    QTRY_VERIFY(dialog && dialog->isVisible());
    QVERIFY(unnamedControls(*dialog).isEmpty());
    auto *rule = named<QPlainTextEdit>(*dialog, "The rule");
    QCOMPARE(rule->toPlainText(), QStringLiteral("We open at eight."));
    auto *verb = named<QPushButton>(*dialog, "Ask the others");
    QVERIFY(!verb->isEnabled());
    QVERIFY(shows(*dialog, "Nothing differs from what holds now."));
    rule->setPlainText(QStringLiteral("We open at nine. "));
    QVERIFY(verb->isEnabled());
    QVERIFY(shows(*dialog, "It changes the rule's sentence."));
    QTest::mouseClick(verb, Qt::LeftButton);
    const auto asked = scene.workspace->all<api::Propose>();
    QCOMPARE(asked.size(), std::size_t(1));
    QCOMPARE(asked[0].wish.kind, api::Wish::Kind::SetPolicy);
    QCOMPARE(asked[0].wish.text, std::string("We open at nine."));
    QVERIFY(!asked[0].wish.limits); // they stay as they are
    scene.workspace->tell(api::ProposalAnswered{asked[0].request, Hash(), Code::E_RATE});
    QTRY_VERIFY(shows(panel(scene), "Three questions of yours are open already."));
}

void PanelsTest::onlyTheNumbersThatChangeAreAsked()
{
    api::Limits now;
    now.silentDays = 5000;         // more than the field shows
    now.checkpointBytes = 1000000; // no whole number of MiB
    RuleDialog dialog(QStringLiteral("Be kind."), now, 4, 3);
    dialog.show();
    QVERIFY(!dialog.wish());
    named<QSpinBox>(dialog, "Change the key every")->setValue(7);
    QVERIFY(dialog.wish());
    QCOMPARE(dialog.wish()->text, std::string("Be kind."));
    api::Limits wanted = now;
    wanted.keyDays = 7;
    QVERIFY(dialog.wish()->limits == wanted);
    QVERIFY(shows(dialog, "the key changes every 7 days."));
    named<QSpinBox>(dialog, "Change the key every")->setValue(30);
    QVERIFY(!dialog.wish());
    named<QCheckBox>(dialog, "Newcomers are let in")->setChecked(false);
    named<QSpinBox>(dialog, "Keep a checkpoint after so many MiB")->setValue(0);
    wanted = now;
    wanted.newcomersReadPast = false;
    wanted.checkpointBytes = 0;
    QVERIFY(dialog.wish()->limits == wanted);
    QVERIFY(shows(dialog, "a checkpoint is asked for after 5,000 changes; nobody new is let in"));
}

void PanelsTest::aRuleThatIsTooLongIsNotAsked()
{
    RuleDialog dialog({}, {}, 4, 3);
    dialog.show();
    auto *rule = named<QPlainTextEdit>(dialog, "The rule");
    rule->setPlainText(QString(2048, QChar(u'\u03B1'))); // two bytes each: just as long as may be
    QVERIFY(dialog.wish());
    QVERIFY(shows(dialog, "It is the first rule here."));
    rule->setPlainText(QString(2049, QChar(u'\u03B1')));
    QVERIFY(!dialog.wish());
    QVERIFY(shows(dialog, "longer than a rule may be"));
}

void PanelsTest::whoHasNoVoteAsksForNothing()
{
    Scene scene;
    scene.workspace->people.people[0].hasSeat = false;
    scene.open();
    scene.workspace->tell(decisions({}));
    QTRY_COMPARE(panel(scene).voters().quorum, std::uint16_t(3));
    QVERIFY(!named<QPushButton>(panel(scene), "Ask for a rule"));
}

void PanelsTest::numbersAreSaidInWords()
{
    const api::Limits now;
    api::Limits asked = now;
    asked.checkpointChanges = asked.checkpointBytes = 0;
    QVERIFY(words::limitsChange(asked, now).contains(QStringLiteral("no checkpoint is asked for")));
    asked = now;
    asked.checkpointBytes = 1024 * 1024;
    QVERIFY(words::limitsChange(asked, now).contains(QStringLiteral("5,000 changes or 1 MiB")));
    asked = now;
    asked.keyDays = 1;
    QVERIFY(words::limitsChange(asked, now).contains(QStringLiteral("every day.")));
    api::Wish none;
    none.kind = api::Wish::Kind::SetPolicy;
    QCOMPARE(words::result(none, {}), QStringLiteral("No rule holds any more"));
    none.text = std::string(4000, 'r');
    QVERIFY(words::result(none, {}).size() < 230);
}

void PanelsTest::aForkIsReadBothWays()
{
    const auto reading = [](Millis apart, bool isSameContent, bool isSamePast) {
        return words::forkReading(api::ForkFacts{apart, isSameContent, isSamePast});
    };
    for (const QString &text :
         {reading(3s, false, true), reading(96h, false, true), words::forkReading({})}) {
        QVERIFY2(text.contains(QStringLiteral("copied")) || text.contains(QStringLiteral("folder")),
                 qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("on purpose")), qPrintable(text));
        QVERIFY(!text.contains(QStringLiteral("probably")));
    }
    QVERIFY(reading(3s, false, true).contains(QStringLiteral("within 3 seconds")));
    QVERIFY(reading(96h, false, true).contains(QStringLiteral("4 days lie between")));
    QVERIFY(reading(3s, true, true).contains(QStringLiteral("The words in both are the same")));
    QVERIFY(reading(3s, false, false)
                .endsWith(QStringLiteral("so the two stories began before these.")));
    QVERIFY(words::forkReading(api::ForkFacts{Millis(INT64_MAX), false, true})
                .contains(QStringLiteral("days lie between")));
}

void PanelsTest::everyProofHasItsOwnWords()
{
    const words::People people = Scene().workspace->people.people;
    QSet<QString> all;
    for (const Code code :
         {Code::EV_FORK, Code::EV_INVALID, Code::EV_DOUBLE_ACK, Code::EV_DOUBLE_VOTE,
          Code::EV_DOUBLE_CLOSE, Code::EV_AMNESIA, Code::EV_CONFLICT_DECISION}) {
        api::EvidenceInfo proof;
        proof.code = code;
        proof.accused = DeviceIndex(3);
        const QString text = words::suggestion(proof, people);
        QVERIFY2(text.size() > 40 && !text.contains(QChar(u'%')), qPrintable(text));
        QVERIFY(!text.contains(QStringLiteral("someone unknown")));
        all.insert(text);
        // Only a forked computer's words are marked: a banner must not say so of others.
        QCOMPARE(words::proven(proof, people).contains(QStringLiteral("is marked")),
                 code == Code::EV_FORK);
        proof.accused = DeviceIndex(0);
        if (code == Code::EV_FORK)
            QVERIFY(words::suggestion(proof, people)
                        .startsWith(QStringLiteral("This is your own computer")));
    }
    QCOMPARE(all.size(), 7);
    QCOMPARE(words::span(1s), QStringLiteral("1 second"));
    QCOMPARE(words::span(30min), QStringLiteral("30 minutes"));
    QCOMPARE(words::span(5h), QStringLiteral("5 hours"));
}

void PanelsTest::aHundredMembers()
{
    Scene scene;
    for (std::uint16_t i = 4; i < 100; ++i) {
        api::Person person = scene.workspace->people.people[2];
        person.member = MemberIndex(i);
        person.device = DeviceIndex(i);
        person.name = "Member " + std::to_string(i);
        scene.workspace->people.people.push_back(person);
    }
    scene.open();
    auto event = decisions({removal()});
    event.seats = 100;
    event.quorum = 67;
    event.open[0].needed = 67;
    scene.workspace->tell(event);
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    scene.settle();
    auto *pips = panel(scene).cardOf(idOf(1))->findChild<Pips *>();
    QVERIFY2(pips->height() >= 5 * 16, qPrintable(QString::number(pips->height())));
    // Each is drawn: the last one too, which is nobody's answer yet.
    const QImage picture = pips->grab().toImage();
    const auto hasInk = [&picture](QRect place) {
        const QRgb ground = picture.pixel(picture.width() - 1, picture.height() - 1);
        for (int x = place.left(); x < place.right(); ++x)
            for (int y = place.top(); y < place.bottom(); ++y)
                if (picture.pixel(x, y) != ground)
                    return true;
        return false;
    };
    QVERIFY(hasInk({0, 4 * 16, 30, 16}));
    QVERIFY(hasInk({picture.width() / 2, 3 * 16, 20, 16}));
    auto *people = scene.window->findChild<PeoplePanel *>();
    auto *meter = named<QuorumMeter>(*people, "99 of 100 heard, 67 needed");
    QVERIFY(meter);
    QVERIFY(people->height() < scene.window->height() * 2 / 3); // decisions keep their room
}

void PanelsTest::longNamesStayInside()
{
    Scene scene;
    scene.workspace->people.people[3].name = std::string(64, 'W');
    scene.workspace->people.people[1].name = "R&D <b>%1</b>";
    scene.open();
    auto info = removal();
    info.wish.text = std::string(500, 'x');
    auto event = decisions({info});
    event.made = {decided(0, 7, info.wish, {MemberIndex(0), MemberIndex(3)})};
    scene.workspace->tell(event);
    auto request = knock();
    request.name = std::string(200, 'M');
    scene.window->setKnocks({request});
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    scene.settle();
    auto *area = panel(scene).findChild<QScrollArea *>();
    QVERIFY2(
        area->widget()->width() <= area->viewport()->width(),
        qPrintable(
            QStringLiteral("%1 > %2").arg(area->widget()->width()).arg(area->viewport()->width())));
    QVERIFY(panel(scene).cardOf(idOf(1))->text().contains(QStringLiteral("R&D <b>%1</b> asks.")));
    // The names that keys and readers get are whole.
    QVERIFY(named<QPushButton>(
        panel(scene),
        qPrintable(QStringLiteral("Vote for: Remove %1?").arg(QString(64, QChar(u'W'))))));
    const QSet<int> widths = [&] {
        QSet<int> all;
        for (auto *card : panel(scene).findChildren<ProposalCard *>())
            all.insert(card->width());
        return all;
    }();
    QCOMPARE(widths.size(), 1);
}

void PanelsTest::keysGoFromTopToBottom()
{
    Scene scene;
    scene.open();
    scene.window->activateWindow();
    QTRY_VERIFY(scene.window->isActiveWindow());
    scene.workspace->tell(decisions({removal()}));
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    scene.window->setKnocks({knock()}); // came later, stands above
    QTRY_VERIFY(named<QPushButton>(panel(scene), "Propose to let them in"));
    panel(scene).setFocus();
    QStringList seen;
    for (int i = 0; i < 7; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        seen.append(QApplication::focusWidget()->accessibleName());
    }
    const QStringList expected{QStringLiteral("Propose to let them in: Iris Lampou"),
                               QStringLiteral("To read only: Iris Lampou"),
                               QStringLiteral("Decide later: Iris Lampou"),
                               QStringLiteral("Vote for: Remove Nikos Petrou?"),
                               QStringLiteral("Vote against: Remove Nikos Petrou?"),
                               QStringLiteral("Decide later: Remove Nikos Petrou?"),
                               QString::fromUtf8("Ask for a rule\u2026")};
    QCOMPARE(seen, expected);
}

void PanelsTest::whoKnocksAnewUnderAnotherName()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    scene.window->setKnocks({knock()});
    QTRY_VERIFY(named<QPushButton>(panel(scene), "Decide later: Iris Lampou"));
    QTest::mouseClick(named<QPushButton>(panel(scene), "Decide later: Iris Lampou"),
                      Qt::LeftButton);
    auto other = knock();
    other.name = "Irene Lampou";
    scene.window->setKnocks({other});
    QTRY_VERIFY(named<QPushButton>(panel(scene), "Propose to let them in: Irene Lampou"));
    QVERIFY(!named<QPushButton>(panel(scene), "Show: Iris"));
    QTest::mouseClick(named<QPushButton>(panel(scene), "Propose to let them in"), Qt::LeftButton);
    QCOMPARE(scene.workspace->all<api::Propose>().at(0).wish.name, other.name);
}

void PanelsTest::whatWasPutOffIsNotTheFirst()
{
    Scene scene;
    scene.open();
    auto other = removal(2);
    other.wish = {};
    other.wish.kind = api::Wish::Kind::NewKey;
    scene.workspace->tell(decisions({removal(), other}));
    QTRY_VERIFY(named<QPushButton>(panel(scene), "Decide later: Remove Nikos"));
    QTest::mouseClick(named<QPushButton>(panel(scene), "Decide later: Remove Nikos"),
                      Qt::LeftButton);
    scene.window->goToDecisions();
    QCOMPARE(scene.window->focusWidget()->accessibleName(),
             QStringLiteral("Vote for: Change the key?"));
}

void PanelsTest::whoGoesLeavesNoGap_data()
{
    QTest::addColumn<bool>("isDecisionFirst");
    QTest::addColumn<bool>("isSettled");
    QTest::newRow("people first") << false << false;
    QTest::newRow("decision first") << true << false;
    QTest::newRow("people first, and time between") << false << true;
    QTest::newRow("decision first, and time between") << true << true;
}

void PanelsTest::whoGoesLeavesNoGap()
{
    QFETCH(bool, isDecisionFirst);
    QFETCH(bool, isSettled);
    Scene scene;
    for (api::Person &person : scene.workspace->people.people) {
        person.isOnline = true; // all rows are of one height
        person.changesBehind = 0;
    }
    scene.open();
    scene.workspace->tell(decisions({removal()}));
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    scene.settle();
    auto *people = scene.window->findChild<PeoplePanel *>();
    auto *list = people->findChild<QListWidget *>();
    const int before = people->height();
    const int top = list->y();
    scene.workspace->people.people[3].standing = api::Person::Standing::Gone;
    auto event = decisions({});
    event.seats = 3;
    event.made = {decided(0, 7, removal().wish, {MemberIndex(0)})};
    for (const bool isDecision : {isDecisionFirst, !isDecisionFirst}) {
        if (isDecision)
            scene.workspace->tell(event);
        else
            scene.workspace->tell(scene.workspace->people);
        if (isSettled)
            scene.settle();
    }
    QTRY_COMPARE(list->count(), 3);
    scene.settle();
    const int needed = list->sizeHintForRow(0) + list->sizeHintForRow(1) + list->sizeHintForRow(2);
    QVERIFY(list->height() >= needed && list->height() <= needed + 4);
    QCOMPARE(list->y(), top); // nothing stretches between caption and list
    QVERIFY2(people->height() < before, qPrintable(QString::number(people->height())));
}

void PanelsTest::theCurrentRowStaysWithItsPerson()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    auto *list = scene.window->findChild<PeoplePanel *>()->findChild<QListWidget *>();
    QTRY_COMPARE(list->count(), 4);
    list->setFocus();
    list->setCurrentRow(3);
    scene.workspace->people.people[1].standing = api::Person::Standing::Gone; // above
    scene.workspace->tell(scene.workspace->people);
    QTRY_COMPARE(list->count(), 3);
    QCOMPARE(list->currentRow(), 2);
    QCOMPARE(list->currentItem()->text(), QStringLiteral("Nikos Petrou"));
    scene.workspace->people.people[3].standing = api::Person::Standing::Gone;
    scene.workspace->tell(scene.workspace->people);
    QTRY_COMPARE(list->count(), 2);
    QCOMPARE(list->currentRow(), -1); // Enter asks about nobody else
    QVERIFY(list->hasFocus() || !scene.window->isActiveWindow());
}

void PanelsTest::whoGoesTakesTheCaretAlong()
{
    Scene scene;
    scene.open();
    scene.window->page().setCursorWidth(0); // one's own blinks
    scene.settle();
    const auto picture = [&scene] { return scene.window->page().grab().toImage(); };
    const QImage without = picture();
    scene.workspace->caret(scene.charter, DeviceIndex(3), 40, 40);
    QTRY_VERIFY(picture() != without);
    scene.workspace->people.people[3].standing = api::Person::Standing::Gone;
    scene.workspace->tell(scene.workspace->people);
    QTRY_COMPARE(picture(), without);
}

QTEST_MAIN(PanelsTest)
#include "panels_test.moc"
