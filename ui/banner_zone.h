#pragma once

#include <QFrame>

#include <functional>
#include <map>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace nlbd::ui {

/// The strip above the page: nothing, or the one banner that matters most. A banner stays until it
/// is read or its cause is over; it never lies over the text.
class BannerZone : public QFrame {
    Q_OBJECT

public:
    /// What a banner is about: earlier ones go first.
    enum class About : std::uint8_t {
        Disk,
        MyDevice,
        Store,
        Refused,
        Proof,
        Membership, ///< it has ended
        Rejected,   ///< work that a decision left out
        Decisions,
        Text,
        Vote,      ///< something waits for my answer
        Mention,   ///< somebody named me in a comment
        Isolation, ///< nothing can be agreed
        Clock,
        Workspaces, ///< another workspace of this profile
        Network,
        Founding,
        File,
        Apart ///< what others changed while people were apart: waits until all else is read
    };

    struct Banner {
        QString tone; ///< "refused", "pencil", "agreed" or empty
        QString icon;
        QString html;
        struct Choice {
            QString text;
            std::function<void()> use;
        };
        std::vector<Choice> choices;
        std::function<void()> dismissed; ///< called when its person closes it; may be empty
    };

    explicit BannerZone(QWidget *parent = nullptr);

    /// Shows a banner, or replaces the one about the same thing.
    void put(About about, Banner banner);
    void remove(About about);

    /// The text without markup, empty without a banner.
    [[nodiscard]] QString shownText() const;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void showFirst();
    void clear();
    void layChoices();

    std::map<About, Banner> m_banners;
    QHBoxLayout *m_row = nullptr;
    QHBoxLayout *m_below = nullptr;
    QLabel *m_text = nullptr;
    QWidget *m_choices = nullptr;
};

} // namespace nlbd::ui
