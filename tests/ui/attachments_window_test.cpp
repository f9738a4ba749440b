#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/attachments/attachments_window.h"
#include "ui/banner_zone.h"
#include "ui/theme.h"
#include "ui/words_attachments.h"
#include "ui/words_connections.h"

#include <QClipboard>
#include <QDragEnterEvent>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QUrl>

using namespace nlbd;
using namespace nlbd::testing;
using namespace nlbd::ui;
using State = api::AttachmentInfo::State;

namespace {

QPushButton *button(const QWidget &window, const char *text)
{
    for (QPushButton *each : window.findChildren<QPushButton *>())
        if (each->text() == QString::fromUtf8(text))
            return each;
    return nullptr;
}

api::AttachmentInfo info(DocIndex doc, int number, const char *name, State state)
{
    api::AttachmentInfo result;
    result.doc = doc;
    result.blob.value[0] = static_cast<std::byte>(number);
    result.name = name;
    result.size = 12'000'000;
    result.by = DeviceIndex(1);
    result.when = WallTime(Millis(1'795'000'000'000));
    result.state = state;
    if (state == State::Fetching) {
        result.held = 3'000'000;
        result.from = {DeviceIndex(1), DeviceIndex(2)};
    }
    if (state == State::Elsewhere)
        result.holders = {DeviceIndex(1)};
    if (state == State::Here)
        result.held = result.size;
    return result;
}

/// One of each.
api::AttachmentsChanged everyState(DocIndex doc)
{
    return {{info(doc, 1, "Lease of the room.pdf", State::Here),
             info(doc, 2, "Opening night.webm", State::Fetching),
             info(doc, 3, "Shelves, all photographs.zip", State::Elsewhere),
             info(doc, 4, "Letters 1931 (scan).pdf", State::Nowhere),
             info(doc, 5, "Recording.flac", State::Waiting)}};
}

struct Files {
    Scene scene;
    AttachmentsWindow *window = nullptr;
    QTableWidget *table = nullptr;

    explicit Files(const api::AttachmentsChanged &event, bool isDark = false)
    {
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        scene.open();
        scene.workspace->tell(event);
        window = scene.window->attachmentsWindow();
        scene.window->showAttachments();
        table = window->findChild<QTableWidget *>();
        static_cast<void>(QTest::qWaitForWindowExposed(window));
        scene.settle();
    }
    void choose(int row) const { table->setCurrentCell(row, 0); }
    [[nodiscard]] QString cell(int row, int column) const
    {
        return table->item(row, column)->text();
    }
};

} // namespace

class AttachmentsWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachStateIsSaid();
    void othersDocumentsAreNotShown();
    void buttonsFitTheState();
    void fetchingIsAskedForAndStopped();
    void droppedFilesAreAttached();
    void pastedFilesAreAttached();
    void openingAsksFirst();
    void whatMayRunIsNotOpened();
    void whatFailedIsTold();
    void howFarItIsIsTold();
    void whoOnlyReadsAttachesNothing();
    void namesOfOthersBreakNothing();
    void isSeenInBothThemes();
};

void AttachmentsWindowTest::eachStateIsSaid()
{
    Files files({});
    QVERIFY(!files.table->isVisible()); // and a sentence in its place
    files.scene.workspace->tell(everyState(files.scene.charter));
    QTRY_COMPARE(files.table->rowCount(), 5);
    QVERIFY(unnamedControls(*files.window).isEmpty());
    QCOMPARE(files.cell(0, AttachmentsWindow::Name), QStringLiteral("Lease of the room.pdf"));
    QCOMPARE(files.cell(0, AttachmentsWindow::From), QStringLiteral("Thea Kallas"));
    QCOMPARE(files.cell(0, AttachmentsWindow::State), QStringLiteral("Here"));
    QVERIFY(files.cell(1, AttachmentsWindow::State).startsWith(QStringLiteral("Coming: ")));
    QVERIFY(files.cell(1, AttachmentsWindow::State)
                .endsWith(QStringLiteral("from Thea Kallas and Sofia Orfanou")));
    QCOMPARE(files.cell(2, AttachmentsWindow::State),
             QStringLiteral("Not on this computer yet. Thea Kallas has it"));
    QCOMPARE(files.cell(3, AttachmentsWindow::State), QStringLiteral("Not on this computer"));
    QVERIFY(files.cell(4, AttachmentsWindow::State).startsWith(QStringLiteral("Waiting: ")));
}

