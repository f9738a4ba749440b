#pragma once

#include "core/api/event.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace nlbd::ui {

/// The sidebar: the workspace's name, its documents, a field that filters them. F2 renames.
class DocumentList : public QWidget {
    Q_OBJECT

public:
    explicit DocumentList(QWidget *parent = nullptr);

    void setWorkspace(const QString &name);
    void setDocuments(const std::vector<api::DocumentInfo> &documents);
    void setNearby(int others);

    /// Marks a document as the one on the page, without telling `chosen`.
    void setCurrent(DocIndex doc);
    void renameCurrent();
    void focusFilter();
    void clearFilter();

    [[nodiscard]] std::optional<DocIndex> first() const;
    [[nodiscard]] QString titleOf(DocIndex doc) const;
    [[nodiscard]] bool contains(DocIndex doc) const;

Q_SIGNALS:
    void chosen(nlbd::DocIndex doc);
    /// A click or Enter: the person goes to the page.
    void entered();
    void renamed(nlbd::DocIndex doc, const QString &title);

private:
    void filter(const QString &text);
    void takeFirstHit();
    void itemEdited(QListWidgetItem *item);
    void fill();
    [[nodiscard]] QListWidgetItem *itemOf(DocIndex doc) const;

    std::vector<api::DocumentInfo> m_documents;
    QLabel *m_name = nullptr;
    QLineEdit *m_filter = nullptr;
    QListWidget *m_list = nullptr;
    QLabel *m_noHit = nullptr;
    QWidget *m_foot = nullptr;
    QLabel *m_nearby = nullptr;
    bool m_isFilling = false;
    bool m_isStale = false; ///< the list changed while a name was being edited
};

} // namespace nlbd::ui
