#include "tests/ui/pictures/pictures.h"
#include "tests/ui/scene.h"
#include "ui/banner_zone.h"
#include "ui/clipboard/clip.h"
#include "ui/editor/past_page.h"
#include "ui/history/history_window.h"
#include "ui/history/page_history.h"
#include "ui/insert/insert_menu.h"
#include "ui/objects/page_objects.h"
#include "ui/page_parts.h"
#include "ui/pictures/page_pictures.h"
#include "ui/pictures/picture_shelf.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QMenu>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTextBlock>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::Embed;

/// Pictures on a page: how they come there, are drawn, and are told where they cannot be.
class PagePicturesTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    QString fileOf(const QString &name, const QByteArray &content)
    {
        const QString path = m_folder.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            return {};
        return path;
    }
    static ui::PageObjects &objectsOf(DocumentView &view)
    {
        return *view.findChild<ui::PageObjects *>();
    }
    static ui::PagePictures &picturesOf(DocumentView &view)
    {
        return *view.findChild<ui::PagePictures *>();
    }
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    /// The engine has attached what was submitted last.
    static void attach(Scene &scene, const Hash &blob)
    {
        const auto command = scene.workspace->all<api::AttachFile>().back();
        const std::string name = command.file.substr(command.file.rfind('/') + 1);
        scene.workspace->tell(api::AttachmentsChanged{
            {infoOf(command.doc, blob, name.c_str(), api::AttachmentInfo::State::Here)}});
        scene.workspace->tell(api::FileAttached{command.doc, blob, name});
        scene.settle();
    }
    /// What the engine would answer to all that were asked.
    static void answer(Scene &scene, const QByteArray &content)
    {
        for (const auto &asked : scene.workspace->all<api::ReadAttachment>())
            scene.workspace->tell(api::AttachmentRead{asked.request, asked.blob, asBytes(content)});
    }
    static void shot(DocumentView &view, const QString &name)
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        QVERIFY(view.window()->grab().save(QStringLiteral("%1/pictures-%2.png").arg(folder, name)));
    }
    static bool hasColour(const QImage &image, const QColor &colour)
    {
        for (int y = 0; y < image.height(); y += 3)
            for (int x = 0; x < image.width(); x += 3)
                if (image.pixelColor(x, y) == colour)
                    return true;
        return false;
    }
    /// A page of "Title", "ab" and an empty line, with a picture at that place.
    static DocumentView &openPicture(Scene &scene, const std::string &value, TextOffset at = 7)
    {
        DocumentView &view = openWith(scene, "Title\nab\n");
        scene.workspace->othersEdit(scene.charter, {{at, 0, "\uFFFC"}},
                                    {{{at, at + 1, {{"embed", value}}}}, {}});
        static_cast<void>(QTest::qWaitFor([&] { return view.looks().at(at).contains("embed"); },
                                          Scene::kPatienceMs));
        return view;
    }