void AttachmentsWindowTest::othersDocumentsAreNotShown()
{
    api::AttachmentsChanged event = everyState(DocIndex(2));
    Files files(event);
    QCOMPARE(files.table->rowCount(), 0);
    event.attachments.push_back(info(files.scene.charter, 9, "mine.txt", State::Here));
    files.scene.workspace->tell(event);
    QTRY_COMPARE(files.table->rowCount(), 1);
}

void AttachmentsWindowTest::buttonsFitTheState()
{
    Files files(everyState(DocIndex(0)));
    files.scene.workspace->tell(everyState(files.scene.charter));
    QTRY_COMPARE(files.table->rowCount(), 5);
    const auto enabled = [&files](const char *text) {
        return button(*files.window, text) != nullptr && button(*files.window, text)->isEnabled();
    };
    files.choose(0);
    QVERIFY(enabled("Save as…") && enabled("Open") && !enabled("Fetch"));
    QVERIFY(!files.window->findChild<QProgressBar *>()->isVisible());
    files.choose(1);
    QVERIFY(!enabled("Save as…") && !enabled("Open") && enabled("Do not fetch"));
    QVERIFY(files.window->findChild<QProgressBar *>()->isVisible());
    QCOMPARE(files.window->findChild<QProgressBar *>()->value(), 250);
    files.choose(2);
    QVERIFY(!enabled("Save as…") && enabled("Fetch"));
    api::AttachmentsChanged full = everyState(files.scene.charter);
    full.attachments[2].obstacle = api::AttachmentInfo::Obstacle::TooMuchOfMember;
    files.scene.workspace->tell(full);
    QTRY_VERIFY(!enabled("Fetch"));
    QCOMPARE(files.table->currentRow(), 2); // the row that is read stays
}

void AttachmentsWindowTest::fetchingIsAskedForAndStopped()
{
    Files files(everyState(DocIndex(0)));
    files.scene.workspace->tell(everyState(files.scene.charter));
    QTRY_COMPARE(files.table->rowCount(), 5);
    files.choose(2);
    QTest::mouseClick(button(*files.window, "Fetch"), Qt::LeftButton);
    files.choose(1);
    QTest::mouseClick(button(*files.window, "Do not fetch"), Qt::LeftButton);
    const auto asked = files.scene.workspace->all<api::FetchAttachment>();
    QCOMPARE(asked.size(), std::size_t(2));
    QVERIFY(asked[0].isWanted && asked[0].blob.value[0] == std::byte{3});
    QVERIFY(!asked[1].isWanted && asked[1].blob.value[0] == std::byte{2});
    files.choose(0);
    QTest::mouseClick(button(*files.window, "Take off"), Qt::LeftButton);
    QCOMPARE(files.scene.workspace->all<api::DetachFile>().size(), std::size_t(1));
}

void AttachmentsWindowTest::droppedFilesAreAttached()
{
    Scene scene;
    scene.open();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QStringLiteral("/tmp/a b.pdf")),
                  QUrl(QStringLiteral("https://example.org/c")),
                  QUrl::fromLocalFile(QStringLiteral("/tmp/\u6F22.png"))});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction | Qt::MoveAction, &data, Qt::LeftButton,
                          Qt::NoModifier);
    QApplication::sendEvent(scene.window.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(5, 5), Qt::CopyAction | Qt::MoveAction, &data, Qt::LeftButton,
                    Qt::NoModifier);
    QApplication::sendEvent(scene.window.get(), &drop);
    QVERIFY(drop.dropAction() == Qt::CopyAction);
    const auto attached = scene.workspace->all<api::AttachFile>();
    QCOMPARE(attached.size(), std::size_t(2));
    QCOMPARE(attached[0].doc, scene.charter);
    QCOMPARE(attached[0].file, std::string("/tmp/a b.pdf"));
    scene.workspace->tell(api::FileAttached{scene.charter, {}, "a <b> b.pdf"});
    QTRY_VERIFY(scene.window->banners().shownText().contains(QStringLiteral("a <b> b.pdf")));
}

