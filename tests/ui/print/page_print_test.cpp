#include "tests/ui/scene.h"
#include "ui/page_tools.h"
#include "ui/print/page_print.h"
#include "ui/theme.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextList>

using namespace nlbd;
using namespace nlbd::testing;
using ui::BlockStyle;
using ui::PageLooks;
using ui::PrintJob;

/// What comes out on paper reads as what stands on the page.
class PagePrintTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    static PrintJob rich()
    {
        PrintJob job;
        job.title = QStringLiteral("Charter & <rules>");
        const QString text = QString::fromUtf8("Charter\nLamps\nfirst\ninner\nsecond\ndone\nopen\ns"
                                               "aid\ncode  here\n\u03b3\u03b9\u03b1 "
                                               "bold link\n\nend");
        job.pieces = {text.left(7), text.mid(7)};
        job.looks.assign(text.size());
        const auto block = [&](int line, const Attributes &attributes) {
            qsizetype at = -1;
            for (int i = 0; i <= line; ++i)
                at = text.indexOf(u'\n', at + 1);
            job.looks.set(at, at + 1, attributes);
        };
        block(1, {{"block", "h1"}});
        block(2, {{"block", "bullet"}});
        block(3, {{"block", "bullet"}, {"indent", "1"}});
        block(4, {{"block", "bullet"}});
        block(5, {{"block", "task"}, {"done", "1"}});
        block(6, {{"block", "task"}});
        block(7, {{"block", "quote"}});
        block(8, {{"block", "code"}});
        block(10, {{"block", "divider"}});
        const qsizetype bold = text.indexOf(QStringLiteral("bold"));
        job.looks.set(bold, bold + 4, {{"bold", "1"}});
        const qsizetype link = text.indexOf(QStringLiteral("link"));
        job.looks.set(link, link + 4, {{"link", "https://example.org"}});
        return job;
    }
    static QStringList wordsOf(const QString &text)
    {
        return text.split(QRegularExpression(QStringLiteral("[^\\w&<>]+"),
                                             QRegularExpression::UseUnicodePropertiesOption),
                          Qt::SkipEmptyParts);
    }
    [[nodiscard]] QString readBack(const QString &file) const
    {
        QProcess reader;
        reader.start(QStringLiteral("pdftotext"),
                     {QStringLiteral("-layout"), file, QStringLiteral("-")});
        if (!reader.waitForFinished(30'000) || reader.exitCode() != 0)
            return {};
        return QString::fromUtf8(reader.readAllStandardOutput());
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Dark); } // paper is white all the same

    void blocksAndMarksAreLaid()
    {
        QTextDocument document;
        ui::layForPrint(rich(), document);
        QCOMPARE(document.blockCount(), 12);
        const auto fontOf = [&](int block) {
            return document.findBlockByNumber(block).begin().fragment().charFormat().font();
        };
        QVERIFY(fontOf(0).bold()); // the title
        QVERIFY(fontOf(1).pointSizeF() > fontOf(9).pointSizeF());
        const QTextBlock inner = document.findBlockByNumber(3);
        QVERIFY(inner.textList());
        QCOMPARE(inner.textList()->format().indent(), 2);
        QCOMPARE(document.findBlockByNumber(2).textList(),
                 document.findBlockByNumber(4).textList());
        QCOMPARE(document.findBlockByNumber(5).blockFormat().marker(),
                 QTextBlockFormat::MarkerType::Checked);
        QCOMPARE(document.findBlockByNumber(6).blockFormat().marker(),
                 QTextBlockFormat::MarkerType::Unchecked);
        QVERIFY(!document.findBlockByNumber(7).textList());
        QVERIFY(document.findBlockByNumber(7).blockFormat().leftMargin() > 0);
        QVERIFY(document.findBlockByNumber(10).blockFormat().hasProperty(
            QTextFormat::BlockTrailingHorizontalRulerWidth));
        for (QTextBlock block = document.begin(); block.isValid(); block = block.next())
            for (auto it = block.begin(); !it.atEnd(); ++it)
                QVERIFY(ui::contrast(it.fragment().charFormat().foreground().color(), Qt::white)
                        > 4.5);
    }

    void aPdfReadsAsThePage()
    {
        // A reader of PDF that is not Qt's own; packaging/packages/test.txt brings it.
        if (QStandardPaths::findExecutable(QStringLiteral("pdftotext")).isEmpty())
            QSKIP("poppler-utils is not installed");
        const PrintJob job = rich();
        const QString path = m_folder.filePath(QStringLiteral("rich.pdf"));
        std::optional<QString> sentence;
        ui::writePdf(path, job, this, [&sentence](const QString &told) { sentence = told; });
        QTRY_VERIFY_WITH_TIMEOUT(sentence.has_value(), 30'000);
        QCOMPARE(*sentence, QString());
        const QString back = readBack(path);
        QCOMPARE(wordsOf(back),
                 wordsOf(job.title + QChar(u'\n') + job.pieces.join(QString())
                         + QStringLiteral("\n1 of 1")));
        QVERIFY(back.contains(QStringLiteral("Charter & <rules>")));
    }

    void manySheetsHaveNumbers()
    {
        // A reader of PDF that is not Qt's own; packaging/packages/test.txt brings it.
        if (QStandardPaths::findExecutable(QStringLiteral("pdftotext")).isEmpty())
            QSKIP("poppler-utils is not installed");
        PrintJob job;
        job.title = QStringLiteral("Long");
        QString text;
        for (int i = 0; i < 3000; ++i)
            text += QStringLiteral("line%1 of a text that takes many sheets of paper\n").arg(i);
        job.pieces = {text};
        job.looks.assign(text.size());
        const QString path = m_folder.filePath(QStringLiteral("long.pdf"));
        std::optional<QString> sentence;
        ui::writePdf(path, job, this, [&sentence](const QString &told) { sentence = told; });
        QTRY_VERIFY_WITH_TIMEOUT(sentence.has_value(), 60'000);
        QCOMPARE(*sentence, QString());
        const QString back = readBack(path);
        const qsizetype sheets = back.count(QChar(u'\f'));
        QVERIFY(sheets > 40);
        QVERIFY(back.contains(QStringLiteral("1 of %1").arg(sheets)));
        QVERIFY(back.contains(QStringLiteral("%1 of %1").arg(sheets)));
        QCOMPARE(back.count(QStringLiteral("Long")), sheets);
        for (const int line : {0, 1499, 2999})
            QCOMPARE(back.count(QStringLiteral("line%1 of").arg(line)), 1);
        QCOMPARE(back.count(QStringLiteral("sheets")), 3000); // none is cut between two sheets
    }

    void theWindowWritesOne()
    {
        Scene scene;
        scene.open();
        const QString path = m_folder.filePath(QStringLiteral("window.pdf"));
        QStringList told;
        connect(&scene.window->pageTools(), &ui::PageTools::told, this,
                [&told](const QString &sentence) { told.append(sentence); });
        scene.window->pageTools().exportPdf(path);
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, 30'000);
        QVERIFY(told[0].contains(QStringLiteral("Exported")));
        QVERIFY(QFile(path).size() > 1000);
        scene.window->pageTools().exportPdf(m_folder.filePath(QStringLiteral("no/where.pdf")));
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 2, 30'000);
        QVERIFY(told[1].contains(QStringLiteral("Your text is safe")));
    }
};

QTEST_MAIN(PagePrintTest)
#include "page_print_test.moc"
