#include "ui/comments/mentions.h"

#include "ui/banner_zone.h"
#include "ui/settings.h"
#include "ui/words_comments.h"
#include "ui/workspace_bridge.h"

namespace nlbd::ui {

namespace {

constexpr qsizetype kReadMax = 400; ///< that are remembered as read, of all workspaces

QString readKey()
{
    return QStringLiteral("mentionsRead");
}

QString nameOf(const api::MentionInfo &mention)
{
    return QStringLiteral("%1-%2-%3")
        .arg(mention.doc.value)
        .arg(mention.thread.number, 0, 16)
        .arg(mention.message.number, 0, 16);
}

} // namespace

Mentions::Mentions(BannerZone &banners, WorkspaceBridge &bridge,
                   std::function<QString(DocIndex)> titleOf, QObject *parent)
    : QObject(parent)
    , m_banners(banners)
    , m_titleOf(std::move(titleOf))
    , m_read(settings::value(readKey()).toStringList())
{
    connect(&bridge, &WorkspaceBridge::peopleChanged, this,
            [this](const api::PeopleChanged &event) {
                const bool isFirst = m_people.empty();
                m_people = event.people;
                if (isFirst)
                    show();
            });
    connect(&bridge, &WorkspaceBridge::mentionsChanged, this,
            [this](const api::MentionsChanged &event) {
                m_now = event;
                show();
            });
}

void Mentions::show()
{
    std::vector<api::MentionInfo> unread;
    for (const api::MentionInfo &mention : m_now.mentions)
        if (!m_read.contains(nameOf(mention)))
            unread.push_back(mention);
    if (unread.empty()) {
        m_banners.remove(BannerZone::About::Mention);
        return;
    }
    const api::MentionInfo &newest = unread.front();
    const auto look = [this, newest] {
        read({newest});
        Q_EMIT lookAsked(newest.doc, newest.thread);
    };
    m_banners.put(BannerZone::About::Mention,
                  {{},
                   QStringLiteral("comment"),
                   words::mentionedMe(words::memberName(m_people, newest.message.member),
                                      m_titleOf(newest.doc), unread.size()),
                   {{tr("Look"), look}},
                   [this, unread] { read(unread); }});
}

void Mentions::read(const std::vector<api::MentionInfo> &mentions)
{
    for (const api::MentionInfo &mention : mentions)
        if (!m_read.contains(nameOf(mention)))
            m_read.append(nameOf(mention));
    if (m_read.size() > kReadMax)
        m_read = m_read.mid(m_read.size() - kReadMax);
    settings::keep(readKey(), m_read);
    show();
}

} // namespace nlbd::ui