void AttachmentsWindowTest::pastedFilesAreAttached()
{
    Scene scene;
    scene.open();
    auto *data = new QMimeData;
    data->setUrls({QUrl::fromLocalFile(QStringLiteral("/tmp/a.pdf"))});
    data->setText(QStringLiteral("/tmp/a.pdf"));
    QApplication::clipboard()->setMimeData(data);
    const QString before = scene.window->page().toPlainText();
    scene.window->page().paste();
    QCOMPARE(scene.workspace->all<api::AttachFile>().size(), std::size_t(1));
    QCOMPARE(scene.window->page().toPlainText(), before);
}

void AttachmentsWindowTest::openingAsksFirst()
{
    Files files(everyState(DocIndex(0)));
    files.scene.workspace->tell(everyState(files.scene.charter));
    QTRY_COMPARE(files.table->rowCount(), 5);
    QList<QUrl> opened;
    files.window->setOpener([&opened](const QUrl &url) { opened << url; });
    files.choose(0);
    QTest::mouseClick(button(*files.window, "Open"), Qt::LeftButton);
    auto *question = files.window->findChild<QMessageBox *>();
    QVERIFY(question && question->text().contains(QStringLiteral("Thea Kallas")));
    QTest::mouseClick(question->button(QMessageBox::Cancel), Qt::LeftButton);
    files.scene.settle();
    QVERIFY(files.scene.workspace->all<api::SaveAttachment>().empty());
    QTest::mouseClick(button(*files.window, "Open"), Qt::LeftButton);
    question = files.window->findChildren<QMessageBox *>().last();
    QTest::mouseClick(question->button(QMessageBox::Open), Qt::LeftButton);
    QTRY_COMPARE(files.scene.workspace->all<api::SaveAttachment>().size(), std::size_t(1));
    const auto save = files.scene.workspace->all<api::SaveAttachment>().front();
    QVERIFY(QString::fromStdString(save.file).endsWith(QStringLiteral("/Lease of the room.pdf")));
    QVERIFY(opened.isEmpty()); // until it is written
    files.scene.workspace->tell(api::AttachmentSaved{save.blob, save.file});
    QTRY_COMPARE(opened.size(), 1);
    // What a person saved by himself is opened by nobody.
    files.scene.workspace->tell(api::AttachmentSaved{save.blob, "/tmp/elsewhere.pdf"});
    QTRY_VERIFY(
        files.scene.window->banners().shownText().contains(QStringLiteral("elsewhere.pdf")));
    QCOMPARE(opened.size(), 1);
}

void AttachmentsWindowTest::whatMayRunIsNotOpened()
{
    Files files({});
    files.scene.workspace->tell(
        api::AttachmentsChanged{{info(files.scene.charter, 1, "plan.pdf.desktop", State::Here)}});
    QTRY_COMPARE(files.table->rowCount(), 1);
    files.choose(0);
    QTest::mouseClick(button(*files.window, "Open"), Qt::LeftButton);
    auto *said = files.window->findChild<QMessageBox *>();
    QVERIFY(said && said->button(QMessageBox::Open) == nullptr);
    QTest::mouseClick(said->button(QMessageBox::Close), Qt::LeftButton);
    files.scene.settle();
    QVERIFY(files.scene.workspace->all<api::SaveAttachment>().empty());
}

void AttachmentsWindowTest::whatFailedIsTold()
{
    using Failed = api::AttachmentFailed;
    Scene scene;
    scene.open();
    for (int why = 0; why <= static_cast<int>(Failed::Why::Busy); ++why) {
        scene.workspace->tell(Failed{Failed::What::Attach, static_cast<Failed::Why>(why),
                                     "/tmp/" + std::to_string(why) + "<i>.pdf"});
        QTRY_VERIFY(scene.window->banners().shownText().contains(
            QString::number(why) + QStringLiteral("<i>.pdf was not attached.")));
    }
}

