#include "ui/editor/pending_edits.h"

#include "core/base/utf8.h"
#include "tests/support/fake_workspace.h"

#include <QTest>

#include <array>
#include <random>

using namespace nlbd;
using testing::FakeWorkspace;

namespace {

/// A view without a widget: a string and the class under test.
struct StringView {
    std::string text;
    ui::PendingEdits pending;
    std::uint64_t number = 0;
    std::deque<api::Event> inbox;

    void take(FakeWorkspace &)
    {
        const api::Event event = inbox.front();
        inbox.pop_front();
        if (const auto *opened = std::get_if<api::DocumentOpened>(&event)) {
            text = opened->text;
            pending.reset();
        } else if (const auto *patched = std::get_if<api::TextPatched>(&event)) {
            applyTo(text,
                    pending.receive(patched->patch, patched->includesSerial, patched->patches));
        } else if (const auto *agreement = std::get_if<api::AgreementChanged>(&event)) {
            pending.acknowledge(agreement->includesSerial);
        }
    }
};

TextPatch randomPatch(std::mt19937 &random, const std::string &text)
{
    static const std::array<std::string, 7> letters{"a",      "b",          "\n", "\u00e9",
                                                    "\u6f22", "\U0001F30D", "xyz"};
    const TextOffset length = utf8::length(text);
    const auto at = static_cast<TextOffset>(random() % (length + 1));
    const auto removed = static_cast<TextOffset>(random() % (std::min(length - at, 4U) + 1));
    const bool adds = removed == 0 || random() % 2 == 0;
    return {at, removed, adds ? letters[random() % letters.size()] : std::string()};
}

} // namespace

class PendingEditsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// View and engine edit at random; messages of both directions are delayed at random but keep
    /// their order. When all have arrived, both hold the same text.
    void viewAndEngineConverge()
    {
        std::mt19937 random(41);
        for (int round = 0; round < 3000; ++round) {
            FakeWorkspace engine;
            const DocIndex doc = engine.addDocument("t", "The room belongs to everyone.");
            StringView view;
            view.number = 7;
            std::deque<api::Command> outbox;
            engine.subscribe([&view](std::vector<api::Event> events) {
                for (api::Event &event : events)
                    view.inbox.push_back(std::move(event));
            });
            engine.submit(api::OpenDocument{doc, view.number});
            while (!view.inbox.empty())
                view.take(engine);
            const int steps = 5 + static_cast<int>(random() % 30);
            for (int step = 0; step < steps; ++step) {
                switch (random() % 6) {
                case 0:
                case 1: {
                    TextPatches patches{randomPatch(random, view.text)};
                    applyTo(view.text, patches);
                    const std::uint64_t base = view.pending.patch();
                    const std::uint64_t serial = view.pending.add(patches);
                    outbox.push_back(api::EditText{doc, view.number, base, serial, patches,
                                                   api::EditText::Cause::Typing});
                    break;
                }
                case 2: {
                    TextPatches patches{randomPatch(random, engine.textOf(doc))};
                    engine.othersEdit(doc, patches);
                    break;
                }
                case 3:
                    if (!outbox.empty()) {
                        engine.submit(outbox.front());
                        outbox.pop_front();
                    }
                    break;
                case 4:
                    if (!view.inbox.empty())
                        view.take(engine);
                    break;
                default:
                    if (random() % 4 == 0)
                        engine.submit(api::Undo{doc});
                    else
                        engine.agreement(doc, {});
                }
            }
            for (const api::Command &command : outbox)
                engine.submit(command);
            while (!view.inbox.empty())
                view.take(engine);
            QCOMPARE(view.text, engine.textOf(doc));
            QCOMPARE(engine.brokenEdits, 0);
        }
    }

    void localTextStandsFirst()
    {
        ui::PendingEdits pending;
        static_cast<void>(pending.add({{3, 0, "k"}}));
        const TextPatches shown = pending.receive(1, 0, {{3, 0, "RRR"}});
        QCOMPARE(shown, (TextPatches{{4, 0, "RRR"}}));
    }

    void confirmedEditsAreForgotten()
    {
        ui::PendingEdits pending;
        static_cast<void>(pending.add({{0, 0, "a"}}));
        static_cast<void>(pending.add({{1, 0, "b"}}));
        pending.acknowledge(1);
        QVERIFY(!pending.isEmpty());
        QCOMPARE(pending.receive(1, 2, {{5, 1, ""}}), (TextPatches{{5, 1, ""}}));
        QVERIFY(pending.isEmpty());
        QCOMPARE(pending.patch(), std::uint64_t{1});
    }

    void placesMoveWithPendingEdits()
    {
        ui::PendingEdits pending;
        static_cast<void>(pending.add({{2, 0, "xyz"}}));
        QCOMPARE(pending.placeInView(2), 2U);
        QCOMPARE(pending.placeInView(3), 6U);
    }
};

QTEST_APPLESS_MAIN(PendingEditsTest)
#include "pending_edits_test.moc"
