#include "ui/page_parts.h"

#include "ui/code/code_bar.h"
#include "ui/code/code_ink.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/insert/insert_menu.h"
#include "ui/links/page_links.h"
#include "ui/objects/page_objects.h"
#include "ui/pictures/page_pictures.h"
#include "ui/pictures/picture_shelf.h"
#include "ui/theme.h"

#include <QAction>
#include <QDesktopServices>
#include <QMenu>
#include <QTextBlock>
#include <QUrl>

#include <algorithm>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

InsertChoice choiceOf(const QAction &action, std::function<void(qsizetype, qsizetype)> use)
{
    InsertChoice choice;
    choice.name = QString(action.text()).remove(QChar(0x2026));
    choice.keys = action.shortcut().toString(QKeySequence::NativeText);
    choice.icon = action.icon();
    choice.use = std::move(use);
    return choice;
}

/// Other words for the same, with what is typed for it at the start of a line.
QString alsoCalled(Kind kind)
{
    switch (kind) {
    case Kind::Heading1:
        return PageParts::tr("# h1 title");
    case Kind::Heading2:
        return PageParts::tr("## h2 heading");
    case Kind::Heading3:
        return PageParts::tr("### h3 heading");
    case Kind::Bullet:
        return PageParts::tr("- bullet bulleted points");
    case Kind::Number:
        return PageParts::tr("1. ordered");
    case Kind::Task:
        return PageParts::tr("[] todo to-do check box");
    case Kind::Quote:
        return PageParts::tr("> citation");
    case Kind::Code:
        return PageParts::tr("``` program source");
    case Kind::Divider:
        return PageParts::tr("--- divider rule break");
    case Kind::Paragraph:
    case Kind::Title:
        break;
    }
    return {};
}

} // namespace

PageParts::PageParts(Place place)
    : QObject(&place.page)
    , m_place(std::move(place))
    , m_page(m_place.page)
    , m_links(new PageLinks(m_page, this))
    , m_objects(new PageObjects(m_page, this))
    , m_shelf(new PictureShelf(m_place.bridge, this))
    , m_pictures(new PagePictures(m_page, *m_objects, *m_shelf, m_place.bridge, this))
    , m_menu(new InsertMenu(m_page, this))
    , m_code(new CodeBar(m_page, this))
{
    makeLinks();
    makePictures();
    makeMenu();
    makeCode();
    connect(&m_place.bridge, &WorkspaceBridge::peopleChanged, this,
            [this](const api::PeopleChanged &event) {
                m_people = event.people;
                m_objects->setPeople(event.people);
            });
    connect(m_objects, &PageObjects::noted, this, &PageParts::noted);
    connect(m_menu, &InsertMenu::noted, this, &PageParts::noted);
}

void PageParts::makeLinks()
{
    connect(m_links, &PageLinks::noted, this, &PageParts::noted);
    connect(m_links, &PageLinks::told, this, &PageParts::told);
    connect(m_links, &PageLinks::wanted, this,
            [](const QUrl &url) { QDesktopServices::openUrl(url); });
    connect(&m_place.link, &QAction::triggered, m_links, &PageLinks::edit);
    const auto show = [this] { m_place.link.setEnabled(m_page.isOpen() && !m_page.isReadOnly()); };
    connect(&m_page, &DocumentView::opened, this, show);
    connect(&m_page, &DocumentView::looksTouched, this, show);
    show();
}

void PageParts::makePictures()
{
    m_objects->setShelf(*m_shelf);
    m_picture =
        new QAction(icon(QStringLiteral("picture"), Role::Ink), tr("Picture\u2026"), &m_page);
    m_picture->setShortcut(QKeySequence(tr("Ctrl+Alt+P")));
    m_page.addAction(m_picture);
    m_place.formats.addAction(m_picture);
    connect(m_picture, &QAction::triggered, m_pictures, &PagePictures::ask);
    connect(m_pictures, &PagePictures::told, this, &PageParts::told);
    const auto show = [this] { m_picture->setEnabled(m_page.isOpen() && !m_page.isReadOnly()); };
    connect(&m_page, &DocumentView::opened, this, show);
    connect(&m_page, &DocumentView::looksTouched, this, show);
    show();
}

