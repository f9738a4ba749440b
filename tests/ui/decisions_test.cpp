#include "tests/ui/decision_scene.h"
#include "ui/banner_zone.h"
#include "ui/decisions/ask_dialog.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/decisions/isolation_watch.h"
#include "ui/decisions/made_list.h"
#include "ui/decisions/pips.h"
#include "ui/decisions/proposal_card.h"
#include "ui/evidence/evidence_window.h"
#include "ui/people/people_panel.h"
#include "ui/status_line.h"
#include "ui/theme.h"
#include "ui/words_decisions.h"
#include "ui/words_evidence.h"

#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QTemporaryDir>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

using Kind = api::Wish::Kind;

} // namespace

/// What a person does about decisions in the window reaches the workspace, and back.
class DecisionsTest : public QObject {
    Q_OBJECT

private:
    static DecisionsPanel &panel(Scene &scene) { return scene.window->decisions(); }

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }
    void aCardTellsWhatIsAskedAndBySoMany();
    void aVoteGoesOutAndMayBeTakenBack();
    void whatIsRefusedIsSaidOnTheCard();
    void whoIsMeantHasNoSay();
    void aPartitionIsSaid();
    void whatComesOfAProposal();
    void aBannerStaysUntilItIsReadOrAnswered();
    void whoKnocksIsProposed();
    void aDecisionIsKeptAsAFile();
    void decisionsAreReachedByKeys();
    void whatWasDecidedIsListed();
    void aProofSuggestsWhatToDo();
    void isolationIsToldAndEnds();
    void everyKindHasItsWords();
};

void DecisionsTest::aCardTellsWhatIsAskedAndBySoMany()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({removal()}));
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    const ProposalCard &card = *panel(scene).cardOf(idOf(1));
    const QString text = card.text();
    QVERIFY2(
        text.startsWith(QStringLiteral("Remove Nikos Petrou?\nThea Kallas asks. Needs 3 of 4.")),
        qPrintable(text));
    QVERIFY(text.contains(QStringLiteral("He wrote <b>over</b> all of us"))); // never markup
    QVERIFY(text.contains(QString::fromUtf8("1 in favour \u00B7 2 more decide it")));
    QVERIFY(text.contains(QStringLiteral("4 who decide become 3"))); // before anybody votes
    const auto *pips = card.findChild<Pips *>();
    QCOMPARE(pips->accessibleName(),
             QStringLiteral("Andreas Michas: not yet. Thea Kallas: yes. Sofia Orfanou: not yet. "
                            "Nikos Petrou: has no say in this"));
    QCOMPARE(scene.window->statusLine().protection(),
             QStringLiteral("4 decide: 1 may be away or cheat"));
}

void DecisionsTest::aVoteGoesOutAndMayBeTakenBack()
{
    Scene scene;
    scene.open();
    auto info = removal();
    scene.workspace->tell(decisions({info}));
    QTRY_VERIFY(press(panel(scene), "Vote for: Remove Nikos Petrou?"));
    const auto votes = [&scene] { return scene.workspace->all<api::Vote>(); };
    QCOMPARE(votes().size(), 1U);
    QVERIFY(votes()[0].isYes && votes()[0].proposal == idOf(1));
    auto *button = named<QPushButton>(panel(scene), QStringLiteral("Vote for"));
    QVERIFY(!button->isEnabled()); // it is on its way, and a second press says nothing new
    const ProposalCard *card = panel(scene).cardOf(idOf(1));
    scene.workspace->tell(api::ProposalAnswered{votes()[0].request, info.id, std::nullopt});
    info.mine = true;
    info.yes = 2;
    info.saidYes = {MemberIndex(0), MemberIndex(1)};
    scene.workspace->tell(decisions({info}));
    QTRY_VERIFY(card->text().contains(QStringLiteral("You are for it.")));
    QCOMPARE(panel(scene).cardOf(idOf(1)), card); // changed in place
    QVERIFY(card->text().contains(QString::fromUtf8("2 in favour \u00B7 1 more decides it")));
    QVERIFY(!named<QPushButton>(panel(scene), QStringLiteral("Vote for")));
    QVERIFY(press(panel(scene), "Take my yes back"));
    QCOMPARE(votes().size(), 2U);
    QVERIFY(!votes()[1].isYes);
}

void DecisionsTest::whatIsRefusedIsSaidOnTheCard()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({removal()}));
    QTRY_VERIFY(press(panel(scene), "Vote against"));
    const auto vote = scene.workspace->all<api::Vote>().at(0);
    QVERIFY(!vote.isYes);
    scene.workspace->tell(api::ProposalAnswered{vote.request, vote.proposal, Code::E_NOT_MEMBER});
    const ProposalCard *card = panel(scene).cardOf(idOf(1));
    QTRY_VERIFY(card->text().contains(QStringLiteral("This is no longer open")));
    QVERIFY(named<QPushButton>(panel(scene), QStringLiteral("Vote against"))->isEnabled());
}

