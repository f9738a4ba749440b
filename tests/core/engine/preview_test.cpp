#include "tests/support/small_group.h"

#include "core/gossip/message.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;
using nlbd::testing::typed;

namespace {

/// What a view shows: its text, and what it draws of others' typing.
struct Window {
    std::string text; ///< without its own edits
    std::uint64_t patch = 0;
    std::map<DeviceIndex, api::CaretMoved::Preview> previews;
    std::map<DeviceIndex, TextOffset> carets;

    void take(const std::vector<api::Event> &events)
    {
        for (const api::Event &event : events) {
            if (const auto *opened = std::get_if<api::DocumentOpened>(&event)) {
                text = opened->text;
                previews.clear();
            } else if (const auto *patched = std::get_if<api::TextPatched>(&event)) {
                applyTo(text, patched->patches);
                patch = patched->patch;
            } else if (const auto *moved = std::get_if<api::CaretMoved>(&event)) {
                previews.erase(moved->device);
                carets.erase(moved->device);
                if (moved->place)
                    carets[moved->device] = moved->place->caret;
                if (moved->preview)
                    previews[moved->device] = *moved->preview;
            }
        }
    }
    /// The text with the previews in it.
    [[nodiscard]] std::string seen() const
    {
        std::string all = text;
        for (const auto &[device, preview] : previews)
            applyTo(all, {{preview.at, 0, preview.text}});
        return all;
    }
};

/// Two or more people with one document open at all of them.
struct Table {
    explicit Table(std::size_t people, const std::string &text = {})
        : group(people)
        , windows(people)
    {
        group.subscribe(0);
        group.submit(0, api::CreateDocument{7, "Charter", text});
        doc = group.at(0).snapshot().documents.front().doc;
        group.run(2s);
        for (std::size_t i = 0; i < people; ++i) {
            if (i > 0)
                group.subscribe(i);
            group.submit(i, api::OpenDocument{doc, 1});
        }
        look();
    }
    void look()
    {
        for (std::size_t i = 0; i < windows.size(); ++i)
            windows[i].take(group.takeEvents(i));
    }
    void pass(Millis time)
    {
        group.run(time);
        look();
    }
    void type(std::size_t who, std::uint64_t serial, TextOffset at, std::string text,
              TextOffset removed = 0)
    {
        group.submit(who, typed(doc, serial, at, std::move(text), removed, windows[who].patch));
        pass(20ms);
    }
    [[nodiscard]] std::size_t changes(std::size_t at) { return group.at(at).snapshot().changes; }

    /// What person 0 would say while this is being typed at the start.
    [[nodiscard]] gossip::Presence previewing(std::uint64_t counter, std::string text)
    {
        gossip::Presence presence;
        presence.session = 1;
        presence.counter = counter;
        presence.preview = {{nextSeq(), {}, std::move(text)}};
        return presence;
    }

    /// A presence of person 0, signed, as it may come to person 1.
    void send(gossip::Presence presence, std::optional<std::size_t> signer = 0)
    {
        presence.device = group.at(0).me();
        presence.doc = doc;
        presence.isPresent = true;
        if (signer)
            presence.signature =
                scheme.sign(group.device(*signer), domains::kPresence,
                            group.at(0).configuration().workspace, presence.hash());
        group.step(1, engine::FrameIn{group.sessionWith(1, 0), 0x1C, gossip::encode(presence)});
        look();
    }
    [[nodiscard]] std::vector<Code> refused(std::size_t at)
    {
        std::vector<Code> codes;
        for (const api::Refusal &refusal : group.at(at).refusals())
            codes.push_back(refusal.code);
        return codes;
    }
    /// The seq that person 0's next change will have.
    [[nodiscard]] Seq nextSeq()
    {
        Seq seq(1);
        while (!group.at(0).graph().at(group.at(0).me(), seq).empty())
            seq = seq.next();
        return seq;
    }

    SmallGroup group;
    std::vector<Window> windows;
    DocIndex doc;
    identity::Ed25519 scheme;
};

} // namespace

