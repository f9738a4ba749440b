#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/base/random.h"
#include "core/crdt/draft.h"
#include "core/crdt/op_codec.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

/// Devices 0 to 3 wrote seqs 1 to 300, device 3 on branches 0 to 2 as well.
class Names final : public ChangeNames, public ChangeResolver {
public:
    [[nodiscard]] ChangeName nameOf(ChangeHandle change) const override
    {
        const std::uint32_t number = change.value - 1;
        return {DeviceIndex(std::uint16_t(number / 300 % 4)), Seq(number % 300 + 1), number / 1200};
    }

    [[nodiscard]] std::optional<ChangeHandle> resolve(const ChangeName &name) const override
    {
        const bool isKnown = name.device.value < 4 && name.seq.value >= 1 && name.seq.value <= 300
            && (name.branch == 0 || (name.device.value == 3 && name.branch <= 2));
        if (!isKnown)
            return std::nullopt;
        return handle(name.device.value, name.seq.value, name.branch);
    }

    [[nodiscard]] static ChangeHandle handle(std::uint32_t device, std::uint64_t seq,
                                             std::uint32_t branch = 0)
    {
        return ChangeHandle(branch * 1200 + device * 300 + std::uint32_t(seq));
    }
};

/// Change (1, 200), the one that the ops under test belong to.
OwnChange ownChange()
{
    return {Names::handle(1, 200), DeviceIndex(1), Seq(200)};
}

Bytes hex(const char *text)
{
    std::string packed(text);
    std::erase(packed, ' ');
    return fromHex(packed).value_or(Bytes{});
}

std::string repeated(std::size_t count)
{
    return std::string(count, 'x');
}

