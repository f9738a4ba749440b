#pragma once

#include <QString>

#include <atomic>
#include <cstdint>
#include <vector>

/// Looking for words in a text, line by line. No part of it knows a widget: it may run on any
/// thread.
namespace nlbd::ui {

struct FindQuery {
    QString text;
    bool matchesCase = false;
    bool isWholeWord = false;
    bool isPattern = false;      ///< a regular expression; it looks into one line at a time
    bool ignoresAccents = false; ///< "α" finds "ά"
    [[nodiscard]] friend bool operator==(const FindQuery &, const FindQuery &) = default;
};

struct FindHit {
    qsizetype from = 0; ///< in UTF-16 units
    qsizetype to = 0;
    QString replacement; ///< only if one was asked for
};

struct FindResult {
    enum class End : std::uint8_t {
        All,      ///< all hits are there
        TooMany,  ///< kHitsMax are there
        TooSlow,  ///< the pattern asks for too much work; what was found until then is there
        NoPattern ///< it is no regular expression; `why` says it
    } end = End::All;
    QString why;
    std::vector<FindHit> hits; ///< in order and apart, none empty
};

inline constexpr std::size_t kHitsMax = 100'000;
inline constexpr qsizetype kQueryUnitsMax = 1000;       ///< longer ones are cut
inline constexpr std::int64_t kSearchMillisMax = 5'000; ///< then a pattern is too slow

/// All places of `text` that the query means. `isStale` turns true when nobody wants to know any
/// more: it then returns soon with what it has. With a `replacement` each hit says what it becomes;
/// in it, \0 to \9 stand for what a pattern's groups found and \\ for a backslash.
/// @complexity linear in the text but for patterns, whose work is bounded for each start in a line.
[[nodiscard]] FindResult findAll(const QString &text, const FindQuery &query,
                                 const std::atomic<bool> &isStale,
                                 const QString *replacement = nullptr);

/// What the place `[from, to)` of a line becomes, found by this query there. Of a pattern that does
/// not match there, the replacement as it stands.
[[nodiscard]] QString replacementFor(const QString &line, qsizetype from, qsizetype to,
                                     const FindQuery &query, const QString &replacement);

} // namespace nlbd::ui
