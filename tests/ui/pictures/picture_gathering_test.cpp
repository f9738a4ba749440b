#include "tests/ui/pictures/pictures.h"
#include "tests/ui/scene.h"
#include "ui/objects/embed.h"
#include "ui/page_tools.h"
#include "ui/pictures/picture_gathering.h"
#include "ui/workspace_bridge.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::Embed;
namespace paper = ui::paper;
using Why = api::AttachmentFailed::Why;

/// The pictures of a text, read for paper.
class PictureGatheringTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

private Q_SLOTS:
    /// Also those that nobody has looked at; what is not here is told in words.
    void allOfThemComeOnPaper()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n" + std::string(200, '\n') + "\n\n");
        const auto put = [&](TextOffset at, std::uint8_t number) {
            const Embed embed{Embed::Kind::Picture, 0, blobOf(number), {64, 48}};
            scene.workspace->othersEdit(scene.charter, {{at, 0, "\uFFFC"}},
                                        {{{at, at + 1, {{"embed", ui::valueOf(embed)}}}}, {}});
        };
        put(203, 5);
        put(205, 6);
        QTRY_VERIFY(view.looks().at(205).contains("embed"));
        scene.workspace->tell(api::AttachmentsChanged{
            {infoOf(scene.charter, blobOf(5), "sea.png", api::AttachmentInfo::State::Here),
             infoOf(scene.charter, blobOf(6), "sky.png", api::AttachmentInfo::State::Elsewhere)}});
        scene.settle();
        QVERIFY(scene.workspace->all<api::ReadAttachment>().empty());

        QStringList told;
        connect(&scene.window->pageTools(), &ui::PageTools::told, this,
                [&told](const QString &sentence) { told.append(sentence); });
        const QString path = m_folder.filePath(QStringLiteral("pictures.pdf"));
        scene.window->pageTools().exportPdf(path);
        const auto asked = [&] { return scene.workspace->all<api::ReadAttachment>(); };
        QTRY_COMPARE(asked().size(), std::size_t{1});
        scene.workspace->tell(
            api::AttachmentRead{asked()[0].request, asked()[0].blob, {}, Why::Busy});
        QTRY_COMPARE(asked().size(), std::size_t{2}); // again
        QVERIFY(asked()[1].blob == blobOf(5));
        scene.workspace->tell(api::AttachmentRead{asked()[1].request, asked()[1].blob,
                                                  asBytes(encoded(stripes({64, 48})))});
        QTRY_COMPARE(asked().size(), std::size_t{3});
        QVERIFY(asked()[2].blob == blobOf(6));
        QVERIFY(told.isEmpty());
        scene.workspace->tell(
            api::AttachmentRead{asked()[2].request, asked()[2].blob, {}, Why::NotHere});
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, 30'000);
        QVERIFY(told[0].contains(QStringLiteral("Exported")));
        const auto outputOf = [&](const QString &program, const QStringList &arguments) {
            QProcess process;
            process.start(program, arguments);
            return process.waitForFinished(30'000) ? process.readAllStandardOutput() : QByteArray();
        };
        // Readers of PDF that are not Qt's own; packaging/packages/test.txt brings both.
        if (QStandardPaths::findExecutable(QStringLiteral("pdfimages")).isEmpty())
            QSKIP("needs pdfimages and pdftotext to read the file back");
        const QByteArray images =
            outputOf(QStringLiteral("pdfimages"), {QStringLiteral("-list"), path});
        QCOMPARE(images.count("image "), qsizetype{1});
        const QByteArray text = outputOf(QStringLiteral("pdftotext"), {path, QStringLiteral("-")});
        QVERIFY(!text.contains("sea.png"));
        QVERIFY(text.contains("[picture: sky.png]"));
    }

    void nonePromptlyTellsSo()
    {
        const auto workspace = std::make_shared<FakeWorkspace>();
        ui::WorkspaceBridge bridge(workspace);
        bridge.start();
        QObject parent;
        std::optional<std::size_t> told;
        paper::gather(
            bridge, DocIndex(0), {},
            [&told](const paper::Pictures &pictures) { told = pictures.size(); }, &parent);
        QVERIFY(!told);
        QTRY_VERIFY(told.has_value());
        QCOMPARE(*told, std::size_t{0});
    }

    void manyShareTheMemory()
    {
        const auto workspace = std::make_shared<FakeWorkspace>();
        ui::WorkspaceBridge bridge(workspace);
        bridge.start();
        QObject parent;
        std::vector<Hash> blobs;
        for (std::uint8_t i = 1; i <= 30; ++i)
            blobs.push_back(blobOf(i));
        std::optional<paper::Pictures> told;
        paper::gather(
            bridge, DocIndex(0), blobs,
            [&told](paper::Pictures pictures) { told = std::move(pictures); }, &parent);
        const Bytes large = asBytes(encoded(stripes({2'000, 1'500})));
        for (std::size_t i = 0; i < blobs.size(); ++i) {
            const auto asked = [&] { return workspace->all<api::ReadAttachment>(); };
            QTRY_COMPARE(asked().size(), i + 1);
            workspace->tell(api::AttachmentRead{asked()[i].request, asked()[i].blob, large});
        }
        QTRY_VERIFY(told.has_value());
        QCOMPARE(told->size(), blobs.size());
        qint64 pixels = 0;
        for (const auto &[blob, image] : *told)
            pixels += qint64{image.width()} * image.height();
        QVERIFY(pixels > 0 && pixels <= paper::kPixelsMax);
    }
};

QTEST_MAIN(PictureGatheringTest)
#include "picture_gathering_test.moc"
