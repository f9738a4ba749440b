#pragma once

#include "core/api/comments.h"
#include "ui/words.h"

#include <QObject>
#include <QStringList>

#include <functional>

namespace nlbd::ui {

class BannerZone;
class WorkspaceBridge;

/// Tells in a quiet banner who named this person in a comment, in any document, until it is looked
/// at or closed: what was read is remembered on this computer.
class Mentions : public QObject {
    Q_OBJECT

public:
    /// Both outlive it. `titleOf` says what a document is called.
    Mentions(BannerZone &banners, WorkspaceBridge &bridge, std::function<QString(DocIndex)> titleOf,
             QObject *parent = nullptr);

Q_SIGNALS:
    void lookAsked(nlbd::DocIndex doc, nlbd::api::CommentId thread);

private:
    void show();
    void read(const std::vector<api::MentionInfo> &mentions);

    BannerZone &m_banners;
    std::function<QString(DocIndex)> m_titleOf;
    words::People m_people;
    api::MentionsChanged m_now;
    QStringList m_read;
};

} // namespace nlbd::ui
