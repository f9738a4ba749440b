#include "core/base/codec.h"
#include "core/base/codes.h"
#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/base/utf8.h"

#include <QTest>

using namespace nlbd;

class BaseTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void hexAndBase64RoundTrip();
    void varintsAreMinimal_data();
    void varintsAreMinimal();
    void readerFailsOnceAndForAll();
    void blobsAreCheckedBeforeMemoryIsTaken();
    void utf8_data();
    void utf8();
    void scalarsAreCounted();
    void wordsOfUtf8AreAsItsBytes();
    void domainsSeparate();
    void digestIsBlake2bWithPersonalisation();
    void seededRandomRepeats();
    void belowIsUniform();
    void codesHaveNames();
};

void BaseTest::hexAndBase64RoundTrip()
{
    SeededRandom random(1);
    for (std::size_t length = 0; length < 70; ++length) {
        Bytes bytes(length);
        random.fill(bytes);
        QCOMPARE(fromHex(toHex(bytes)), std::optional(bytes));
        QCOMPARE(fromBase64Url(toBase64Url(bytes)), std::optional(bytes));
    }
    for (const char *bad : {"0", "zz", "0g", "00 "})
        QVERIFY(!fromHex(bad));
    for (const char *bad : {"A", "A*AA", "AA==", "AAAA\n"})
        QVERIFY(!fromBase64Url(bad));
}

void BaseTest::varintsAreMinimal_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isGood");
    QTest::addColumn<quint64>("value");
    QTest::newRow("zero") << QByteArray::fromHex("00") << true << quint64(0);
    QTest::newRow("127") << QByteArray::fromHex("7f") << true << quint64(127);
    QTest::newRow("128") << QByteArray::fromHex("8001") << true << quint64(128);
    QTest::newRow("largest") << QByteArray::fromHex("ffffffffffffffffff01") << true
                             << quint64(UINT64_MAX);
    QTest::newRow("padded zero") << QByteArray::fromHex("8000") << false << quint64(0);
    QTest::newRow("padded one") << QByteArray::fromHex("818000") << false << quint64(0);
    QTest::newRow("overflow") << QByteArray::fromHex("ffffffffffffffffff02") << false << quint64(0);
    QTest::newRow("eleven bytes") << QByteArray::fromHex("ffffffffffffffffffff01") << false
                                  << quint64(0);
    QTest::newRow("cut short") << QByteArray::fromHex("80") << false << quint64(0);
    QTest::newRow("empty") << QByteArray() << false << quint64(0);
}

void BaseTest::varintsAreMinimal()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, isGood);
    QFETCH(quint64, value);
    const ByteView view =
        std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    Reader in(view);
    QCOMPARE(in.varint(), value);
    QCOMPARE(in.done(), isGood);
    if (!isGood)
        return;
    Writer out;
    out.varint(value);
    QVERIFY(std::ranges::equal(out.bytes(), view));
    Reader bounded(view);
    static_cast<void>(bounded.varint(value == 0 ? 0 : value - 1));
    QCOMPARE(bounded.ok(), value == 0);
}

void BaseTest::readerFailsOnceAndForAll()
{
    const Bytes bytes{std::byte{1}, std::byte{2}, std::byte{3}};
    Reader in(bytes);
    QCOMPARE(int(in.u16()), 0x0201);
    QCOMPARE(in.u32(), 0U);
    QVERIFY(!in.ok());
    QCOMPARE(int(in.u8()), 0); // the byte that was left is not read any more
    QVERIFY(!in.done());
}

void BaseTest::blobsAreCheckedBeforeMemoryIsTaken()
{
    Writer out;
    out.varint(UINT64_MAX);
    Reader in(out.bytes());
    QVERIFY(in.blob(SIZE_MAX).empty());
    QVERIFY(!in.ok());
    Writer small;
    small.blob(Bytes(10));
    Reader bounded(small.bytes());
    QVERIFY(bounded.blob(9).empty());
    QVERIFY(!bounded.ok());
}

void BaseTest::utf8_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isValid");
    QTest::newRow("ascii") << QByteArray("abc") << true;
    QTest::newRow("four widths") << QByteArray("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") << true;
    QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << false;
    QTest::newRow("overlong three") << QByteArray("\xE0\x80\xAF") << false;
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << false;
    QTest::newRow("beyond unicode") << QByteArray("\xF4\x90\x80\x80") << false;
    QTest::newRow("lone continuation") << QByteArray("\x80") << false;
    QTest::newRow("cut short") << QByteArray("\xF0\x9F\x98") << false;
    QTest::newRow("byte ff") << QByteArray("\xFF") << false;
}

