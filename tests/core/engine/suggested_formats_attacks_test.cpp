#include "tests/support/hostile.h"
#include "tests/support/suggesting_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Table = nlbd::testing::SuggestingTable;
using Format = api::Suggestion::Format;
using api::Verdict;

#define SHOWN(table, text) QCOMPARE(QString::fromStdString((table).shownToAll()), QString(text))
#define LOOKS(table, text) QCOMPARE(QString::fromStdString((table).looksToAll()), QString(text))

namespace {

const AttributeChanges kBold{{"bold", "1"}};

/// Three people, and a member who is none and signs what no engine writes.
struct Malory : Table {
    static constexpr std::size_t kSeat = 3;

    explicit Malory(std::string text = "one two")
        : Table(4, std::move(text))
        , configuration(group.genesis().genesis.configuration())
        , pen({configuration, scheme, group.device(kSeat), DeviceIndex(kSeat), group.key()})
    {
        for (std::size_t i = 0; i < kSeat; ++i)
            group.cut(i, kSeat); // her own engine is out of it
        views.pop_back();
    }
    /// From one letter of the text to another.
    [[nodiscard]] static crdt::SetMark markOver(std::uint32_t from, std::uint32_t to,
                                                std::string key, std::optional<std::string> value)
    {
        const auto letter = [](std::uint32_t i) { // the name of the document is set first
            return crdt::OpId{ChangeHandle(1), i + 1};
        };
        return {{letter(from), crdt::Side::Left},
                {letter(to), crdt::Side::Right},
                std::move(key),
                std::move(value)};
    }
    /// Over "one".
    void mark(std::string key, std::optional<std::string> value,
              history::ChangeKind kind = history::ChangeKind::Edit)
    {
        sign({markOver(0, 2, std::move(key), std::move(value))}, kind);
    }
    void sign(const crdt::Ops &ops, history::ChangeKind kind = history::ChangeKind::Edit)
    {
        pen.takeAll(group.disk(1).load()->changes);
        const hostile::Record record = pen.appendOver(ops, doc, group.now().wall, kind);
        for (std::size_t i = 0; i < kSeat; ++i) {
            group.join(i, kSeat);
            const hostile::Frame frame = hostile::changesFrame({record});
            group.step(i, engine::FrameIn{group.sessionWith(i, kSeat), frame.kind, frame.body});
            QVERIFY(group.at(i).graph().find(record.hash) != ChangeHandle());
            group.cut(i, kSeat);
        }
        settle();
    }

    identity::Ed25519 scheme;
    identity::Configuration configuration;
    hostile::Pen pen;
};

} // namespace

/// What a member signs who wants formats to be suggested that nobody suggested, or not to be.
class SuggestedFormatsAttacksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatNoEngineWrites();
    void inAnothersNameByUndo();
    void placesInAnothersGroup();
};

void SuggestedFormatsAttacksTest::whatNoEngineWrites()
{
    Malory table;
    for (const char *key :
         {"styled:3.1:quoted", "styled:3.1:comment:x", "styled:3.1:added:3.1", "styled:3.1:embed",
          "styled:3.1:", "styled:3.1", "styled:", "styled:03.1:bold", "styled:3.1:bold:bold",
          "styled::bold", "styled:3:bold", "styled:0.1:bold", "styled:3.1:kept"})
        table.mark(key, "=1");
    for (const char *value : {"1", "", "--", "- ", "-=", " =1"})
        table.mark("styled:3.1:bold", value);
    SHOWN(table, "one two");
    LOOKS(table, "one two");
    table.mark("styled:3.1:bold", "=1"); // it is a suggestion of hers as soon as it is well formed
    SHOWN(table, "[~one~] two");
    QCOMPARE(table.views[0].suggestions.front().member, MemberIndex(3));
    table.mark("styled:3.1:block", "=" + std::string(4'095, 'x'));
    table.decideAll(0, Verdict::Accepted);
    table.settle();
    SHOWN(table, "one two");
    QCOMPARE(table.views[1].letters().front().attributes.at("bold"), std::string("1"));
    QCOMPARE(table.views[1].last().at("block"), std::string(4'095, 'x'));
}

/// Who takes something back may set again what was set, and nothing else.
void SuggestedFormatsAttacksTest::inAnothersNameByUndo()
{
    Malory table;
    table.format(0, 4, 7, {{"link", "https://a"}});
    table.settle();
    SHOWN(table, "one [~two~]");
    const std::string key = "styled:" + table.views[0].suggestions.front().group + ":";
    table.mark(key + "link", "=https://evil", history::ChangeKind::Undo);
    table.mark(key + "bold", "=1", history::ChangeKind::Undo);
    table.mark(key + "link", "=https://evil");
    SHOWN(table, "one [~two~]");
    for (const auto &view : table.views)
        QVERIFY(view.suggestions.front().formats == std::vector<Format>({{"link", "https://a"}}));
}

/// Who claims another's group fills no list of it.
void SuggestedFormatsAttacksTest::placesInAnothersGroup()
{
    Malory table(std::string(60, '.'));
    table.format(0, 0, 1, kBold);
    table.settle();
    const std::string key = "styled:" + table.views[0].suggestions.front().group + ":bold";
    crdt::Ops ops;
    for (std::uint32_t from = 2; from < 50; ++from)
        for (std::uint32_t to = from; to < 50; ++to)
            ops.emplace_back(Malory::markOver(from, to, key, "=1"));
    QVERIFY(ops.size() > 1'000);
    for (const std::size_t part : {0U, 1U, 2U})
        table.sign({ops.begin() + static_cast<std::ptrdiff_t>(part * ops.size() / 3),
                    ops.begin() + static_cast<std::ptrdiff_t>((part + 1) * ops.size() / 3)});
    table.format(0, 55, 56, kBold);
    table.settle();
    SHOWN(table, "[~.~]" + QString(54, u'.') + "[~.~]" + QString(4, u'.'));
    QCOMPARE(table.views[1].suggestions.size(), 1U); // of the same group
}

QTEST_GUILESS_MAIN(SuggestedFormatsAttacksTest)
#include "suggested_formats_attacks_test.moc"
