#pragma once

#include "core/api/attachments.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <map>
#include <optional>

namespace nlbd::ui {

class WorkspaceBridge;

/// The pictures among the attachments of a workspace, as large as they are shown. A picture is read
/// from the engine and decoded on other threads when somebody wants to see it; whoever asks gets
/// what is there, and changed() when there is more. What comes from others is hostile: only common
/// formats of pixels are decoded, and none that would take much memory.
class PictureShelf : public QObject {
    Q_OBJECT

public:
    explicit PictureShelf(WorkspaceBridge &bridge, QObject *parent = nullptr);

    enum class State : std::uint8_t {
        Ready,
        Opening,     ///< here, and being read
        Coming,      ///< from others
        Elsewhere,   ///< not here; somebody has it
        Nowhere,     ///< not here, and nobody who is connected has it
        NotAttached, ///< the document names no such file
        TooLarge,    ///< to be shown
        Broken       ///< no picture that can be shown
    };
    struct Look {
        State state = State::NotAttached;
        QImage image; ///< at least an older size of it, if it was ever shown
        QString name; ///< of the file
        std::uint64_t size = 0;
        int percent = 0; ///< of it is here, while it comes
    };
    /// What is to be drawn. `pixels`: as large as that, in pixels of the screen.
    [[nodiscard]] Look look(DocIndex doc, const Hash &blob, const QSize &pixels);
    /// The same for whoever does not draw: nothing is read for that.
    [[nodiscard]] Look known(DocIndex doc, const Hash &blob) const;
    void fetch(const Hash &blob);

    static constexpr std::uint64_t kBytesMax = 32 * 1024 * 1024; ///< of a file that is shown
    static constexpr qint64 kPixelsMax = 64'000'000;             ///< of a picture that is decoded
    static constexpr qsizetype kKeptBytes = 96 * 1024 * 1024;    ///< of decoded ones

    /// Any thread. A picture of these bytes, fitted into `box`; null if it is none, or too large.
    struct Decoded {
        QImage image;
        State state = State::Broken;
    };
    [[nodiscard]] static Decoded decode(const QByteArray &content, const QSize &box);
    /// Any thread. The usual ending of a file with this in it, "png"; empty if no picture of it
    /// can be shown.
    [[nodiscard]] static QString formatOf(const QByteArray &content);
    /// How large the picture of a file is, as it is seen; nothing if it is none that can be shown.
    [[nodiscard]] static std::optional<QSize> sizeOf(const QString &file);

Q_SIGNALS:
    /// It looks otherwise now.
    void changed(const nlbd::Hash &blob);

private:
    struct Kept {
        QImage image;
        QSize made;                   ///< the box that it was made for
        QSize wanted;                 ///< the last that was asked for
        std::optional<State> failure; ///< nothing: it can be shown, or was not tried
        std::uint64_t request = 0;    ///< under way; 0: none
        std::uint64_t used = 0;
    };
    void attachmentsChanged(const api::AttachmentsChanged &event);
    void attachmentRead(const api::AttachmentRead &event);
    void decoded(const Hash &blob, const QSize &box, const Decoded &result);
    void ask(DocIndex doc, const Hash &blob, Kept &kept);
    void askWaiting();
    void letGo();

    WorkspaceBridge &m_bridge;
    std::map<std::pair<DocIndex, Hash>, api::AttachmentInfo> m_infos;
    std::map<Hash, Kept> m_kept;
    std::vector<std::pair<DocIndex, Hash>> m_waiting; ///< to be read, when others are through
    std::size_t m_reading = 0;
    std::uint64_t m_clock = 0;
};

} // namespace nlbd::ui