private Q_SLOTS:
    void initTestCase()
    {
        ui::applyTheme(ui::Appearance::Light);
        QVERIFY(m_folder.isValid());
    }

    void aFileThatIsDroppedIsSeen()
    {
        const QString path = fileOf(QStringLiteral("lamps.png"), encoded(stripes({300, 200})));
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nab\ncd");
        const auto before = scene.workspace->all<api::EditText>().size();
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        place(view, 7, 7); // within "ab", which stays whole
        picturesOf(view).take(mime);
        QTRY_COMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t{1});
        QCOMPARE(scene.workspace->all<api::AttachFile>()[0].file, path.toStdString());
        QCOMPARE(held(scene), QStringLiteral("Title\nab\ncd"));
        attach(scene, blobOf(9));
        QCOMPARE(held(scene), QStringLiteral("Title\nab\n\uFFFC\ncd"));
        const auto edits = scene.workspace->all<api::EditText>();
        QCOMPARE(edits.size(), before + 1); // one step for undo, the look with the letter
        QCOMPARE(edits.back().patches.size(), std::size_t{1});
        const auto embed = objectsOf(view).at(9);
        QVERIFY(embed.has_value());
        QCOMPARE(*embed, (Embed{Embed::Kind::Picture, 0, blobOf(9), {300, 200}}));
        QVERIFY(!view.looks().at(8).contains("embed")); // the break before it has no such thing
        QVERIFY(!scene.window->banners().shownText().contains(QStringLiteral("Attached")));
        QTRY_VERIFY(!scene.workspace->all<api::ReadAttachment>().empty());
        QVERIFY(!hasColour(view.grab().toImage(), QColor(200, 30, 30)));
        answer(scene, encoded(stripes({300, 200})));
        QTRY_VERIFY(hasColour(view.grab().toImage(), QColor(200, 30, 30)));
        QVERIFY(hasColour(view.grab().toImage(), QColor(30, 30, 200)));
        shot(view, QStringLiteral("page"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void aPictureThatIsPastedGetsAFile()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        auto *mime = new QMimeData;
        mime->setImageData(stripes({64, 48}));
        mime->setHtml(
            QStringLiteral("<meta charset=\"utf-8\"><img src=\"https://example.org/a.png\">"));
        QGuiApplication::clipboard()->setMimeData(mime);
        QVERIFY(view.canPaste());
        view.paste();
        QTRY_COMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t{1});
        const QString file =
            QString::fromStdString(scene.workspace->all<api::AttachFile>()[0].file);
        QCOMPARE(QImage(file).size(), QSize(64, 48));
        attach(scene, blobOf(3));
        QCOMPARE(held(scene), QStringLiteral("Title\n\uFFFC")); // in the empty line
        QTRY_VERIFY(!QFile::exists(file));                      // what was made for it is gone
    }

    void wordsWithAPictureAreWords()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        auto *mime = new QMimeData;
        mime->setImageData(stripes({64, 48}));
        mime->setText(QStringLiteral("1\t2"));
        QGuiApplication::clipboard()->setMimeData(mime);
        view.paste();
        QCOMPARE(held(scene), QStringLiteral("Title\n1\t2"));
        QVERIFY(scene.workspace->all<api::AttachFile>().empty());
    }

    void whatIsNoPictureIsAttachedAlone()
    {
        const QString words = fileOf(QStringLiteral("notes.txt"), "hello");
        const QString liar = fileOf(QStringLiteral("liar.png"), "hello");
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(words), QUrl::fromLocalFile(liar)});
        picturesOf(view).take(mime);
        QTRY_COMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t{2});
        attach(scene, blobOf(3));
        QCOMPARE(held(scene), QStringLiteral("Title\n"));
        QVERIFY(scene.window->banners().shownText().contains(QStringLiteral("Attached")));
    }

    void severalComeInTheirOrder()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nab");
        place(view, 8, 8);
        picturesOf(view).put({fileOf(QStringLiteral("one.png"), encoded(stripes({10, 20}))),
                              fileOf(QStringLiteral("two.png"), encoded(stripes({30, 40})))});
        QTRY_COMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t{2});
        scene.workspace->tell(api::FileAttached{scene.charter, blobOf(1), "one.png"});
        scene.workspace->tell(api::FileAttached{scene.charter, blobOf(2), "two.png"});
        scene.settle();
        QCOMPARE(held(scene), QStringLiteral("Title\nab\n\uFFFC\n\uFFFC"));
        QCOMPARE(objectsOf(view).at(9)->blob, blobOf(1));
        QCOMPARE(objectsOf(view).at(11)->blob, blobOf(2));
    }

    void thePlaceMovesWithTheText()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nab\ncd");
        place(view, 8, 8);
        picturesOf(view).put({fileOf(QStringLiteral("one.png"), encoded(stripes({10, 20})))});
        QTRY_COMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t{1});
        scene.workspace->othersEdit(scene.charter, {{0, 0, "The "}});
        QTRY_COMPARE(view.toPlainText(), QStringLiteral("The Title\nab\ncd"));
        attach(scene, blobOf(1));
        QCOMPARE(held(scene), QStringLiteral("The Title\nab\n\uFFFC\ncd"));
    }

    void anotherPageDoesNotGetIt()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nab");
        picturesOf(view).put({fileOf(QStringLiteral("one.png"), encoded(stripes({10, 20})))});
        QTRY_COMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t{1});
        const QString other = QString::fromUtf8(scene.workspace->docs[1].text);
        view.open(DocIndex(1));
        QTRY_VERIFY(view.isOpen());
        attach(scene, blobOf(1));
        QCOMPARE(QString::fromUtf8(scene.workspace->docs[1].text), other);
        QVERIFY(
            scene.window->banners().shownText().contains(QStringLiteral("not put on the page")));
    }

    void whereItIsStandsInItsFrame()
    {
        Scene scene;
        const Embed embed{Embed::Kind::Picture, 0, blobOf(5), {640, 480}};
        DocumentView &view = openPicture(scene, ui::valueOf(embed), 9);
        ui::PageObjects &objects = objectsOf(view);
        QCOMPARE(objects.wordsAt(9),
                 QStringLiteral("Picture, 640 by 480. Not attached to this document"));
        const auto tell = [&](api::AttachmentInfo::State state) {
            scene.workspace->tell(
                api::AttachmentsChanged{{infoOf(scene.charter, blobOf(5), "sea.png", state)}});
            scene.settle();
        };
        tell(api::AttachmentInfo::State::Nowhere);
        QCOMPARE(objects.wordsAt(9),
                 QStringLiteral("Picture: sea.png, 640 by 480. Not on this computer, and nobody "
                                "who has it is near"));
        tell(api::AttachmentInfo::State::Elsewhere);
        place(view, 9, 9);
        QVERIFY(scene.window->statusLine().note().contains(QStringLiteral("Click to fetch it")));
        // A click on it fetches it, one beside it does not.
        shot(view, QStringLiteral("frame"));
        const auto frame = [&view] {
            QTextCursor before(view.document());
            before.setPosition(9);
            return view.cursorRect(before);
        };
        const QPoint inside = frame().topLeft() + QPoint(200, 100);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, inside);
        QCOMPARE(scene.workspace->all<api::FetchAttachment>().size(), std::size_t{1});
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {},
                          frame().bottomLeft() + QPoint(100, 20));
        QCOMPARE(scene.workspace->all<api::FetchAttachment>().size(), std::size_t{1});
        QVERIFY(scene.workspace->all<api::FetchAttachment>()[0].blob == blobOf(5));
        QVERIFY(scene.workspace->all<api::ReadAttachment>().empty());
        tell(api::AttachmentInfo::State::Here);
        QTRY_COMPARE(scene.workspace->all<api::ReadAttachment>().size(), std::size_t{1});
        answer(scene, "no picture");
        QTRY_VERIFY(objects.wordsAt(9).contains(QStringLiteral("no picture that can be shown")));
        QTest::qWait(50); // it is not asked for again and again
        QCOMPARE(scene.workspace->all<api::ReadAttachment>().size(), std::size_t{1});
    }

    void itIsFittedIntoThePage_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("wide") << QSize(30'000, 10);
        QTest::newRow("high") << QSize(10, 30'000);
        QTest::newRow("large") << QSize(4'000, 3'000);
        QTest::newRow("tiny") << QSize(1, 1);
    }
    void itIsFittedIntoThePage()
    {
        QFETCH(QSize, size);
        Scene scene;
        const Embed embed{Embed::Kind::Picture, 0, blobOf(5), size};
        DocumentView &view = openPicture(scene, ui::valueOf(embed));
        shot(view, QString::fromLatin1(QTest::currentDataTag()));
        const QTextBlock block = view.document()->findBlockByNumber(1);
        const QRectF rect = view.document()->documentLayout()->blockBoundingRect(block);
        QVERIFY2(rect.height() >= 24 && rect.height() < 700,
                 qPrintable(QString::number(rect.height())));
        for (int i = 0; i < block.layout()->lineCount(); ++i)
            QVERIFY(block.layout()->lineAt(i).naturalTextWidth() <= view.viewport()->width());
        view.resize(view.width(), 200);
        view.verticalScrollBar()->setValue(view.verticalScrollBar()->maximum());
        static_cast<void>(view.grab());
    }

    /// A picture that has no room behind words stands below them, and takes nothing of their line.
    void theLineBeforeItIsALine()
    {
        Scene scene;
        const Embed embed{Embed::Kind::Picture, 0, blobOf(5), {4'000, 2'000}};
        DocumentView &view = openPicture(scene, ui::valueOf(embed));
        const auto rectAt = [&view](int place) {
            QTextCursor cursor(view.document());
            cursor.setPosition(place);
            return view.cursorRect(cursor);
        };
        const QTextBlock block = view.document()->findBlockByNumber(1);
        QCOMPARE(block.layout()->lineCount(), 3); // "a", the picture, "b"
        const QRect before = rectAt(6);
        const QRect picture = rectAt(7);
        QVERIFY2(before.height() < 40, qPrintable(QString::number(before.height())));
        QVERIFY(picture.height() > 200);
        QVERIFY(before.bottom()
                <= picture.top() + 8); // between them is what lines have around them
        // Where somebody clicks is where the caret goes.
        const auto clicked = [&view](const QPoint &place) {
            QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, place);
            return view.textCursor().position();
        };
        QCOMPARE(clicked(before.center()), 6);
        QVERIFY(clicked(before.center() + QPoint(60, 0)) < 8);
        QCOMPARE(clicked(picture.topLeft() + QPoint(2, 20)), 7);
        QVERIFY(rectAt(9).height() < 40);
    }

    /// An object that has room stays in the line of the words behind it.
    void aLineBeforeAPictureKeepsItsMention()
    {
        Scene scene;
        const Embed picture{Embed::Kind::Picture, 0, blobOf(5), {4'000, 2'000}};
        DocumentView &view = openPicture(scene, ui::valueOf(picture));
        const std::string mention = ui::valueOf({Embed::Kind::Member, 1});
        scene.workspace->othersEdit(scene.charter, {{6, 0, "\uFFFC"}},
                                    {{{6, 7, {{"embed", mention}}}}, {}});
        QTRY_VERIFY(view.looks().at(6).contains("embed"));
        static_cast<void>(view.grab());
        const QTextLayout &layout = *view.document()->findBlockByNumber(1).layout();
        QCOMPARE(layout.lineCount(), 3);
        QCOMPARE(layout.lineAt(0).textLength(), 2); // the mention and "a"
        QVERIFY(layout.lineAt(0).naturalTextWidth() < 600);
        QVERIFY(layout.lineAt(0).height() < 40);
        QVERIFY(layout.lineAt(1).height() > 200);
    }

    void otherProgramsGetWords()
    {
        Scene scene;
        const Embed embed{Embed::Kind::Picture, 0, blobOf(5), {64, 48}};
        DocumentView &view = openPicture(scene, ui::valueOf(embed));
        scene.workspace->tell(api::AttachmentsChanged{
            {infoOf(scene.charter, blobOf(5), "sea.png", api::AttachmentInfo::State::Here)}});
        scene.settle();
        place(view, 6, 9);
        view.copy();
        const QMimeData *copied = QGuiApplication::clipboard()->mimeData();
        QCOMPARE(copied->text(), QStringLiteral("a[picture: sea.png]b"));
        QVERIFY(copied->html().contains(QStringLiteral("[picture: sea.png]")));
        // Here it is the picture again, also when it came through another program.
        QMimeData relayed;
        for (const QString &format : copied->formats())
            relayed.setData(format, copied->data(format));
        const ui::Fragment fragment = ui::fragmentFrom(relayed, ui::PasteAs::ItLooks);
        QCOMPARE(fragment.text, QStringLiteral("a\uFFFCb"));
        place(view, 9, 9);
        view.paste();
        QCOMPARE(held(scene), QStringLiteral("Title\na\uFFFCba\uFFFCb\n"));
        QCOMPARE(*objectsOf(view).at(10), embed);
    }

    void thePastShowsItToo()
    {
        Scene scene;
        const Embed embed{Embed::Kind::Picture, 0, blobOf(5), {300, 200}};
        openPicture(scene, ui::valueOf(embed));
        scene.workspace->tell(api::AttachmentsChanged{
            {infoOf(scene.charter, blobOf(5), "sea.png", api::AttachmentInfo::State::Here)}});
        auto &history = *scene.window->findChild<ui::PageHistory *>();
        history.show();
        const auto asked = scene.workspace->all<api::AskPast>().back();
        api::PastTold groups{asked.request, asked.doc};
        api::PastGroup &group = groups.groups.emplace_back();
        group.first = blobOf(1);
        group.last = blobOf(2);
        group.members = {MemberIndex(0)};
        scene.workspace->tell(groups);
        QTRY_VERIFY(!scene.workspace->all<api::AskPastText>().empty());
        const auto wanted = scene.workspace->all<api::AskPastText>().back();
        auto past = std::make_shared<api::PastText>();
        past->text = "Title\n\uFFFC";
        past->length = past->pastLength = 7;
        past->looks.letters.push_back({6, 7, {{"embed", ui::valueOf(embed)}}});
        scene.workspace->tell(api::PastTextTold{wanted.request, wanted.doc, wanted.upTo,
                                                wanted.against, std::move(past)});
        auto &page = history.window()->page();
        QTRY_COMPARE(page.document()->blockCount(), 2);
        scene.settle();
        QVERIFY(!hasColour(page.grab().toImage(), QColor(200, 30, 30)));
        QTRY_VERIFY(!scene.workspace->all<api::ReadAttachment>().empty());
        answer(scene, encoded(stripes({300, 200})));
        QTRY_VERIFY(hasColour(page.grab().toImage(), QColor(200, 30, 30)));
    }

    void theListOffersIt()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("/photo"));
        auto *menu = view.findChild<ui::InsertMenu *>();
        QVERIFY(menu->isOpen());
        QCOMPARE(menu->list().current()->name, QStringLiteral("Picture"));
        QTest::keyClick(&view, Qt::Key_Escape);
    }
};

QTEST_MAIN(PagePicturesTest)
#include "page_pictures_test.moc"