void PageParts::makeCode()
{
    new CodeInk(m_page, this);
    auto *choose = new QAction(tr("Language of the code\u2026"), &m_page);
    choose->setShortcut(QKeySequence(tr("Ctrl+Alt+L")));
    m_page.addAction(choose);
    m_place.formats.addAction(choose);
    connect(choose, &QAction::triggered, m_code, &CodeBar::choose);
    const auto show = [this, choose] {
        choose->setEnabled(m_page.isOpen() && m_page.blockAtCaret().kind == Kind::Code);
    };
    connect(&m_page, &DocumentView::opened, this, show);
    connect(&m_page, &DocumentView::looksTouched, this, show);
    show();
}

void PageParts::makeMenu()
{
    m_menu->offer(u'@', [this] { return memberChoices(); });
    m_menu->offer(u'/', [this] {
        std::vector<InsertChoice> choices = blockChoices();
        choices.push_back(choiceOf(m_place.link, [this](qsizetype from, qsizetype to) {
            m_page.change({from, to, QString()});
            m_links->edit();
        }));
        choices.push_back(choiceOf(*m_picture, [this](qsizetype from, qsizetype to) {
            m_page.change({from, to, QString()});
            m_pictures->ask();
        }));
        choices.back().also = tr("image photo file");
        InsertChoice mention;
        mention.name = tr("Mention somebody");
        mention.keys = QStringLiteral("@");
        mention.also = tr("@ person member name");
        mention.icon = icon(QStringLiteral("people"), Role::Ink);
        mention.use = [this](qsizetype from, qsizetype to) {
            m_page.change({from, to, QStringLiteral("@")});
            m_menu->open(u'@');
        };
        choices.push_back(std::move(mention));
        return choices;
    });
}

/// What a block can be, as the actions of the menu have it, and a line across.
std::vector<InsertChoice> PageParts::blockChoices()
{
    std::vector<InsertChoice> choices;
    for (const auto &[action, kind] : std::as_const(m_place.blocks)) {
        choices.push_back(choiceOf(*action, [this, kind = kind](qsizetype from, qsizetype to) {
            PageChange change{from, to, QString()};
            change.first = BlockStyle{kind};
            m_page.change(change);
        }));
        choices.back().also = alsoCalled(kind);
        if (choices.back().icon.isNull())
            choices.back().icon = icon(QStringLiteral("heading"), Role::Muted);
    }
    InsertChoice divider;
    divider.name = tr("Line across");
    divider.keys = QStringLiteral("---");
    divider.also = alsoCalled(Kind::Divider);
    divider.icon = icon(QStringLiteral("divider"), Role::Ink);
    divider.use = [this](qsizetype from, qsizetype to) {
        // On a blank line that line is the divider; else it comes below the words.
        const bool isBlank = m_page.textCursor().block().length() - 1 == to - from;
        PageChange change{from, to, isBlank ? QStringLiteral("\n") : QStringLiteral("\n\n")};
        if (isBlank)
            change.first = BlockStyle{Kind::Divider};
        m_page.change(change);
        if (!isBlank)
            m_page.change({from + 1, from + 1, {}, {}, 0, BlockStyle{Kind::Divider}});
    };
    choices.push_back(std::move(divider));
    return choices;
}

std::vector<InsertChoice> PageParts::memberChoices() const
{
    std::vector<InsertChoice> choices;
    for (const PageObjects::Member &member : m_objects->members()) {
        if (member.isGone)
            continue;
        InsertChoice choice;
        choice.name = member.name;
        const auto person = std::ranges::find(m_people, member.index, &api::Person::member);
        if (person != m_people.end())
            choice.person = *person;
        choice.use = [this, index = member.index](qsizetype from, qsizetype to) {
            m_objects->mention(index, from, to);
        };
        choices.push_back(std::move(choice));
    }
    return choices;
}

} // namespace nlbd::ui