void AttachmentsWindowTest::howFarItIsIsTold()
{
    Files files({});
    const auto shown = [&files] {
        for (const QLabel *label : files.window->findChildren<QLabel *>())
            if (label->isVisible() && label->text().startsWith(QStringLiteral("Attaching ")))
                return label->text();
        return QString();
    };
    QVERIFY(shown().isEmpty());
    api::FileProgress progress{api::FileProgress::What::Attach, "/tmp/film.webm", 250'000'000,
                               900'000'000};
    files.scene.workspace->tell(progress);
    QTRY_VERIFY(shown().startsWith(QStringLiteral("Attaching film.webm: ")
                                   + words::bytes(progress.done) + QStringLiteral(" of ")
                                   + words::bytes(progress.size)));
    QVERIFY(
        button(*files.window, "Attach a file…")->isEnabled()); // others may be attached meanwhile
    files.scene.workspace->tell(api::FileAttached{files.scene.charter, {}, "film.webm"});
    QTRY_VERIFY(shown().isEmpty());
    files.scene.workspace->tell(progress);
    QTRY_VERIFY(!shown().isEmpty());
    files.scene.workspace->tell(api::AttachmentFailed{api::AttachmentFailed::What::Attach,
                                                      api::AttachmentFailed::Why::DiskRefuses,
                                                      "/tmp/film.webm"});
    QTRY_VERIFY(shown().isEmpty());
}

void AttachmentsWindowTest::whoOnlyReadsAttachesNothing()
{
    Files files({});
    api::DeviceInfo mine;
    mine.isHere = true;
    mine.mayWrite = false;
    files.scene.workspace->tell(api::DevicesChanged{{mine}});
    QTRY_VERIFY(!button(*files.window, "Attach a file…")->isEnabled());
    files.window->attach({QStringLiteral("/tmp/a.pdf")});
    QVERIFY(files.scene.workspace->all<api::AttachFile>().empty());
    QTRY_VERIFY(files.scene.window->banners().shownText().contains(QStringLiteral("Nothing was")));
}

void AttachmentsWindowTest::namesOfOthersBreakNothing()
{
    Files files({});
    api::AttachmentsChanged event;
    const std::string longest(200, 'W');
    event.attachments = {
        info(files.scene.charter, 1, "<b>bold</b> &amp; <img src=x>.pdf", State::Here),
        info(files.scene.charter, 2, longest.c_str(), State::Here)};
    files.scene.workspace->tell(event);
    QTRY_COMPARE(files.table->rowCount(), 2);
    QCOMPARE(files.cell(0, 0), QStringLiteral("<b>bold</b> &amp; <img src=x>.pdf"));
    QVERIFY(files.window->width() <= 900);
    files.choose(0);
    QTest::mouseClick(button(*files.window, "Open"), Qt::LeftButton);
    auto *question = files.window->findChild<QMessageBox *>();
    QVERIFY(question->textFormat() == Qt::PlainText);
    question->reject();
}

/// Pictures for people to look at, where they are wanted.
void AttachmentsWindowTest::isSeenInBothThemes()
{
    for (const bool isDark : {false, true}) {
        Files files({}, isDark);
        files.scene.workspace->tell(everyState(files.scene.charter));
        QTRY_COMPARE(files.table->rowCount(), 5);
        files.choose(1);
        files.scene.settle();
        const QPixmap picture = files.window->grab();
        QVERIFY(picture.width() >= 820);
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (!folder.isEmpty())
            QVERIFY(picture.save(folder
                                 + (isDark ? QStringLiteral("/attachments-dark.png")
                                           : QStringLiteral("/attachments-light.png"))));
    }
    applyTheme(Appearance::Light);
}

QTEST_MAIN(AttachmentsWindowTest)
#include "attachments_window_test.moc"
