#pragma once

#include "core/api/authors.h"

#include <QString>

#include <optional>
#include <vector>

namespace nlbd::ui {

/// Who wrote the text on the page, as far as the engine was asked. Places are UTF-16 units of the
/// view and move with every edit; what is typed among them is nobody's until it is asked again.
class PageAuthors {
public:
    struct Span {
        qsizetype from = 0;
        qsizetype to = 0;
        DeviceIndex device;
        MemberIndex member;
        std::optional<WallTime> when;
        api::Agreement state = api::Agreement::Pencil;
        std::uint16_t signedBy = 0;
        QString quoted; ///< as its writer says; in one line
        friend bool operator==(const Span &, const Span &) = default;
    };

    void clear() { m_spans.clear(); }
    /// Replaces all that is known. Sorted and apart.
    void set(std::vector<Span> spans, std::uint16_t seats);
    /// @complexity linear in what is known: a screen.
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);

    [[nodiscard]] const std::vector<Span> &spans() const noexcept { return m_spans; }
    [[nodiscard]] std::uint16_t seats() const noexcept { return m_seats; }

private:
    std::vector<Span> m_spans;
    std::uint16_t m_seats = 0;
};

/// What the engine answered, where it stands on the page when it is told.
struct AuthorsAnswer {
    std::uint64_t request = 0;
    qsizetype from = 0;
    qsizetype to = 0;
    std::vector<PageAuthors::Span> spans;
    std::uint16_t seats = 0;
};
struct WhoHasAnswer {
    std::uint64_t request = 0;
    qsizetype from = 0;
    qsizetype to = 0;
    std::vector<MemberIndex> have;
    std::vector<MemberIndex> lack;
};

} // namespace nlbd::ui
