#pragma once

#include "core/api/event.h"

#include <QFrame>
#include <QIcon>

#include <functional>
#include <optional>
#include <vector>

class QListWidget;

namespace nlbd::ui {

/// Something that can be put into a page.
struct InsertChoice {
    QString name;
    QString keys = {}; ///< how it is done without a list
    QString also = {}; ///< other words by which it is found
    QIcon icon = {};
    std::optional<api::Person> person = {}; ///< shown by a disc
    /// Puts it in the place of [from, to), which is what was typed to find it.
    std::function<void(qsizetype from, qsizetype to)> use = {};
};

/// The choices for what is typed, the best first: those whose name begins with it, then those of
/// which a word does, then those that hold it. All of them if it is empty.
[[nodiscard]] std::vector<std::size_t> matching(const std::vector<InsertChoice> &choices,
                                                const QString &typed);

/// A list near the caret that never takes the focus: whoever types goes on typing.
class InsertList : public QFrame {
    Q_OBJECT

public:
    static constexpr int kRowsMax = 8; ///< seen at once

    explicit InsertList(QWidget *parent);

    void show(std::vector<InsertChoice> choices);
    /// Below `caret`, in the parent, or above it where there is no room.
    void placeAt(const QRect &caret);
    void step(int by); ///< around its ends
    [[nodiscard]] const InsertChoice *current() const;
    [[nodiscard]] const std::vector<InsertChoice> &choices() const { return m_choices; }
    /// The current one for a screen reader: "Heading, 2 of 11".
    [[nodiscard]] QString words() const;

Q_SIGNALS:
    void stepped();
    void chosen(); ///< the current one, by the mouse

private:
    std::vector<InsertChoice> m_choices;
    QListWidget *m_list = nullptr;
};

} // namespace nlbd::ui
