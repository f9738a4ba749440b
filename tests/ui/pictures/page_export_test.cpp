#include "tests/ui/pictures/pictures.h"
#include "tests/ui/scene.h"
#include "ui/banner_zone.h"
#include "ui/objects/embed.h"

#include <QDir>
#include <QTemporaryDir>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::Embed;
using State = api::AttachmentInfo::State;
using Why = api::AttachmentFailed::Why;

/// Pages that go to files of Markdown, with pictures beside them.
class PageExportTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    /// What is attached, and what comes when somebody reads it; nothing: it is not here.
    struct Attached {
        std::uint8_t number;
        const char *name;
        std::optional<QByteArray> content;
    };

    /// A page of one paragraph for each picture.
    static void fill(Scene &scene, const std::vector<Attached> &all)
    {
        DocumentView &view = openWith(scene, "Title\n" + std::string(all.size(), '\n'));
        std::vector<api::AttachmentInfo> infos;
        TextOffset at = 6;
        for (const Attached &each : all) {
            const Embed embed{Embed::Kind::Picture, 0, blobOf(each.number), {64, 48}};
            scene.workspace->othersEdit(scene.charter, {{at, 0, "\uFFFC"}},
                                        {{{at, at + 1, {{"embed", ui::valueOf(embed)}}}}, {}});
            at += 2;
            infos.push_back(infoOf(scene.charter, blobOf(each.number), each.name,
                                   each.content ? State::Here : State::Elsewhere));
        }
        QTRY_VERIFY(view.looks().at(at - 2).contains("embed"));
        scene.workspace->tell(api::AttachmentsChanged{infos});
        scene.settle();
    }

    /// Exports, answers all questions, and tells what the file holds.
    QString exported(Scene &scene, const std::vector<Attached> &all, const QString &name)
    {
        const QString path = m_folder.filePath(name);
        scene.window->banners().remove(ui::BannerZone::About::File);
        std::size_t answered = scene.workspace->all<api::ReadAttachment>().size();
        scene.window->exportTo(path);
        const auto isTold = [&] {
            return scene.window->banners().shownText().contains(QStringLiteral("Exported"));
        };
        const auto step = [&] {
            const auto asked = scene.workspace->all<api::ReadAttachment>();
            for (; answered < asked.size(); ++answered) {
                const auto &question = asked[answered];
                const auto found = std::ranges::find_if(all, [&](const Attached &each) {
                    return blobOf(each.number) == question.blob;
                });
                if (found != all.end() && found->content)
                    scene.workspace->tell(api::AttachmentRead{question.request, question.blob,
                                                              asBytes(*found->content)});
                else
                    scene.workspace->tell(
                        api::AttachmentRead{question.request, question.blob, {}, Why::NotHere});
            }
            return isTold();
        };
        QFile file(path);
        if (!QTest::qWaitFor(step, 20'000) || !file.open(QIODevice::ReadOnly))
            return QStringLiteral("nothing was written");
        return QString::fromUtf8(file.readAll());
    }

    [[nodiscard]] QStringList filesIn(const QString &name) const
    {
        return QDir(m_folder.filePath(name)).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    [[nodiscard]] QByteArray contentOf(const QString &name) const
    {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void picturesAreBesideTheText()
    {
        Scene scene;
        const QByteArray sea = encoded(stripes({64, 48}));
        const QByteArray sky = encoded(stripes({32, 48}), "JPEG");
        const std::vector<Attached> all{
            {1, "sea.png", sea}, {2, "sky.jpeg", sky}, {3, "far.png", std::nullopt}};
        fill(scene, all);
        QCOMPARE(exported(scene, all, QStringLiteral("Log.md")),
                 QStringLiteral("# Title\n\n![sea](<Log pictures/sea.png>)\n\n"
                                "![sky](<Log pictures/sky.jpg>)\n\n\\[picture: far.png\\]\n"));
        QCOMPARE(filesIn(QStringLiteral("Log pictures")),
                 QStringList({QStringLiteral("sea.png"), QStringLiteral("sky.jpg")}));
        QCOMPARE(contentOf(QStringLiteral("Log pictures/sea.png")), sea); // as it was attached
        QCOMPARE(contentOf(QStringLiteral("Log pictures/sky.jpg")), sky);
        const QString told = scene.window->banners().shownText();
        QVERIFY2(told.contains(QStringLiteral("Log pictures"))
                     && told.contains(QStringLiteral("One picture is not on this computer")),
                 qPrintable(told));
        // Once more: what is there already is the same, and is left as it is.
        exported(scene, all, QStringLiteral("Log.md"));
        QCOMPARE(filesIn(QStringLiteral("Log pictures")).size(), 2);
    }

    void aFileThatIsThereIsNotWrittenOver()
    {
        Scene scene;
        const QByteArray mine = encoded(stripes({64, 48}));
        const std::vector<Attached> all{{1, "sea.png", mine}};
        fill(scene, all);
        QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("Old pictures")));
        QFile old(m_folder.filePath(QStringLiteral("Old pictures/sea.png")));
        QVERIFY(old.open(QIODevice::WriteOnly) && old.write("older") == 5);
        old.close();
        QVERIFY(exported(scene, all, QStringLiteral("Old.md"))
                    .contains(QStringLiteral("![sea](<Old pictures/sea 2.png>)")));
        QCOMPARE(contentOf(QStringLiteral("Old pictures/sea.png")), QByteArray("older"));
        QCOMPARE(contentOf(QStringLiteral("Old pictures/sea 2.png")), mine);
    }

    /// Names and files come from others.
    void hostileFilesAndNames()
    {
        Scene scene;
        const QByteArray sea = encoded(stripes({64, 48}));
        const QByteArray sky = encoded(stripes({32, 48}));
        const std::vector<Attached> all{{1, "../../run.desktop", sea},
                                        {2, "same.png", sea},
                                        {3, "same.png", sky},
                                        {4, "no.png", QByteArray("#!/bin/sh\n")},
                                        {5, "a](x) 100%#<b>.png", sky}};
        fill(scene, all);
        const QString text = exported(scene, all, QStringLiteral("Bad.md"));
        const QStringList files = filesIn(QStringLiteral("Bad pictures"));
        QCOMPARE(files.size(), 4);
        for (const QString &file : files)
            QVERIFY2(file.endsWith(QStringLiteral(".png")), qPrintable(file));
        QVERIFY(files.contains(QStringLiteral("same.png")));
        QVERIFY(files.contains(QStringLiteral("same 2.png")));
        QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("../run.desktop"))));
        QVERIFY2(text.contains(QStringLiteral("\\[picture: no.png\\]")), qPrintable(text));
        QCOMPARE(text.count(QStringLiteral("![")), 4);
        QVERIFY2(text.contains(QStringLiteral("![a\\](x) 100%#")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("100%25%23")), qPrintable(text));
    }

    void textAloneNamesThem()
    {
        Scene scene;
        const std::vector<Attached> all{{1, "sea.png", encoded(stripes({64, 48}))}};
        fill(scene, all);
        QCOMPARE(exported(scene, all, QStringLiteral("Plain.txt")),
                 QStringLiteral("Title\n[picture: sea.png]\n"));
        QVERIFY(!QDir(m_folder.filePath(QStringLiteral("Plain pictures"))).exists());
    }

    /// The words are there all the same.
    void aDiskThatRefusesPicturesKeepsTheText()
    {
        Scene scene;
        const std::vector<Attached> all{{1, "sea.png", encoded(stripes({64, 48}))}};
        fill(scene, all);
        QFile inTheWay(m_folder.filePath(QStringLiteral("Shut pictures")));
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        QCOMPARE(exported(scene, all, QStringLiteral("Shut.md")),
                 QStringLiteral("Title\n[picture: sea.png]\n")); // has no looks then
    }
};

QTEST_MAIN(PageExportTest)
#include "page_export_test.moc"