void DecisionsTest::whoIsMeantHasNoSay()
{
    Scene scene;
    scene.open();
    auto info = removal();
    info.wish.member = MemberIndex(0);
    scene.workspace->tell(decisions({info}));
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    QVERIFY(panel(scene).cardOf(idOf(1))->text().contains(QStringLiteral("This is about you")));
    QVERIFY(!named<QPushButton>(panel(scene), QStringLiteral("Vote")));
    QCOMPARE(panel(scene).waiting().count, 0);
}

void DecisionsTest::aPartitionIsSaid()
{
    Scene scene;
    scene.workspace->people.people[2].isOnline = false; // Nikos is away as well, and has no say
    scene.open();
    scene.workspace->tell(decisions({removal()}));
    QTRY_VERIFY(panel(scene).cardOf(idOf(1)));
    const ProposalCard &card = *panel(scene).cardOf(idOf(1));
    QVERIFY(card.text().contains(QStringLiteral("Waiting: Sofia can't be reached.")));
    auto *people = scene.window->findChild<PeoplePanel *>();
    QVERIFY(named<QuorumMeter>(*people, QStringLiteral("2 of 4 heard, 3 needed")));
    scene.workspace->people.people[2].isOnline = true;
    scene.workspace->tell(scene.workspace->people);
    QTRY_VERIFY(!card.text().contains(QStringLiteral("Waiting")));
}

void DecisionsTest::whatComesOfAProposal()
{
    using State = Outlook::State;
    const words::People people = Scene().workspace->people.people;
    auto now = decisions({});
    const auto state = [&](const api::ProposalInfo &info) {
        return outlookOf(info, votersOf(people, now)).state;
    };
    auto info = removal();
    QCOMPARE(state(info), State::Open); // Andreas and Sofia are here
    info.no = 1;
    info.saidNo = {MemberIndex(0)};
    QCOMPARE(state(info), State::Blocked); // 2 of 3 at most
    info.wish.kind = Kind::NewKey;
    QCOMPARE(state(info), State::Unreachable); // Nikos could still make it 3
    info.isEligible = true;
    QCOMPARE(state(info), State::Signing);
    words::People apart = people;
    apart[1].isOnline = false;
    QCOMPARE(outlookOf(info, votersOf(apart, now)).state, State::Stuck);
    apart[0].hasSeat = false; // a second computer of a person has no vote
    QVERIFY(!votersOf(apart, now).haveMe());
    apart[1].standing = api::Person::Standing::Gone;
    apart[2].standing = api::Person::Standing::Dormant;
    QCOMPARE(votersOf(apart, now).all.size(), 1U);
}

void DecisionsTest::aBannerStaysUntilItIsReadOrAnswered()
{
    Scene scene;
    scene.open();
    BannerZone &banners = scene.window->banners();
    scene.workspace->tell(decisions({removal()}));
    QTRY_COMPARE(banners.shownText(),
                 QStringLiteral("Remove Nikos Petrou? Thea Kallas asks. Needs 3 of 4."));
    auto other = removal(2);
    other.wish = {};
    other.wish.kind = Kind::NewKey;
    scene.workspace->tell(decisions({removal(), other}));
    QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("2 questions wait for you.")));
    QVERIFY(press(panel(scene), "Decide later: Remove Nikos Petrou?"));
    QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("Change the key?")));
    QVERIFY(panel(scene).cardOf(idOf(1))->isAside());
    QVERIFY(press(panel(scene), "Show: Remove Nikos Petrou?"));
    QCOMPARE(panel(scene).waiting().count, 2);
    const auto closer = [&banners] {
        return named<QAbstractButton>(banners, QStringLiteral("Close this message"));
    };
    QTRY_VERIFY(closer());
    closer()->click();
    QTRY_VERIFY(!banners.isVisible());
    QCOMPARE(panel(scene).waiting().count, 2); // in the panel they wait on
    other.mine = true;
    scene.workspace->tell(decisions({removal(), other}));
    QTRY_COMPARE(panel(scene).waiting().count, 1);
    QVERIFY(!banners.isVisible());
}

