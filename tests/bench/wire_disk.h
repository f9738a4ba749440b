#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace nlbd::bench {

/// Milliseconds that the store takes for one change that must be durable before it is sent: its
/// line in the sign journal, synced. Its row among the texts follows, and nobody waits for it. A
/// pause between them as between keys.
[[nodiscard]] std::expected<std::vector<double>, std::string>
storeSyncs(const std::filesystem::path &folder, std::size_t keys);

} // namespace nlbd::bench