/// Live typing: what others see of keys that are in no change yet (PROTOCOL C19).
class PreviewTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aKeyIsSeenBeforeItsChangeAndOnlyOnce();
    void itStandsWhereItWillBe();
    void itGoesWithTheChangeAndNotBefore();
    void whatIsTakenBackIsNotSeen();
    void aSignedChangeIsSeenWhileTheDiskIsSlow();
    void linesEndIt();
    void pastesHaveNone();
    void twoPeopleTypeAtOnce();
    void itGoesWithTheCaretAndTheLink();
    void aStillCaretOfManyIsSaidSeldom();
    void lateAndRepeatedOnesAreIgnored();
    void forgedOnesAreRefused();
    void malformedOnesAreRefused();
    void tooManyAreDropped();
    void disputedDevicesHaveNone();
    void whoGoesIsSeenNoMore();
    void itComesToNoText();
    void inLargeGroupsOnlyReadersGetIt();
};

void PreviewTest::aKeyIsSeenBeforeItsChangeAndOnlyOnce()
{
    Table table(3, "ab");
    table.type(0, 1, 2, "1"); // signed at once
    const std::size_t before = table.changes(1);
    table.type(0, 2, 3, "2");
    QCOMPARE(table.changes(1), before);
    for (const std::size_t other : {1, 2}) {
        QCOMPARE(table.windows[other].text, std::string("ab1"));
        QCOMPARE(table.windows[other].seen(), std::string("ab12"));
    }
    table.type(0, 3, 4, "3");
    QCOMPARE(table.windows[1].seen(), std::string("ab123"));
    QCOMPARE(table.windows[1].text, std::string("ab1"));
    for (int i = 0; i < 30; ++i) {
        table.pass(20ms);
        QCOMPARE(table.windows[1].seen(), std::string("ab123")); // no flicker, no letter twice
    }
    QCOMPARE(table.windows[1].text, std::string("ab123"));
    QVERIFY(table.windows[1].previews.empty());
    QVERIFY(table.group.cuts(1).empty());
}

void PreviewTest::itStandsWhereItWillBe()
{
    Table table(2, "abcd");
    table.type(0, 1, 4, "!");
    table.type(0, 2, 2, "x");
    table.type(0, 3, 3, "y");
    QCOMPARE(table.windows[1].previews.size(), 1U);
    QCOMPARE(table.windows[1].previews.begin()->second, (api::CaretMoved::Preview{2, "xy"}));
    QCOMPARE(table.windows[1].carets.begin()->second, 2U);
    QCOMPARE(table.windows[1].seen(), std::string("abxycd!"));
    table.pass(1s);
    QCOMPARE(table.windows[1].text, std::string("abxycd!"));
    QCOMPARE(table.windows[1].carets.begin()->second, 4U);
}

void PreviewTest::itGoesWithTheChangeAndNotBefore()
{
    Table table(2, "ab");
    table.type(0, 1, 2, "1");
    table.type(0, 2, 3, "2");
    // In one delivery: first the text, then the preview that lacks it.
    static_cast<void>(table.group.takeEvents(1));
    std::vector<api::Event> delivery;
    const std::size_t before = table.changes(1);
    while (table.changes(1) == before) {
        table.group.run(20ms);
        delivery = table.group.takeEvents(1);
    }
    const auto patched = std::ranges::find_if(delivery, [](const api::Event &event) {
        return std::holds_alternative<api::TextPatched>(event);
    });
    QVERIFY(patched != delivery.end());
    QVERIFY(std::ranges::none_of(delivery.begin(), patched, [](const api::Event &event) {
        return std::holds_alternative<api::CaretMoved>(event);
    }));
    QVERIFY(std::ranges::any_of(patched, delivery.end(), [](const api::Event &event) {
        const auto *moved = std::get_if<api::CaretMoved>(&event);
        return moved != nullptr && !moved->preview;
    }));
}