void DecisionsTest::whoKnocksIsProposed()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    scene.window->setKnocks({knock()});
    QVERIFY(scene.window->banners().shownText().startsWith(
        QStringLiteral("Iris Lampou asks to come in.")));
    QTRY_VERIFY(named<QLabel>(panel(scene), QStringLiteral("Four words: amber coast flute ninth")));
    QVERIFY(press(panel(scene), "Propose to let them in: Iris Lampou"));
    auto asked = scene.workspace->all<api::Propose>();
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].wish.kind, Kind::Admit);
    QCOMPARE(asked[0].wish.key, knock().device);
    QCOMPARE(asked[0].wish.name, knock().name);
    QVERIFY(!asked[0].wish.isReader);
    scene.workspace->tell(api::ProposalAnswered{asked[0].request, Hash(), Code::E_NAME_CONFUSABLE});
    QTRY_VERIFY(named<QPushButton>(panel(scene), QStringLiteral("To read only"))->isEnabled());
    QVERIFY(press(panel(scene), "To read only"));
    asked = scene.workspace->all<api::Propose>();
    QVERIFY(asked.at(1).wish.isReader);
    auto info = removal();
    info.wish = asked[1].wish;
    scene.workspace->tell(decisions({info})); // from now on it is a question to all
    QTRY_VERIFY(!named<QPushButton>(panel(scene), QStringLiteral("To read only")));
    QVERIFY(panel(scene).cardOf(idOf(1))->text().startsWith(
        QStringLiteral("Let Iris Lampou in, to read?")));
}

void DecisionsTest::aDecisionIsKeptAsAFile()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(muchToDecide());
    const QString name =
        QString::fromUtf8("Save as a file: The rule \u201cWe open at eight.\u201d");
    QTRY_VERIFY(named<QPushButton>(panel(scene), name));
    named<QPushButton>(panel(scene), name)->click();
    QTRY_VERIFY(panel(scene).findChild<QFileDialog *>());
    auto *dialog = panel(scene).findChild<QFileDialog *>();
    QVERIFY(dialog->selectedFiles().value(0).endsWith(QStringLiteral("decision-2.nlbd-decision")));
    dialog->reject();
    QVERIFY(scene.workspace->all<api::ReadDecision>().empty());

    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("kept.nlbd-decision"));
    auto *list = panel(scene).findChild<MadeList *>();
    list->saveTo(Epoch(1), path);
    const auto asked = scene.workspace->all<api::ReadDecision>();
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].closed, Epoch(1));
    scene.workspace->tell(api::DecisionRead{Epoch(0), copyOf(bytesOf("of another"))});
    scene.workspace->tell(api::DecisionRead{Epoch(1), copyOf(bytesOf("what was signed"))});
    const auto says = [list](const char *head) {
        return std::ranges::any_of(list->findChildren<QLabel *>(), [head](const QLabel *label) {
            return label->isVisible() && label->text().startsWith(QLatin1String(head));
        });
    };
    QTRY_VERIFY(says("<b>Saved.</b>"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("what was signed"));

    list->saveTo(Epoch(1), folder.filePath(QStringLiteral("nowhere/kept")));
    scene.workspace->tell(api::DecisionRead{Epoch(1), copyOf(bytesOf("what was signed"))});
    QTRY_VERIFY(says("<b>kept was not written.</b>"));
    list->saveTo(Epoch(0), path);
    scene.workspace->tell(api::DecisionRead{Epoch(0), {}});
    QTRY_VERIFY(says("<b>Not saved.</b>"));
}