/// Ops of all kinds that refer to all kinds of targets.
Ops randomOps(Random &random)
{
    const ChangeHandle own = ownChange().handle;
    std::uint32_t next = 0;
    const auto target = [&]() -> OpId {
        const auto index = std::uint32_t(random.below(random.below(2) == 0 ? 100 : 100'000));
        switch (random.below(5)) {
        case 0:
            return kRoot;
        case 1:
            return next == 0 ? kRoot : OpId{own, std::uint32_t(random.below(next))};
        case 2:
            return {Names::handle(1, random.below(199) + 1), index};
        case 3:
            return {Names::handle(3, random.below(300) + 1, std::uint32_t(random.below(3))), index};
        default:
            return {Names::handle(std::uint32_t(random.below(2)) * 2, random.below(300) + 1),
                    index};
        }
    };
    const auto side = [&] { return random.below(2) == 0 ? Side::Left : Side::Right; };
    const auto text = [&] { return "k\xC3\xA9y" + repeated(random.below(20)); };
    const auto maybe = [&]() -> std::optional<std::string> {
        return random.below(3) == 0 ? std::nullopt : std::optional(text());
    };
    const auto value = [&](std::uint64_t least) {
        const auto kind = static_cast<Value::Kind>(least + random.below(5 - least));
        return kind == Value::Kind::Text ? Value(text()) : Value(kind);
    };
    const auto any = [&]() -> Op {
        switch (random.below(10)) {
        case 0:
            return SetField{text(), repeated(random.below(200))};
        case 1:
            return DeleteText{target(), std::uint32_t(random.below(1000) + 1)};
        case 2:
            return SetMark{{target(), side()}, {target(), side()}, text(), maybe()};
        case 3:
            return SetAttribute{target(), text(), maybe()};
        case 4:
            return SetField{random.below(3) == 0 ? "" : text(), value(0), target()};
        case 5:
            return InsertItem{target(), target(), side(), value(1)};
        case 6:
            return DeleteItem{target()};
        case 7:
            return Increment{
                target(), static_cast<std::int64_t>(random.below(UINT64_MAX) >> random.below(64))};
        default:
            return InsertText{target(), side(), "\xE2\x82\xAC" + repeated(random.below(5))};
        }
    };
    Ops ops;
    for (std::uint64_t i = random.below(12); i > 0; --i) {
        ops.push_back(any());
        next += idsTakenBy(ops.back());
    }
    return ops;
}

} // namespace

class OpCodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAreScalarsAndOps()
    {
        QCOMPARE(idsTakenBy(Op(InsertText{kRoot, Side::Right, "a\xF0\x9F\x8C\x8D"})), 2U);
        QCOMPARE(idsTakenBy(Op(DeleteText{{ChangeHandle(1), 0}, 50})), 1U);
        QCOMPARE(idsTakenBy(Ops{SetField{"a", "bcd"}, InsertText{kRoot, Side::Right, "xyz"}}), 4U);
    }

    void openChangesJoinTheirOps()
    {
        const ChangeHandle own(7);
        const ChangeHandle other(3);
        Draft draft{own, {}, 0};
        const auto add = [&](Op op) { draft.append(std::move(op)); };
        SetMark bold;
        bold.key = "bold";
        add(InsertText{{other, 4}, Side::Right, "a"});
        add(InsertText{{own, 0}, Side::Right, "\xC3\xA9"});
        add(bold);
        add(InsertText{{own, 1}, Side::Right, "cd"});
        QCOMPARE(draft.next, 4U);
        add(DeleteText{{own, 3}, 1});
        add(bold);
        add(DeleteText{{own, 1}, 2});
        add(DeleteText{{other, 4}, 2});
        add(DeleteText{{other, 6}, 1});
        QCOMPARE(draft.next, 6U);
        add(InsertText{{own, 5}, Side::Left, "e"});
        add(InsertText{{own, 5}, Side::Right, "f"});
        add(SetField{"k", "v"});
        add(SetField{"k", "v"});
        QVERIFY(
            (draft.ops
             == Ops{InsertText{{other, 4},
                               Side::Right,
                               "a\xC3\xA9"
                               "cd"},
                    bold, DeleteText{{own, 1}, 3}, bold, DeleteText{{other, 4}, 3},
                    InsertText{{own, 5}, Side::Left, "e"}, InsertText{{own, 5}, Side::Right, "f"},
                    SetField{"k", "v"}, SetField{"k", "v"}}));
        QCOMPARE(draft.next, idsTakenBy(draft.ops));
        QCOMPARE(draft.nextFormat().index, kFirstFormat + 2);
    }

    /// The bytes of README.md, one form after the other.
    void knownBytes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("which");
        QTest::newRow("no ops") << QByteArray("00") << 0;
        QTest::newRow("hi at the root") << QByteArray("01 04 02 6869") << 1;
        QTest::newRow("own target") << QByteArray("02 04 02 6869 08 02 01 21") << 2;
        QTest::newRow("own device") << QByteArray("01 14 c601 07 01 21") << 3;
        QTest::newRow("other device") << QByteArray("01 19 02 ac02 80808001 04") << 4;
        QTest::newRow("branch") << QByteArray("01 39 03 05 02 09 01") << 5;
        QTest::newRow("field") << QByteArray("01 02 05 7469746c65 02 c3a9") << 6;
        QTest::newRow("bold") << QByteArray("02 04 02 6869 0b 02 09 01 04 626f6c64 01 31") << 7;
        QTest::newRow("no link in all") << QByteArray("01 07 00 04 6c696e6b") << 8;
        QTest::newRow("mark from device to branch")
            << QByteArray("01 17 c601 07 39 03 05 02 09 01 6b 01 78") << 9;
        QTest::newRow("last block") << QByteArray("01 44 05 626c6f636b 04 636f6465") << 10;
        QTest::newRow("attribute cleared")
            << QByteArray("01 58 02 ac02 80808001 04 646f6e65") << 11;
        QTest::newRow("map in a map")
            << QByteArray("03 41 01 61 02 49 01 01 62 01 01 63 41 01 61 00") << 12;
        QTest::newRow("list") << QByteArray(
            "05 41 01 6c 03 4e 01 00 01 78 4a 02 0b 01 49 02 00 02 4b 03")
                              << 13;
        QTest::newRow("counter") << QByteArray(
            "04 41 01 63 04 88 01 01 88 02 8001 88 03 feffffffffffffffff01")
                                 << 14;
    }

    void knownBytes()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, which);
        const ChangeHandle own = ownChange().handle;
        const std::vector<Ops> all{
            {},
            {InsertText{kRoot, Side::Right, "hi"}},
            {InsertText{kRoot, Side::Right, "hi"}, InsertText{{own, 0}, Side::Left, "!"}},
            {InsertText{{Names::handle(1, 2), 7}, Side::Right, "!"}},
            {DeleteText{{Names::handle(2, 300), 0x20'0000}, 4}},
            {DeleteText{{Names::handle(3, 5, 2), 9}, 1}},
            {SetField{"title", "\xC3\xA9"}},
            {InsertText{kRoot, Side::Right, "hi"},
             SetMark{{{own, 0}, Side::Left}, {{own, 1}, Side::Left}, "bold", "1"}},
            {SetMark{{kRoot, Side::Right}, {kRoot, Side::Left}, "link", {}}},
            {SetMark{{{Names::handle(1, 2), 7}, Side::Right},
                     {{Names::handle(3, 5, 2), 9}, Side::Left},
                     "k",
                     "x"}},
            {SetAttribute{kRoot, "block", "code"}},
            {SetAttribute{{Names::handle(2, 300), 0x20'0000}, "done", {}}},
            {SetField{"a", Value(Value::Kind::Map)}, SetField{"b", "c", {own, 0}},
             SetField{"a", Value()}},
            {SetField{"l", Value(Value::Kind::List)}, InsertItem{{own, 0}, kRoot, Side::Right, "x"},
             InsertItem{{own, 0}, {own, 1}, Side::Left, Value(Value::Kind::Counter)},
             SetField{"", Value(Value::Kind::Map), {own, 1}}, DeleteItem{{own, 1}}},
            {SetField{"c", Value(Value::Kind::Counter)}, Increment{{own, 0}, -1},
             Increment{{own, 0}, 64}, Increment{{own, 0}, INT64_MAX}},
        };
        const Bytes expected = hex(bytes.constData());
        const Names names;
        const Ops &ops = all[std::size_t(which)];
        QCOMPARE(toHex(encodeOps(ops, ownChange(), names)), toHex(expected));
        const auto decoded = decodeOps(expected, ownChange(), names);
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == ops);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, const char *bytes, Code code) {
            QTest::newRow(name) << QByteArray(bytes) << int(code);
        };
        row("nothing", "", Code::E_CANON);
        row("cut", "01 04 02 68", Code::E_CANON);
        row("trailing byte", "01 04 02 6869 00", Code::E_CANON);
        row("fewer ops than counted", "02 04 02 6869", Code::E_CANON);
        row("padded count", "8100 04 02 6869", Code::E_CANON);
        row("padded length", "01 04 8200 6869", Code::E_CANON);
        row("varint without end", "ffffffffffffffffffffff", Code::E_CANON);
        row("kind 9", "01 81 02 6869", Code::E_CANON);
        row("kind 15", "01 c3 02 6869", Code::E_CANON);
        row("empty insert", "01 04 00", Code::E_CANON);
        row("not UTF-8", "01 04 02 c328", Code::E_CANON);
        row("surrogate", "01 04 03 eda080", Code::E_CANON);
        row("overlong", "01 04 02 c080", Code::E_CANON);
        row("branch at root", "01 24 02 6869", Code::E_CANON);
        row("branch at own", "02 04 02 6869 28 01 01 21", Code::E_CANON);
        row("branch 0", "01 39 03 05 00 09 01", Code::E_CANON);
        row("distance 0", "02 04 02 6869 08 00 01 21", Code::E_CANON);
        row("seq distance 0", "01 14 00 07 01 21", Code::E_CANON);
        row("own device in the long form", "01 1c 01 02 07 01 21", Code::E_CANON);
        row("length 0", "01 19 02 ac02 04 00", Code::E_CANON);
        row("side of a deletion", "01 1d 02 ac02 04 01 00", Code::E_CANON);
        row("side of a field", "01 06 01 61 01 62", Code::E_CANON);
        row("target of a field", "01 0a 01 61 01 62", Code::E_CANON);
        row("field not UTF-8", "01 02 01 ff 01 62", Code::E_CANON);
        row("4,097 ops", "8120", Code::E_BOUNDS);
        row("count of 2^63", "80808080808080808001", Code::E_BOUNDS);
        row("text of 2^32", "01 04 8080808010 61", Code::E_BOUNDS);
        row("text longer than the input", "01 04 8004 61", Code::E_CANON);
        row("key of 65", "01 02 41", Code::E_BOUNDS);
        row("value of 4,097", "01 02 01 61 8120", Code::E_BOUNDS);
        row("index of 2^32", "01 14 c601 8080808010 01 21", Code::E_BOUNDS);
        row("device of 2^16", "01 1c 808004 05 07 01 21", Code::E_BOUNDS);
        row("length beyond the last index", "01 19 02 ac02 ffffffff0f 01", Code::E_BOUNDS);
        row("own distance beyond the start", "02 04 02 6869 08 03 01 21", Code::E_OP_TARGET);
        row("own seq distance beyond 1", "01 14 c801 07 01 21", Code::E_OP_TARGET);
        row("unknown device", "01 1c 09 05 07 01 21", Code::E_OP_TARGET);
        row("unknown branch", "01 39 03 05 03 09 01", Code::E_OP_TARGET);
        row("seq 0", "01 1c 02 00 07 01 21", Code::E_OP_TARGET);
        row("own name in the long form", "01 1c 01 c801 00 01 21", Code::E_OP_TARGET);
        row("unknown target, then malformed", "02 1c 09 05 07 01 21 07", Code::E_CANON);
        row("unknown target, then too large", "02 1c 09 05 07 01 21 02 41", Code::E_BOUNDS);
    }

    void refusedRich_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, const char *bytes, Code code) {
            QTest::newRow(name) << QByteArray(bytes) << int(code);
        };
        row("kind beside the end of a mark", "01 07 02 01 61", Code::E_CANON);
        row("high bits at the end of a mark", "01 07 40 01 61", Code::E_CANON);
        row("branch at the end of a mark at the root", "01 07 20 01 61", Code::E_CANON);
        row("mark without its value", "01 07 01 01 61", Code::E_CANON);
        row("mark with a value not said", "01 07 00 01 61 01 62", Code::E_CANON);
        row("attribute without its value", "01 44 01 61", Code::E_CANON);
        row("attribute not UTF-8", "01 44 01 61 01 ff", Code::E_CANON);
        row("side of a field in a map", "01 45 01 61 02", Code::E_CANON);
        row("text of the root in the long form", "01 41 01 61 01 01 62", Code::E_CANON);
        row("value of kind 5", "01 41 01 61 05", Code::E_CANON);
        row("no kind of value", "01 41 01 61", Code::E_CANON);
        row("flag beside an item's parent", "02 41 01 6c 03 4e 01 04 01 78", Code::E_CANON);
        row("high bits beside an item's parent", "02 41 01 6c 03 4e 01 80 01 78", Code::E_CANON);
        row("item without text", "02 41 01 6c 03 4e 01 00", Code::E_CANON);
        row("side of a deleted item", "02 41 01 6c 03 4f 01", Code::E_CANON);
        row("side of an increment", "02 41 01 63 04 8c 01 02", Code::E_CANON);
        row("padded increment", "02 41 01 63 04 88 01 8200", Code::E_CANON);
        row("increment of 65 bits", "02 41 01 63 04 88 01 ffffffffffffffffff02", Code::E_CANON);
        row("mark of a long key", "01 07 00 41", Code::E_BOUNDS);
        row("mark of a long value", "01 07 01 01 61 8120", Code::E_BOUNDS);
        row("attribute of a long value", "01 44 01 61 8120", Code::E_BOUNDS);
        row("field in a map of a long value", "02 41 01 61 02 49 01 01 62 01 8120", Code::E_BOUNDS);
        row("item of a long value", "02 41 01 6c 03 4e 01 00 8120", Code::E_BOUNDS);
        row("end of a mark unknown", "01 07 18 09 05 07 01 61", Code::E_OP_TARGET);
        row("parent of an item unknown", "02 41 01 6c 03 4e 01 08 03 01 78", Code::E_OP_TARGET);
        row("unknown list, then malformed", "01 5e 09 05 07 04", Code::E_CANON);
    }

    void refusedRich() { refused(); }

    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        const auto decoded = decodeOps(hex(bytes.constData()), ownChange(), Names());
        QVERIFY(!decoded.has_value());
        QCOMPARE(QByteArray(codeName(decoded.error()).data()),
                 QByteArray(codeName(Code(code)).data()));
    }

    void limitsAreReachable()
    {
        Ops ops(limits::kOpsMax, SetField{"k", ""});
        ops[0] =
            SetField{repeated(limits::kFieldKeyBytesMax), repeated(limits::kFieldValueBytesMax)};
        const Names names;
        Bytes bytes = encodeOps(ops, ownChange(), names);
        QVERIFY(decodeOps(bytes, ownChange(), names) == ops);
        ops.emplace_back(SetField{"k", ""});
        bytes = encodeOps(ops, ownChange(), names);
        QVERIFY(decodeOps(bytes, ownChange(), names) == std::unexpected(Code::E_BOUNDS));
        bytes = encodeOps({InsertText{kRoot, Side::Right, repeated(limits::kDecodedBytesMax)}},
                          ownChange(), names);
        QVERIFY(decodeOps(bytes, ownChange(), names) == std::unexpected(Code::E_BOUNDS));
    }

    /// decode(encode(x)) == x, and whatever bytes are accepted are the ones that encode gives.
    void roundTripAndFlips()
    {
        SeededRandom random(7);
        const Names names;
        std::size_t accepted = 0;
        for (int i = 0; i < 700; ++i) {
            const Ops ops = randomOps(random);
            const Bytes bytes = encodeOps(ops, ownChange(), names);
            const auto decoded = decodeOps(bytes, ownChange(), names);
            QVERIFY(decoded.has_value());
            QVERIFY(*decoded == ops);
            for (std::size_t cut = 0; cut < bytes.size(); ++cut)
                QVERIFY(!decodeOps(ByteView(bytes).first(cut), ownChange(), names).has_value());
            for (int k = 0; k < 40; ++k) {
                Bytes flipped = bytes;
                flipped[random.below(bytes.size())] ^= std::byte(1U << random.below(8));
                const auto other = decodeOps(flipped, ownChange(), names);
                if (!other)
                    continue;
                ++accepted;
                QVERIFY(*other != ops);
                QVERIFY(encodeOps(*other, ownChange(), names) == flipped);
            }
        }
        QVERIFY(accepted > 1000);
    }
};

QTEST_APPLESS_MAIN(OpCodecTest)
#include "op_codec_test.moc"