void PreviewTest::whatIsTakenBackIsNotSeen()
{
    Table table(2, "ab");
    table.type(0, 1, 2, "1");
    table.type(0, 2, 3, "2");
    table.type(0, 3, 4, "3");
    table.type(0, 4, 4, "", 1);
    QCOMPARE(table.windows[1].seen(), std::string("ab12"));
    table.type(0, 5, 3, "", 1);
    QCOMPARE(table.windows[1].seen(), std::string("ab1"));
    QVERIFY(table.windows[1].previews.empty());
}

void PreviewTest::aSignedChangeIsSeenWhileTheDiskIsSlow()
{
    Table table(2, "ab");
    table.group.setDiskSlow(0, true);
    table.type(0, 1, 2, "1");
    table.pass(500ms);
    QCOMPARE(table.windows[1].text, std::string("ab"));
    QCOMPARE(table.windows[1].seen(), std::string("ab1"));
    table.type(0, 2, 3, "2");
    table.pass(500ms);
    table.type(0, 3, 4, "3");
    QCOMPARE(table.windows[1].seen(), std::string("ab123"));
    QCOMPARE(table.windows[1].text, std::string("ab"));
    // I go elsewhere meanwhile: what I typed stays to be seen.
    table.group.submit(0, api::MoveCaret{table.doc, 1, 0, 3, 1, 1});
    table.pass(300ms);
    QCOMPARE(table.windows[1].carets.begin()->second, 1U);
    QCOMPARE(table.windows[1].seen(), std::string("ab123"));
    table.group.setDiskSlow(0, false);
    table.look();
    QCOMPARE(table.windows[1].seen(), std::string("ab123"));
    for (int i = 0; i < 30; ++i) {
        table.pass(20ms);
        QCOMPARE(table.windows[1].seen(), std::string("ab123"));
    }
    QCOMPARE(table.windows[1].text, std::string("ab123"));
}

void PreviewTest::linesEndIt()
{
    Table table(2, "ab");
    table.type(0, 1, 2, "1");
    table.type(0, 2, 3, "2\nthree");
    QCOMPARE(table.windows[1].previews.begin()->second, (api::CaretMoved::Preview{3, "2"}));
    table.pass(1s);
    QCOMPARE(table.windows[1].text, std::string("ab12\nthree"));
    QVERIFY(table.group.cuts(1).empty());
}

void PreviewTest::pastesHaveNone()
{
    Table table(2, "ab");
    table.group.setDiskSlow(0, true);
    table.type(0, 1, 2, std::string(limits::kPreviewBytesMax + 1, 'x'));
    QVERIFY(table.windows[1].previews.empty());
    table.group.setDiskSlow(0, false);
    table.pass(1s);
    QCOMPARE(table.windows[1].text.size(), limits::kPreviewBytesMax + 3);
    QVERIFY(table.group.cuts(1).empty());
}

void PreviewTest::twoPeopleTypeAtOnce()
{
    Table table(3, "ab");
    table.type(0, 1, 1, "x");
    table.type(1, 1, 3, "y");
    for (std::uint64_t key = 2; key < 12; ++key) {
        // Each types after his own letters; the bases are what the window has applied.
        for (const std::size_t who : {0U, 1U}) {
            table.look();
            const std::string text = table.group.at(who).text(table.doc).value();
            const auto at = static_cast<TextOffset>(text.rfind(who == 0 ? 'x' : 'y') + 1);
            api::EditText edit = typed(table.doc, key, at, who == 0 ? "x" : "y");
            edit.basePatch = table.windows[who].patch;
            table.group.submit(who, edit);
        }
        table.pass(20ms);
        const auto count = [&](std::size_t who, char letter) {
            return std::ranges::count(table.windows[who].seen(), letter);
        };
        QCOMPARE(count(2, 'x'), static_cast<std::ptrdiff_t>(key));
        QCOMPARE(count(2, 'y'), static_cast<std::ptrdiff_t>(key));
    }
    table.pass(2s);
    QCOMPARE(table.windows[2].text, std::string("axxxxxxxxxxxbyyyyyyyyyyy"));
    QVERIFY(table.windows[2].previews.empty());
}