void DecisionsTest::decisionsAreReachedByKeys()
{
    Scene scene;
    scene.open();
    scene.window->activateWindow();
    QTRY_VERIFY(scene.window->isActiveWindow());
    scene.workspace->tell(decisions({removal()}));
    QTRY_VERIFY(named<QPushButton>(panel(scene), QStringLiteral("Vote against")));
    QTest::keyClick(&scene.window->page(), Qt::Key_D, Qt::ControlModifier);
    QTRY_COMPARE(QApplication::focusWidget()->accessibleName(),
                 QStringLiteral("Vote for: Remove Nikos Petrou?"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget()->accessibleName(),
             QStringLiteral("Vote against: Remove Nikos Petrou?"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(scene.workspace->all<api::Vote>().size(), 1U);
    QVERIFY(!scene.workspace->all<api::Vote>()[0].isYes);
    // The pressed button waits: the focus stays here, also when the card goes.
    QCOMPARE(QApplication::focusWidget()->accessibleName(), QStringLiteral("Decisions"));
    named<QPushButton>(panel(scene), QStringLiteral("Decide later"))->setFocus();
    scene.workspace->tell(decisions({}));
    QTRY_VERIFY(!panel(scene).cardOf(idOf(1)));
    QCOMPARE(QApplication::focusWidget()->accessibleName(), QStringLiteral("Decisions"));
    scene.window->resize(800, 600); // no room: the panel opens as a drawer
    QTRY_VERIFY(!panel(scene).isVisible());
    QTest::keyClick(scene.window.get(), Qt::Key_D, Qt::ControlModifier);
    QVERIFY(panel(scene).isVisible());
    auto *list = scene.window->findChild<PeoplePanel *>()->findChild<QListWidget *>();
    list->setCurrentRow(3);
    QTest::keyClick(list, Qt::Key_Return);
    QTRY_VERIFY(QApplication::activePopupWidget());
    QApplication::activePopupWidget()->close();
}

void DecisionsTest::whatWasDecidedIsListed()
{
    Scene scene;
    scene.open();
    auto event = decisions({});
    for (std::uint32_t i = 0; i < 7; ++i)
        event.made.push_back(decided(6 - i, int(i) + 1, removal().wish,
                                     {MemberIndex(0), MemberIndex(1), MemberIndex(2)}));
    scene.workspace->tell(event);
    const auto rows = [&scene] {
        const auto labels = panel(scene).findChildren<QLabel *>();
        return std::ranges::count_if(labels, [](const QLabel *label) {
            return label->isVisible()
                && label->accessibleName()
                == QStringLiteral("Decided in round 1 by 3 signatures. Signed by Andreas Michas, "
                                  "Thea Kallas, Sofia Orfanou");
        });
    };
    QTRY_COMPARE(rows(), 5);
    QVERIFY(press(panel(scene), "Show all decisions"));
    QTRY_COMPARE(rows(), 7);
}

void DecisionsTest::aProofSuggestsWhatToDo()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    EvidenceWindow &window = *scene.window->evidenceWindow();
    window.show();
    scene.prove(); // a fork: stopped by itself
    QTRY_COMPARE(window.proofCount(), 1U);
    QVERIFY(!named<QPushButton>(window, QStringLiteral("Ask to remove")));
    api::EvidenceInfo proof;
    proof.id = idOf(3);
    proof.code = Code::EV_DOUBLE_VOTE;
    proof.accused = DeviceIndex(3);
    scene.workspace->tell(api::EvidenceFound{{proof}});
    QTRY_COMPARE(window.proofCount(), 2U);
    window.findChild<QListWidget *>()->setCurrentRow(0);
    QTRY_VERIFY(press(window, "Ask to remove Nikos Petrou"));
    QTRY_VERIFY(scene.window->findChild<AskDialog *>()
                && scene.window->findChild<AskDialog *>()->isVisible());
}

void DecisionsTest::isolationIsToldAndEnds()
{
    IsolationWatch watch;
    watch.look(true, 10min);
    watch.look(true, 11min);
    QVERIFY(!watch.minutes());
    watch.look(true, 22min);
    QCOMPARE(watch.minutes()->count(), 12);
    watch.look(false, 23min);
    QVERIFY(!watch.minutes());

    Scene scene;
    scene.workspace->people.people[2].isOnline = false;
    scene.open();
    scene.workspace->tell(decisions({}));
    QTRY_COMPARE(panel(scene).voters().quorum, std::uint16_t(3));
    scene.window->lookAtClock(1min);
    QVERIFY(!scene.window->banners().isVisible());
    scene.window->lookAtClock(13min);
    QCOMPARE(scene.window->banners().shownText(),
             QStringLiteral("Nothing was agreed for 12 min. You hear 2 of 4 who decide, and 3 are "
                            "needed. 6 changes of yours wait here, safe on this computer."));
    scene.workspace->people.people[2].isOnline = true;
    scene.workspace->tell(scene.workspace->people);
    QTRY_VERIFY(!scene.window->banners().isVisible());
}

void DecisionsTest::everyKindHasItsWords()
{
    const words::People people = Scene().workspace->people.people;
    for (int kind = 1; kind <= 12; ++kind) {
        api::Wish wish;
        wish.kind = static_cast<Kind>(kind);
        wish.name = "Iris";
        wish.text = "Be kind";
        for (const QString &text : {words::question(wish, people), words::result(wish, people)}) {
            QVERIFY2(text.size() > 5 && !text.contains(QChar(u'%')), qPrintable(text));
            QVERIFY2(!text.contains(QChar(u'!')), qPrintable(text));
        }
    }
    api::Limits asked;
    QVERIFY(words::limitsChange(asked, {}).isEmpty());
    asked.silentDays = 1; // the same sentence, and a member who sleeps a night is out
    QVERIFY(words::limitsChange(asked, {}).contains(QStringLiteral("silent for 1 day ")));
    QVERIFY(words::protection(1).isEmpty());
    QCOMPARE(words::protection(3), QStringLiteral("3 decide: none may be away or cheat"));
    QCOMPARE(words::protection(7), QStringLiteral("7 decide: 2 may be away or cheat"));
    QVERIFY(words::protectionWarning(5, 4).isEmpty());
    api::EvidenceInfo proof;
    proof.code = Code::EV_FORK;
    QVERIFY(words::suggestion(proof, people).contains(QStringLiteral("copied")));
}

QTEST_MAIN(DecisionsTest)
#include "decisions_test.moc"
