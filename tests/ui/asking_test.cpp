#include "tests/ui/decision_scene.h"
#include "tests/ui/window_checks.h"
#include "ui/banner_zone.h"
#include "ui/decisions/ask_dialog.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/people/people_panel.h"
#include "ui/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

using Kind = api::Wish::Kind;

} // namespace

/// What a person asks for from the list of people is confirmed, and reaches the workspace.
class AskingTest : public QObject {
    Q_OBJECT

private:
    static AskDialog *dialogOf(Scene &scene) { return scene.window->findChild<AskDialog *>(); }
    static DecisionsPanel &panel(Scene &scene) { return scene.window->decisions(); }

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }
    void removalIsAskedWithAReason();
    void leavingIsConfirmed();
    void keysAreChangedFromMyRow();
};

void AskingTest::removalIsAskedWithAReason()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    auto *people = scene.window->findChild<PeoplePanel *>();
    QTRY_VERIFY(people->menuFor(scene.workspace->people.people[3]));
    QMenu *menu = people->menuFor(scene.workspace->people.people[3]);
    QCOMPARE(menu->actions().back()->text(), QString::fromUtf8("Ask to remove Nikos Petrou\u2026"));
    menu->actions().back()->trigger();
    QTRY_VERIFY(dialogOf(scene));
    AskDialog &dialog = *dialogOf(scene);
    QTRY_VERIFY(dialog.isVisible());
    QVERIFY(scene.workspace->all<api::Propose>().empty());
    const auto considered = scene.workspace->all<api::Consider>();
    QCOMPARE(considered.size(), 1U);
    scene.workspace->tell(api::Considered{considered[0].request, 4, 3});
    QTRY_VERIFY(std::ranges::any_of(dialog.findChildren<QLabel *>(), [](const QLabel *label) {
        return label->isVisible()
            && label->text().contains(QStringLiteral("4 who decide become 3"));
    }));
    QVERIFY(unnamedControls(dialog).isEmpty());
    named<QLineEdit>(dialog, QStringLiteral("Reason"))->setText(QStringLiteral(" He left  town "));
    QVERIFY(press(dialog, "Ask to remove Nikos Petrou"));
    const auto asked = scene.workspace->all<api::Propose>();
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].wish.kind, Kind::RemoveMember);
    QCOMPARE(asked[0].wish.member, MemberIndex(3));
    QCOMPARE(asked[0].wish.text, std::string("He left town"));
    scene.workspace->tell(api::ProposalAnswered{asked[0].request, Hash(), Code::E_RATE});
    QTRY_VERIFY(std::ranges::any_of(panel(scene).findChildren<QLabel *>(), [](const QLabel *label) {
        return label->isVisible() && label->text().startsWith(QStringLiteral("Three questions"));
    }));
}

void AskingTest::leavingIsConfirmed()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    auto *people = scene.window->findChild<PeoplePanel *>();
    QTRY_VERIFY(people->menuFor(scene.workspace->people.people[0]));
    QMenu *menu = people->menuFor(scene.workspace->people.people[0]);
    menu->actions().back()->trigger();
    QTRY_VERIFY(dialogOf(scene) && dialogOf(scene)->isVisible());
    QVERIFY(press(*dialogOf(scene), "Cancel"));
    QTRY_VERIFY(!dialogOf(scene));
    QVERIFY(scene.workspace->all<api::Propose>().empty());
    people->menuFor(scene.workspace->people.people[0])->actions().back()->trigger();
    QTRY_VERIFY(dialogOf(scene) && dialogOf(scene)->isVisible());
    QVERIFY(press(*dialogOf(scene), "Leave this workspace"));
    QCOMPARE(scene.workspace->all<api::Propose>().at(0).wish.kind, Kind::Leave);
    auto gone = decisions({});
    gone.isMember = false;
    gone.made.push_back(decided(0, 7, scene.workspace->all<api::Propose>()[0].wish, {}));
    scene.workspace->tell(gone);
    QTRY_VERIFY(scene.window->banners().shownText().startsWith(QStringLiteral("You left.")));
    QVERIFY(!named<QPushButton>(*scene.window, QStringLiteral("Invite somebody"))->isEnabled());
}

void AskingTest::keysAreChangedFromMyRow()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    auto *people = scene.window->findChild<PeoplePanel *>();
    QTRY_VERIFY(people->menuFor(scene.workspace->people.people[0]));
    const auto ask = [&](const char *entry, const char *button) {
        const auto entries = people->menuFor(scene.workspace->people.people[0])->actions();
        const auto it = std::ranges::find(entries, QString::fromUtf8(entry), &QAction::text);
        if (it == entries.end())
            return false;
        (*it)->trigger();
        return QTest::qWaitFor([&] { return dialogOf(scene) && dialogOf(scene)->isVisible(); })
            && press(*dialogOf(scene), button) && QTest::qWaitFor([&] { return !dialogOf(scene); });
    };
    QVERIFY(ask("New key for this computer\u2026", "Draw a new key"));
    QVERIFY(ask("Ask to change the workspace's key\u2026", "Ask to change the key"));
    const auto asked = scene.workspace->all<api::Propose>();
    QCOMPARE(asked.size(), 2U);
    QCOMPARE(asked[0].wish.kind, Kind::TurnKey);
    QCOMPARE(asked[1].wish.kind, Kind::NewKey);
}

QTEST_MAIN(AskingTest)
#include "asking_test.moc"
