#include "ui/people/follow_sign.h"

#include "ui/parts.h"
#include "ui/people/avatar.h"

#include <QBoxLayout>
#include <QPainter>

namespace nlbd::ui {

class FollowSign::Disc : public QWidget {
public:
    Disc() { setFixedSize(26, 26); }

    void setPerson(const api::Person &person)
    {
        m_person = person;
        update();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        paintAvatar(painter, QRectF(1, 1, 24, 24), m_person, theme().raised);
    }

private:
    api::Person m_person;
};

FollowSign::FollowSign(QWidget *parent)
    : QFrame(parent)
    , m_disc(new Disc)
    , m_text(makeSentence({}))
{
    setObjectName(QStringLiteral("banner"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(20, 4, 12, 4);
    row->setSpacing(10);
    row->addWidget(m_disc);
    row->addWidget(m_text, 1);
    QPushButton *stop = makeButton(tr("Stop following"), ButtonKind::Link);
    connect(stop, &QPushButton::clicked, this, &FollowSign::stopAsked);
    row->addWidget(stop);
    hide();
}

void FollowSign::show(const api::Person *person, bool isHere)
{
    setVisible(person != nullptr);
    if (!person)
        return;
    const QString name = QString::fromUtf8(person->name);
    m_disc->setPerson(*person);
    m_text->setText(isHere ? tr("You follow %1. Type, scroll or press Escape to stop.").arg(name)
                           : tr("You follow %1, who writes nowhere now. Type, scroll or press "
                                "Escape to stop.")
                                 .arg(name));
    setAccessibleName(m_text->text());
}

QString FollowSign::text() const
{
    return isHidden() ? QString() : m_text->text();
}

} // namespace nlbd::ui
