#pragma once

#include "wire_series.h"

#include <filesystem>

namespace nlbd::bench {

/// So many members of one workspace, each with its own profile below `folder`, its own process and
/// the whole program in it. The first types, all others read.
[[nodiscard]] std::expected<Table, std::string> nlbdTable(const std::filesystem::path &folder,
                                                          std::size_t members);

/// A websocket server and two clients. `peers` is what peers/install.sh has filled.
[[nodiscard]] std::expected<Table, std::string> yjsTable(const std::filesystem::path &peers);
[[nodiscard]] std::expected<Table, std::string> automergeTable(const std::filesystem::path &peers);

/// Any of them, with so many readers: what peers/DRIVER_server.mjs and DRIVER_client.mjs are.
[[nodiscard]] std::expected<Table, std::string> nodeTable(const std::filesystem::path &peers,
                                                          const std::string &peer,
                                                          const std::string &driver,
                                                          std::size_t readers);

/// Installs the packages if need be. The error says why there are none.
[[nodiscard]] std::expected<void, std::string> installPeers(const std::filesystem::path &peers);

/// The life of a child of nlbdTable: `bench_wire --member FOLDER NAME`.
int runMember(const std::filesystem::path &folder, const std::string &name);

} // namespace nlbd::bench
