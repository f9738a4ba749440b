#include "tests/ui/pictures/pictures.h"
#include "ui/objects/embed.h"
#include "ui/pictures/picture_shelf.h"

#include <QTest>
#include <QTextCharFormat>

#include <random>

using namespace nlbd;
using namespace nlbd::testing;
using ui::Embed;
using ui::PictureShelf;
using State = PictureShelf::State;

namespace {

/// CRC-32 of a part of a PNG file, as it stands behind it.
QByteArray sumOf(const QByteArray &part)
{
    std::uint32_t sum = 0xFFFFFFFF;
    for (const char byte : part) {
        sum ^= static_cast<std::uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xEDB88320 : 0);
    }
    sum = ~sum;
    QByteArray bytes(4, 0);
    for (int i = 0; i < 4; ++i)
        bytes[i] = static_cast<char>(sum >> (24 - 8 * i));
    return bytes;
}

} // namespace

/// What others may write into the attribute of a picture, and into its file.
class HostilePicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void attributesSayWhatIsMeant_data()
    {
        const QString hash(64, QChar(u'7'));
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("isPicture");
        QTest::newRow("a picture") << QStringLiteral("image:%1:640x480").arg(hash) << true;
        QTest::newRow("upper case")
            << QStringLiteral("image:%1:1x30000").arg(hash.toUpper()) << true;
        QTest::newRow("no size") << QStringLiteral("image:%1").arg(hash) << false;
        QTest::newRow("no height") << QStringLiteral("image:%1:640x").arg(hash) << false;
        QTest::newRow("nothing") << QStringLiteral("image:%1:0x480").arg(hash) << false;
        QTest::newRow("less") << QStringLiteral("image:%1:-640x480").arg(hash) << false;
        QTest::newRow("too much") << QStringLiteral("image:%1:30001x480").arg(hash) << false;
        QTest::newRow("more than a number")
            << QStringLiteral("image:%1:99999999999999999999x1").arg(hash) << false;
        QTest::newRow("a tail") << QStringLiteral("image:%1:640x480 ").arg(hash) << false;
        QTest::newRow("no hash") << QStringLiteral("image::640x480") << false;
        QTest::newRow("short") << QStringLiteral("image:77:640x480") << false;
        QTest::newRow("no hex") << QStringLiteral("image:%1:640x480").arg(QString(64, u'g'))
                                << false;
        QTest::newRow("cross before colon") << QStringLiteral("image:x:") << false;
    }
    void attributesSayWhatIsMeant()
    {
        QFETCH(QString, value);
        QFETCH(bool, isPicture);
        const auto embed = ui::embedOf(Attributes{{"embed", value.toStdString()}});
        QVERIFY(embed.has_value());
        QCOMPARE(embed->kind == Embed::Kind::Picture, isPicture);
        if (!isPicture)
            return;
        QCOMPARE(ui::embedOf(Attributes{{"embed", ui::valueOf(*embed)}}), embed);
        QTextCharFormat format;
        ui::putEmbed(format, *embed);
        QCOMPARE(ui::embedOf(format), *embed);
    }

    void hostileFilesAreNoPictures_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("state");
        const QByteArray png = encoded(stripes({40, 30}));
        QByteArray huge = png; // says that it is 60,000 by 60,000, with the right sum behind it
        for (const int at : {16, 20})
            huge.replace(at, 4, QByteArray::fromHex("0000EA60"));
        huge.replace(29, 4, sumOf(huge.mid(12, 17)));
        QTest::newRow("a picture") << png << int(State::Ready);
        QTest::newRow("another") << encoded(stripes({40, 30}), "JPG") << int(State::Ready);
        QTest::newRow("nothing") << QByteArray() << int(State::Broken);
        QTest::newRow("words") << QByteArray("hello") << int(State::Broken);
        QTest::newRow("a program that draws")
            << QByteArray("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>")
            << int(State::Broken);
        QTest::newRow("huge") << huge << int(State::TooLarge);
        QTest::newRow("cut") << png.left(30) << int(State::Broken);
    }
    void hostileFilesAreNoPictures()
    {
        QFETCH(QByteArray, content);
        QFETCH(int, state);
        const auto decoded = PictureShelf::decode(content, {20, 20});
        QCOMPARE(int(decoded.state), state);
        QCOMPARE(decoded.image.isNull(), state != int(State::Ready));
        if (!decoded.image.isNull())
            QCOMPARE(decoded.image.size(), QSize(20, 15));
    }

    void noBytesMakeItCrash()
    {
        std::mt19937 random(7);
        const QByteArray whole = encoded(stripes({32, 32}));
        for (int i = 0; i < 300; ++i) {
            QByteArray bytes = whole;
            for (int k = 0; k < 4; ++k)
                bytes[static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size()))] =
                    static_cast<char>(random());
            static_cast<void>(PictureShelf::decode(bytes, {16, 16}));
        }
    }
};

QTEST_MAIN(HostilePicturesTest)
#include "hostile_pictures_test.moc"
