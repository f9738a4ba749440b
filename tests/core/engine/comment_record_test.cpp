#include "core/engine/comment_record.h"

#include <QTest>

using namespace nlbd;

/// How comments are written down.
class CommentRecordTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keysAndWordsAreReadBack();
    void othersKeysAndWordsAreNone_data();
    void othersKeysAndWordsAreNone();
};

void CommentRecordTest::keysAndWordsAreReadBack()
{
    const engine::CommentKey thread{{MemberIndex(7), 0x0123'4567'89ABULL}, std::nullopt};
    QCOMPARE(engine::encodeKey(thread), "comment:00070123456789ab");
    QVERIFY(engine::decodeKey("comment:00070123456789ab") == thread);
    const engine::CommentKey message{thread.thread, api::CommentId{MemberIndex(65'535), 1}};
    QCOMPARE(engine::encodeKey(message), "comment:00070123456789ab:ffff000000000001");
    QVERIFY(engine::decodeKey(engine::encodeKey(message)) == message);
    const api::CommentWords words{"Thea, \xC3\xA9 and\nNikos",
                                  {{0, 4, MemberIndex(2)}, {12, 5, MemberIndex(300)}}};
    QCOMPARE(engine::encodeWords(words), "0+4=2,12+5=300\nThea, \xC3\xA9 and\nNikos");
    QVERIFY(engine::decodeWords(engine::encodeWords(words)) == words);
    const api::CommentWords plain{"\n", {}};
    QVERIFY(engine::decodeWords(engine::encodeWords(plain)) == plain);
    api::CommentWords longest{std::string(api::CommentWords::kTextBytesMax, 'x'), {}};
    for (TextOffset i = 0; i < api::CommentWords::kMentionsMax; ++i)
        longest.mentions.push_back({2'000 + i * 20, 10, MemberIndex(65'535)});
    QVERIFY(engine::decodeWords(engine::encodeWords(longest)) == longest);
}

void CommentRecordTest::othersKeysAndWordsAreNone_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isKey");
    const std::vector<const char *> keys{"",
                                         "comment:",
                                         "comment",
                                         "comment:7",
                                         "comment:00070123456789AB",
                                         "comment:00070123456789a",
                                         "comment:00070123456789abc",
                                         "comment:00070123456789ab:",
                                         "comment:00070123456789ab:ffff00000000000",
                                         "comment:00070123456789ab:ffff00000000000g",
                                         "comment:00070123456789ab:ffff000000000001:",
                                         "comment:00070123456789ab-ffff000000000001",
                                         "bold:00070123456789ab"};
    for (const char *key : keys)
        QTest::addRow("key %s", key) << QByteArray(key) << true;
    const std::vector<const char *> values{"",
                                           "no line",
                                           "\n",
                                           "0+1=2",
                                           "0+0=2\nab",
                                           "0+3=2\nab",
                                           "2+1=2\nab",
                                           "-1+1=2\nab",
                                           "1+1=2,0+1=3\nab",
                                           "0+1=2;1+1=3\nab",
                                           "0+1=99999\nab",
                                           "4294967295+4294967295=1\nab",
                                           "0+1\nab",
                                           "0+1=\nab",
                                           " 0+1=2\nab",
                                           "0+2=1,1+1=2\nab"};
    for (std::size_t i = 0; i < values.size(); ++i)
        QTest::addRow("value %zu", i) << QByteArray(values[i]) << false;
    QTest::newRow("too long") << QByteArray("\n")
            + QByteArray(api::CommentWords::kTextBytesMax + 1, 'x')
                              << false;
    QByteArray many;
    for (int i = 0; i < 33; ++i)
        many += QByteArray::number(i) + "+1=0,";
    many.chop(1);
    QTest::newRow("too many") << many + "\n" + QByteArray(100, 'x') << false;
}

void CommentRecordTest::othersKeysAndWordsAreNone()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isKey);
    if (isKey)
        QVERIFY(!engine::decodeKey(text.toStdString()));
    else
        QVERIFY(!engine::decodeWords(text.toStdString()));
}

QTEST_GUILESS_MAIN(CommentRecordTest)
#include "comment_record_test.moc"