void BaseTest::utf8()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isValid);
    QCOMPARE(utf8::isValid({text.constData(), static_cast<std::size_t>(text.size())}), isValid);
}

void BaseTest::scalarsAreCounted()
{
    const std::string text = "a\u00e9\u20ac\U0001F600z";
    QCOMPARE(utf8::length(text), 5U);
    QCOMPARE(utf8::bytePosition(text, 3), std::size_t(6));
    QCOMPARE(utf8::bytePosition(text, 9), text.size());
    QCOMPARE(std::string(utf8::slice(text, 1, 2)), std::string("\u00e9\u20ac"));
}

/// Texts of all lengths, with what is no ASCII and no UTF-8 anywhere in them: eight bytes at a time
/// find what Qt finds, and what one at a time do.
void BaseTest::wordsOfUtf8AreAsItsBytes()
{
    const std::string pieces[] = {"a",  "\u00e9",      "\u20ac", "\U0001F600", "plain ",
                                  "\n", "plain words", "\x80",   "\xE2\x82",   "\xF8"};
    SeededRandom random(7);
    for (int round = 0; round < 20'000; ++round) {
        const std::size_t kinds = round % 3 == 0 ? std::size(pieces) : std::size(pieces) - 3;
        std::string text;
        for (std::size_t count = random.below(24); count > 0; --count)
            text += pieces[random.below(kinds)];
        const QByteArray bytes = QByteArray::fromStdString(text);
        TextOffset length = 0;
        const bool isValid = utf8::isValid(text, length);
        QCOMPARE(isValid, QString::fromUtf8(bytes).toUtf8() == bytes);
        if (!isValid)
            continue;
        QCOMPARE(length, utf8::length(text));
        std::size_t scalars = 0;
        for (std::size_t at = 0; at < text.size(); ++at)
            if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U)
                QCOMPARE(utf8::bytePosition(text, static_cast<TextOffset>(scalars++)), at);
        QCOMPARE(std::size_t(length), scalars);
        QCOMPARE(utf8::bytePosition(text, length), text.size());
    }
}

void BaseTest::domainsSeparate()
{
    const Bytes bytes(5);
    QVERIFY(digest(domains::kChange, bytes) != digest(domains::kAck, bytes));
    QVERIFY(digest(domains::kChange, bytes)
            == digest(domains::kChange, {ByteView(bytes).first(2), ByteView(bytes).subspan(2)}));
    const ByteArray<32> key{};
    QVERIFY(keyedDigest(domains::kNonce, key, {bytes}) != digest(domains::kNonce, bytes));
}

void BaseTest::digestIsBlake2bWithPersonalisation()
{
    // python3: hashlib.blake2b(b"abc", digest_size=32, person=b"rt1.change".ljust(16,
    // b"\0")).hexdigest()
    QCOMPARE(digest(domains::kChange, bytesOf("abc")).hex(),
             std::string("7b5999f6163b99e1b62b921eb354783fe63e5c4c1c21c90d5447ae97ba3faff2"));
}

void BaseTest::seededRandomRepeats()
{
    SystemRandom().fill({}); // nothing is a length as well
    SeededRandom a(7);
    SeededRandom b(7);
    SeededRandom c(8);
    Bytes x(1000);
    Bytes y(1000);
    a.fill(x);
    for (std::size_t i = 0; i < y.size(); i += 10)
        b.fill(std::span(y).subspan(i, 10)); // however it is cut
    QCOMPARE(x, y);
    QVERIFY(c.next64() != SeededRandom(7).next64());
}

void BaseTest::belowIsUniform()
{
    SeededRandom random(5);
    std::array<int, 6> counts{};
    for (int i = 0; i < 60'000; ++i)
        ++counts[random.below(6)];
    for (const int count : counts) // 10,000 expected; over seven standard deviations
        QVERIFY(count > 9300 && count < 10'700);
}

void BaseTest::codesHaveNames()
{
    for (int number = 0; number < 256; ++number) {
        const auto code = codeFromNumber(static_cast<std::uint8_t>(number));
        if (code)
            QVERIFY(codeFromName(codeName(*code)) == code);
    }
    QVERIFY(codeFromName("E_SIG") == Code::E_SIG);
    QVERIFY(!codeFromName("E_NOTHING"));
}

QTEST_APPLESS_MAIN(BaseTest)
#include "base_test.moc"
