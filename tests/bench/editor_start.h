#pragma once

#include <QString>

#include <expected>
#include <vector>

namespace nlbd::bench {

/// The program as a process of its own, on a profile with a workspace of ten documents.
struct Starts {
    std::vector<double> milliseconds; ///< until its window is painted and takes keys
    std::vector<double> megabytes;    ///< resident then, in MiB
};

/// `letters`: of each document. An error is a sentence.
[[nodiscard]] std::expected<Starts, QString> startOften(std::size_t times, std::size_t letters);

} // namespace nlbd::bench
