#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace nlbd::bench {

/// Milliseconds that the store takes for one key that must be durable before it is sent: its change
/// and its line in the sign journal, synced, a pause between them as between keys.
[[nodiscard]] std::expected<std::vector<double>, std::string>
storeSyncs(const std::filesystem::path &folder, std::size_t keys);

} // namespace nlbd::bench