void PreviewTest::itGoesWithTheCaretAndTheLink()
{
    for (const bool isCut : {true, false}) {
        Table table(2, "ab");
        table.group.setDiskSlow(0, true);
        table.type(0, 1, 2, "1");
        QCOMPARE(table.windows[1].seen(), std::string("ab1"));
        if (isCut)
            table.group.cut(0, 1);
        else
            table.group.submit(0, api::CloseDocument{table.doc, 1});
        table.pass(300ms);
        QCOMPARE(table.windows[1].seen(), std::string("ab"));
    }
    // A caret of which nothing is heard any more: the link is up, and silent.
    Table table(2, "ab");
    gossip::Presence presence = table.previewing(1, "ghostly");
    table.send(presence);
    table.pass(limits::kCaretLife - 1s);
    QCOMPARE(table.windows[1].seen(), std::string("ghostlyab"));
    table.pass(2s);
    QCOMPARE(table.windows[1].seen(), std::string("ab"));
}

void PreviewTest::aStillCaretOfManyIsSaidSeldom()
{
    Table table(limits::kCaretsOftenMax + 2);
    table.type(0, 1, 0, "1");
    table.pass(1s);
    int said = 0;
    table.group.setFilter([&said](std::size_t from, std::size_t to, std::uint8_t kind, Bytes &) {
        const bool isCaret = kind == static_cast<std::uint8_t>(gossip::Kind::Presence);
        said += isCaret && from == 0 && to == 1 ? 1 : 0;
        return true;
    });
    table.pass(limits::kCaretLifeOfMany);
    QVERIFY(said >= 2 && said <= 3);
    QVERIFY(table.windows[1].carets.contains(DeviceIndex(0)));
}

void PreviewTest::lateAndRepeatedOnesAreIgnored()
{
    Table table(2, "ab");
    gossip::Presence presence = table.previewing(5, "x");
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("xab"));
    presence.counter = 6;
    presence.preview.front().text = "xy";
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("xyab"));
    for (const std::uint64_t old : {6U, 5U, 4U}) { // replayed, and overtaken on the way
        presence.counter = old;
        presence.preview.front().text = "old";
        table.send(presence);
        QCOMPARE(table.windows[1].seen(), std::string("xyab"));
    }
    // A preview of what is held: its change was faster.
    presence.counter = 7;
    presence.preview = {{Seq(1), {}, "ab"}};
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("ab"));
    // Its anchor is not held yet: not drawn, and what was drawn goes.
    presence.counter = 8;
    const gossip::Presence::Anchor far{false, table.group.at(0).me(), Seq(99), 0, true};
    presence.caret = presence.other = far;
    presence.preview = {{Seq(100), far, "far"}};
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("ab"));
    QVERIFY(table.group.cuts(1).empty());
    QVERIFY(table.refused(1).empty());
}

void PreviewTest::forgedOnesAreRefused()
{
    Table table(2, "ab");
    gossip::Presence presence = table.previewing(1, "forged");
    table.send(presence, 1); // in the name of 0, with the key of another
    QCOMPARE(table.refused(1), std::vector<Code>{Code::E_SIG});
    QCOMPARE(table.group.cuts(1), std::vector<Code>{Code::E_SIG});
    QCOMPARE(table.windows[1].seen(), std::string("ab"));
}

void PreviewTest::malformedOnesAreRefused()
{
    for (const auto &[text, code] : {std::pair(std::string("a\xFF"), Code::E_CANON),
                                     {std::string("a\nb"), Code::E_CANON},
                                     {std::string("\xE2\x80\xAE"), Code::E_CANON},
                                     {std::string(600, 'x'), Code::E_BOUNDS},
                                     {std::string(9000, 'x'), Code::E_BOUNDS}}) {
        Table table(2, "ab");
        gossip::Presence presence = table.previewing(1, text);
        table.send(presence);
        QCOMPARE(table.refused(1), std::vector<Code>{code});
        QCOMPARE(table.group.cuts(1), std::vector<Code>{code});
        QCOMPARE(table.windows[1].seen(), std::string("ab"));
    }
}

