#pragma once

#include <optional>
#include <string>

namespace nlbd::bench {

/// One line of a bench: DESIGN section 5.
struct Figure {
    std::string name;
    double value = 0;
    std::string unit;
    std::optional<double> goal; ///< less than this is met
    std::string peer;
    std::string trace;
    std::string absent = {}; ///< why there is no value

    [[nodiscard]] bool isMissed() const { return absent.empty() && goal && value >= *goal; }
};
/// The line, without its end.
[[nodiscard]] std::string lineOf(const Figure &figure);

} // namespace nlbd::bench
