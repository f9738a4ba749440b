#pragma once

#include "ui/outline/heading_index.h"

#include <QWidget>

class QLabel;
class QTreeWidget;
class QTreeWidgetItem;

namespace nlbd::ui {

/// The headings of a page as a tree beside it: says where one is, and goes where one points.
class OutlinePanel : public QWidget {
    Q_OBJECT

public:
    explicit OutlinePanel(DocumentView &page, QWidget *parent = nullptr);

    [[nodiscard]] const HeadingIndex &index() const { return m_index; }
    [[nodiscard]] QTreeWidget &tree() { return *m_tree; }

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void showHeadings();
    void build();
    void showCurrent();
    void go(const QTreeWidgetItem *item);

    DocumentView &m_page;
    HeadingIndex m_index;
    QTreeWidget *m_tree = nullptr;
    QLabel *m_blank = nullptr;
    std::vector<QTreeWidgetItem *> m_items; ///< by heading; the tree owns them
    std::vector<int> m_levels;              ///< as the tree was built
    QTreeWidgetItem *m_current = nullptr;
};

} // namespace nlbd::ui