void PreviewTest::tooManyAreDropped()
{
    Table table(2, "ab");
    gossip::Presence presence;
    presence.session = 1;
    for (std::size_t i = 1; i <= limits::kPresenceBurst + 50; ++i) {
        presence.counter = i;
        presence.preview = {{table.nextSeq(), {}, std::to_string(i)}};
        table.send(presence);
    }
    QVERIFY(std::ranges::count(table.refused(1), Code::E_RATE) >= 1);
    QVERIFY(table.group.cuts(1).empty());
    QCOMPARE(table.windows[1].seen(), std::to_string(limits::kPresenceBurst) + "ab");
}

void PreviewTest::disputedDevicesHaveNone()
{
    Table table(4, "ab");
    gossip::Presence presence = table.previewing(1, "x");
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("xab"));
    table.group.proveFork(0, 1);
    table.look();
    QCOMPARE(table.windows[1].seen(), std::string("ab"));
    presence.counter = 2;
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("ab"));
}

void PreviewTest::whoGoesIsSeenNoMore()
{
    constexpr std::size_t kGone = 3;
    Table table(4);
    table.type(kGone, 1, 0, "bye");
    table.pass(300ms);
    const DeviceIndex gone = table.group.at(kGone).me();
    QVERIFY(table.windows[0].carets.contains(gone));
    api::Wish wish;
    wish.kind = api::Wish::Kind::RemoveMember;
    wish.member = MemberIndex(kGone);
    table.group.submit(0, api::Propose{1, wish});
    table.pass(200ms);
    const auto open = table.group.at(0).decisions().open;
    QCOMPARE(open.size(), std::size_t(1));
    for (const std::size_t voter : {1, 2})
        table.group.submit(voter, api::Vote{1, open.front().id, true});
    for (int i = 0; i < 100 && table.group.at(0).configuration().epoch == Epoch(0); ++i)
        table.pass(50ms); // far less than a caret lives
    QCOMPARE(table.group.at(0).configuration().epoch, Epoch(1));
    QVERIFY(!table.windows[0].carets.contains(gone));
}

void PreviewTest::itComesToNoText()
{
    Table table(2, "ab");
    const Hash root = table.group.at(1).snapshot().frontierRoot;
    const auto rows = table.group.disk(1).load()->changes.size();
    gossip::Presence presence = table.previewing(1, "x");
    table.send(presence);
    QCOMPARE(table.windows[1].seen(), std::string("xab"));
    table.group.submit(1, api::Undo{table.doc});
    table.pass(3s);
    QCOMPARE(table.group.at(1).text(table.doc), std::optional<std::string>("ab"));
    QVERIFY(table.group.at(1).snapshot().frontierRoot == root);
    QCOMPARE(table.group.disk(1).load()->changes.size(), rows);
}

void PreviewTest::inLargeGroupsOnlyReadersGetIt()
{
    constexpr std::size_t kPeople = limits::kFullMeshMax + 2;
    Table table(kPeople, "ab");
    table.group.submit(1, api::MoveCaret{table.doc, 1, 0, 0, 0, 0});
    table.pass(300ms);
    table.group.setDiskSlow(0, true);
    table.group.submit(0, typed(table.doc, 1, 2, "1"));
    table.pass(20ms);
    QCOMPARE(table.windows[1].seen(), std::string("ab1"));
    QCOMPARE(table.windows[2].seen(), std::string("ab")); // never moved a caret there
    table.group.setDiskSlow(0, false);
    table.pass(3s);
    for (std::size_t i = 1; i < kPeople; ++i) {
        QCOMPARE(table.windows[i].text, std::string("ab1"));
        QVERIFY(table.windows[i].previews.empty());
    }
}

QTEST_APPLESS_MAIN(PreviewTest)
#include "preview_test.moc"
