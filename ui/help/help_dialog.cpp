#include "ui/help/help_dialog.h"

#include "ui/parts.h"

#include <QBoxLayout>
#include <QCoreApplication>
#include <QGridLayout>
#include <QScrollArea>

namespace nlbd::ui {

namespace {

struct Key {
    QString keys;
    QString does;
};

QWidget *makeKeys(const std::vector<Key> &keys)
{
    auto *box = new QWidget;
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(20);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    int row = 0;
    for (const Key &key : keys) {
        QLabel *keyLabel = makeLabel(key.keys);
        keyLabel->setStyleSheet(QStringLiteral("font-weight: 600"));
        grid->addWidget(keyLabel, row, 0);
        QLabel *does = makeLabel(key.does, "muted");
        does->setWordWrap(true);
        grid->addWidget(does, row, 1);
        ++row;
    }
    return box;
}

std::vector<Key> keysOfPage()
{
    return {
        {HelpDialog::tr("Ctrl+N"), HelpDialog::tr("New document")},
        {HelpDialog::tr("F2"), HelpDialog::tr("Rename this document")},
        {HelpDialog::tr("Ctrl+K"), HelpDialog::tr("Filter documents")},
        {HelpDialog::tr("Ctrl+O"), HelpDialog::tr("Import a text file")},
        {HelpDialog::tr("Ctrl+Shift+S"), HelpDialog::tr("Export this document")},
        {HelpDialog::tr("Ctrl+Shift+A, Ctrl+Shift+F"),
         HelpDialog::tr("Attach a file; show what is attached")},
        {HelpDialog::tr("Ctrl+Z"), HelpDialog::tr("Undo my last change")},
        {HelpDialog::tr("Ctrl+Shift+Z, Ctrl+Y"), HelpDialog::tr("Do it again")},
        {HelpDialog::tr("Ctrl+F, Ctrl+H"),
         HelpDialog::tr("Find; find and replace. Esc goes back, Ctrl+Enter stays there")},
        {HelpDialog::tr("F3, Shift+F3"), HelpDialog::tr("The next place, or the one before")},
        {HelpDialog::tr("Ctrl+Shift+O"), HelpDialog::tr("Show or hide the outline")},
        {HelpDialog::tr("F11"),
         HelpDialog::tr("Only the page, and only this paragraph in full ink; Esc ends it")},
        {HelpDialog::tr("F7"), HelpDialog::tr("The next word that the dictionary does not know")},
        {HelpDialog::tr("Ctrl+Shift+H"),
         HelpDialog::tr("How this page was: who wrote what when, and have it back")},
        {HelpDialog::tr("F8, Shift+F8"),
         HelpDialog::tr("The next place that changed while you were apart, or the one before")},
        {HelpDialog::tr("Ctrl+P"), HelpDialog::tr("Print; the menu writes a PDF as well")},
        {HelpDialog::tr("Ctrl++, Ctrl+-, Ctrl+0"),
         HelpDialog::tr("Larger, smaller, the usual size; so does Ctrl and the wheel")},
        {HelpDialog::tr("Ctrl+B, Ctrl+I, Ctrl+E"),
         HelpDialog::tr("Bold, italic, code; Ctrl+Shift+X strikes through")},
        {HelpDialog::tr("/, @"),
         HelpDialog::tr("A list of what can be put here, of members to mention; Esc closes it")},
        {HelpDialog::tr("Ctrl+L"),
         HelpDialog::tr("Link the selection, or change the link at the caret")},
        {HelpDialog::tr("Ctrl+Alt+1, 2, 3"),
         HelpDialog::tr("Headings; so do # , ## and ### at the start of a line")},
        {HelpDialog::tr("Ctrl+Shift+7, 8, 9"),
         HelpDialog::tr("Numbered list, list, tasks; so do 1. , - and [] ")},
        {HelpDialog::tr("Tab, Shift+Tab"),
         HelpDialog::tr("In a list or in code: further in, or out")},
        {HelpDialog::tr("Ctrl+Alt+P"),
         HelpDialog::tr("Put a picture on the page; so do dropping and pasting one")},
        {HelpDialog::tr("Ctrl+Alt+L"),
         HelpDialog::tr("Language of the code at the caret; so does ```python, at its beginning")},
        {HelpDialog::tr("Ctrl+Enter"),
         HelpDialog::tr("Open the link at the caret, as Ctrl+click does; else: a task is done, or "
                        "not yet")},
        {HelpDialog::tr("Ctrl+Shift+., Ctrl+Alt+C"),
         HelpDialog::tr("Quote, code; so do > and ```. --- draws a line")},
        {HelpDialog::tr("Ctrl+X, Ctrl+C, Ctrl+V"),
         HelpDialog::tr("Cut, copy, paste with formats, lists and headings")},
        {HelpDialog::tr("Ctrl+Shift+V"),
         HelpDialog::tr("Paste the words alone. Esc stops a long paste, undo takes it back")},
    };
}

std::vector<Key> keysOfCompany()
{
    return {
        {HelpDialog::tr("Alt+W, Ctrl+Alt+A"),
         HelpDialog::tr("Who wrote this word; show or hide authors beside the lines")},
        {HelpDialog::tr("Alt+Shift+W"),
         HelpDialog::tr("Who has these words, and who does not have them yet")},
        {HelpDialog::tr("Ctrl+Alt+I"),
         HelpDialog::tr(
             "Say where the caret is: what the paragraph is, who wrote it, who is here")},
        {HelpDialog::tr("Alt+R"), HelpDialog::tr("Say what others wrote since you asked last")},
        {HelpDialog::tr("Ctrl+Alt+M, Ctrl+Alt+R"),
         HelpDialog::tr("Comment on the selected words; answer the comment at the caret")},
        {HelpDialog::tr("F4, Shift+F4"), HelpDialog::tr("The next comment, or the one before")},
        {HelpDialog::tr("Ctrl+Alt+E"),
         HelpDialog::tr("Suggest instead of writing, or write again")},
        {HelpDialog::tr("Ctrl+Alt+Y, Ctrl+Alt+N"),
         HelpDialog::tr("Accept the suggestion at the caret; reject it")},
        {HelpDialog::tr("Ctrl+Alt+J, Ctrl+Alt+K"),
         HelpDialog::tr("The next suggestion, or the one before")},
        {HelpDialog::tr("Ctrl+\\"), HelpDialog::tr("Show or hide documents")},
        {HelpDialog::tr("F9"), HelpDialog::tr("Show or hide people")},
        {HelpDialog::tr("Ctrl+D"), HelpDialog::tr("Go to decisions")},
        {HelpDialog::tr("Ctrl+Shift+C"), HelpDialog::tr("Show connections")},
        {HelpDialog::tr("F6, Shift+F6"),
         HelpDialog::tr("Go to the next part of the window, or the one before")},
        {HelpDialog::tr("Esc"), HelpDialog::tr("Go back to the page")},
        {HelpDialog::tr("Ctrl+W"), HelpDialog::tr("Close this window")},
        {HelpDialog::tr("F1"), HelpDialog::tr("This help")},
    };
}

std::vector<Key> allKeys()
{
    std::vector<Key> keys = keysOfPage();
    const std::vector<Key> more = keysOfCompany();
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

QString aboutConnections()
{
    return HelpDialog::tr(
        "Connections, in the menu and on the start page, tells who is connected and how, and for "
        "everybody who is not "
        "which step failed and what to do. An address can be called from there, and the router "
        "asked to let members elsewhere in; that is never done unasked.");
}

QString aboutOthers()
{
    return HelpDialog::tr(
        "Press somebody's disc or name to go to where they write, also in another document. "
        "Follow, in the menu behind the dots, keeps their caret on your screen until you type, "
        "scroll or press Escape. Marks in the scroll bar show where everybody is.");
}

QString aboutAuthors()
{
    return HelpDialog::tr(
        "Every letter knows who wrote it. Authors, in the menu under Page, shows it beside the "
        "lines: it can be hidden, but nobody can clear it. Words that you copy keep the name of "
        "who wrote them first: pasted, they are yours, quoted from that person.");
}

QString aboutComments()
{
    return HelpDialog::tr(
        "Comments stand in the panel at the right and hang at their words; they work without a "
        "network, like the text. @ and a name tells that member. Ctrl+Enter sends. Only you can "
        "change what you said; anybody may resolve a comment, or open it again. If the words are "
        "deleted the comment stays. Exported files hold the text without its comments.");
}

QString aboutSuggestions()
{
    return HelpDialog::tr(
        "While you suggest, what you type is underlined in your colour, what you remove is struck "
        "through and stays, and what you format has a dotted line and looks as before; your own "
        "words look so at once. Anybody may accept or reject a suggestion, beside the people or at "
        "the caret, and undo that. What somebody wrote into a paragraph while another removed it "
        "is kept as a suggestion. Counting and finding see everything on the page; files, paper "
        "and PDF are without what is only suggested.");
}

QString aboutAttachments()
{
    return HelpDialog::tr(
        "Drop a file on the window to attach it to the document. Small files come to everybody by "
        "themselves, those of more than 10 MB when somebody asks for them, from all who have them "
        "at once. Attachments, in the menu, tells what is on this computer and what is not yet. "
        "What is on this computer is in its backups as well. What was taken off goes from all "
        "disks after 30 days.");
}

QString aboutLinks()
{
    return HelpDialog::tr(
        "An address becomes a link when you type a blank or Enter behind it, and one that is "
        "pasted over words links them. The line at the foot tells where a link leads before you "
        "follow it, and whether its words say otherwise. Only pages of the web, mail addresses and "
        "links of this program are opened.");
}

QString aboutPage()
{
    return HelpDialog::tr(
        "Spelling, in the menu under Page, looks words up in the dictionaries of this computer, in "
        "the language that you choose for all documents or for one. Nothing is sent anywhere. The "
        "menu of a marked word has others in its place, and adds it to your own words, a text file "
        "beside the settings. Less motion, in the same menu, stops what moves by itself.");
}

QString aboutReaders()
{
    return HelpDialog::tr(
        "Whoever listens instead of looking is told the same. A screen reader hears of headings, "
        "lists and formats; two keys say where the caret is and what others wrote. Say what others "
        "write, in the menu under Page, does so by itself whenever all rest. High contrast, in the "
        "menu under Theme, draws everything in pure ink.");
}

QStringList aboutMore()
{
    return {HelpDialog::tr(
                "Undo takes back only what you wrote yourself; what others wrote inside it stays."),
            aboutLinks(),
            aboutPage(),
            aboutAuthors(),
            aboutComments(),
            aboutSuggestions(),
            aboutOthers(),
            aboutReaders(),
            aboutAttachments(),
            aboutConnections()};
}

QPushButton *addClose(QDialog *dialog, QBoxLayout *column)
{
    auto *row = new QHBoxLayout;
    row->addStretch();
    QPushButton *close = makeButton(QDialog::tr("Close"), ButtonKind::Primary);
    QObject::connect(close, &QPushButton::clicked, dialog, &QDialog::accept);
    close->setDefault(true);
    row->addWidget(close);
    column->addLayout(row);
    return close;
}

} // namespace

HelpDialog::HelpDialog(QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Help and keys"));
    resize(560, 680);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(12);
    auto *content = new QWidget;
    content->setObjectName(QStringLiteral("scrolled"));
    auto *text = new QVBoxLayout(content);
    text->setContentsMargins(0, 0, 12, 0);
    text->setSpacing(10);
    text->addWidget(makeLabel(tr("How it works"), "title"));
    text->addWidget(makeSentence(tr(
        "Everyone in a workspace has all of it. There is no server and no owner. What you type is "
        "signed by this computer and goes to the others as soon as they are near; until then you "
        "go "
        "on writing.")));
    text->addWidget(makeSentence(tr(
        "A tick beside a paragraph says that it is agreed: so many people have signed for it that "
        "nobody can take it back or deny it. A dotted circle says that it is still in pencil. "
        "Stripes "
        "say that it comes from a computer that told two different stories.")));
    text->addWidget(makeSentence(tr("A change that breaks a rule is refused and never enters a "
                                    "document. A banner tells you, and "
                                    "the evidence can be looked at, checked again and saved.")));
    text->addWidget(makeSentence(
        tr("Who comes in, who goes and which rules hold is decided together. Press the dots beside "
           "a person "
           "to ask the others something about them; the questions stand below the people, with who "
           "answered what. An answer can be changed until enough are for it. Nobody can decide "
           "alone, and what was decided carries the signatures of those who did.")));
    text->addWidget(makeSentence(tr(
        "What was written too late, by somebody whom the members had let go by then, is left out "
        "of the texts. If your work stands on it, or the words are yours, a banner says so: "
        "read them, copy them, or put them back. What anybody wrote can be taken back from some "
        "time on: press that person, or look into the menu. The history keeps everything.")));
    for (const QString &about : aboutMore())
        text->addWidget(makeSentence(about));
    text->addSpacing(6);
    text->addWidget(makeLabel(tr("Keys"), "title"));
    text->addWidget(makeKeys(allKeys()));
    text->addStretch();
    auto *area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setAccessibleName(tr("Help"));
    column->addWidget(area, 1);
    addClose(this, column)->setFocus();
}

AboutDialog::AboutDialog(QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("About No Leader"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(32, 28, 32, 20);
    column->setSpacing(8);
    auto *sign = new QLabel;
    sign->setPixmap(appIcon().pixmap(QSize(72, 72), devicePixelRatioF()));
    column->addWidget(sign, 0, Qt::AlignHCenter);
    QLabel *name = makeLabel(tr("no leader"));
    name->setStyleSheet(QStringLiteral("font-family: \"%1\"; font-size: 25px; font-weight: 700")
                            .arg(pageFont().family()));
    column->addWidget(name, 0, Qt::AlignHCenter);
    column->addWidget(makeLabel(tr("Write together. Nobody in charge."), "muted"), 0,
                      Qt::AlignHCenter);
    const QString version = QCoreApplication::applicationVersion();
    if (!version.isEmpty())
        column->addWidget(makeLabel(tr("Version %1").arg(version), "muted"), 0, Qt::AlignHCenter);
    column->addSpacing(8);
    QLabel *full = makeSentence(tr(
        "No Leader But Distributed. Free software under the Apache License 2.0. It talks to no "
        "server "
        "and tells nobody anything: what you write goes to the members of your workspace only."));
    full->setAlignment(Qt::AlignHCenter);
    full->setFixedWidth(360);
    column->addWidget(full, 0, Qt::AlignHCenter);
    column->addSpacing(8);
    addClose(this, column)->setFocus();
}

} // namespace nlbd::ui
