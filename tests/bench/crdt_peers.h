#pragma once

#include "figure.h"

#include <expected>
#include <filesystem>
#include <vector>

namespace nlbd::bench {

/// Runs the libraries of tests/bench/peers/crdt on a trace, installing them when first needed. A
/// library that fails says so on stderr and is left out. The error is a sentence.
[[nodiscard]] std::expected<std::vector<Figure>, std::string>
measurePeers(const std::filesystem::path &trace, const std::string &name, std::size_t repetitions);

} // namespace nlbd::bench
