#include "ui/panel_parts.h"

#include "ui/parts.h"

#include <QBoxLayout>
#include <QScrollArea>

namespace nlbd::ui {

PanelHead addPanelHead(QBoxLayout *column, const QString &caption)
{
    PanelHead head{new QHBoxLayout, makeLabel({}, "badge")};
    QLabel *label = makeLabel(caption, "caption");
    label->setIndent(8);
    head.row->addWidget(label);
    head.row->addStretch();
    head.row->addWidget(head.badge);
    head.row->setContentsMargins(0, 0, 6, 0);
    column->addLayout(head.row);
    return head;
}

QScrollArea *addPanelArea(QBoxLayout *column, QWidget *content, const QString &name)
{
    content->setObjectName(QStringLiteral("scrolled"));
    auto *area = new QScrollArea;
    area->setObjectName(QStringLiteral("cards"));
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::StrongFocus);
    area->setAccessibleName(name);
    column->addWidget(area, 1);
    return area;
}

} // namespace nlbd::ui
