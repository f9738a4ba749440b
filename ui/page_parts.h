#pragma once

#include "ui/editor/block_style.h"
#include "ui/workspace_bridge.h"

#include <QList>
#include <QObject>

class QAction;
class QMenu;

namespace nlbd::ui {

class CodeBar;
class DocumentView;
class InsertMenu;
class PageLinks;
class PageObjects;
class PagePictures;
class PictureShelf;
struct InsertChoice;

/// What is put into the page of a window beside letters: links, mentions, pictures, the colours of
/// code, and the lists that "/" and "@" open.
class PageParts : public QObject {
    Q_OBJECT

public:
    /// All are borrowed.
    struct Place {
        DocumentView &page;
        WorkspaceBridge &bridge;
        QAction &link;
        QMenu &formats; ///< gets pictures and the languages of code
        QList<std::pair<QAction *, BlockStyle::Kind>> blocks; ///< what each action makes of a block
    };
    explicit PageParts(Place place);

    [[nodiscard]] PageLinks &links() { return *m_links; }
    [[nodiscard]] PageObjects &objects() { return *m_objects; }
    [[nodiscard]] PagePictures &pictures() { return *m_pictures; }
    [[nodiscard]] InsertMenu &menu() { return *m_menu; }
    [[nodiscard]] CodeBar &code() { return *m_code; }

Q_SIGNALS:
    /// What is at the caret or would be put there, in words; empty: nothing of note.
    void noted(const QString &words);
    /// Something could not be done; a whole sentence, rich text.
    void told(const QString &sentence);

private:
    void makeLinks();
    void makePictures();
    void makeMenu();
    void makeCode();
    [[nodiscard]] std::vector<InsertChoice> blockChoices();
    [[nodiscard]] std::vector<InsertChoice> memberChoices() const;

    Place m_place;
    DocumentView &m_page;
    PageLinks *m_links = nullptr;
    PageObjects *m_objects = nullptr;
    PictureShelf *m_shelf = nullptr;
    PagePictures *m_pictures = nullptr;
    QAction *m_picture = nullptr;
    InsertMenu *m_menu = nullptr;
    CodeBar *m_code = nullptr;
    std::vector<api::Person> m_people;
};

} // namespace nlbd::ui
