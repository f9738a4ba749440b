#pragma once

#include "core/api/connections.h"

#include <QString>

/// The sentences of the connections page: what is, what a failed step means, what to do.
namespace nlbd::ui::words {

[[nodiscard]] QString connectionName(const api::Connection &row);
[[nodiscard]] QString connectionState(const api::Connection &row);
/// "Heard on this network", "Typed address". Of somebody who came: "Came to us".
[[nodiscard]] QString foundBy(FoundBy how);
[[nodiscard]] QString roundTrip(const std::optional<Millis> &time);
[[nodiscard]] QString bytes(std::uint64_t count);
/// What waits to be sent; empty if nothing does.
[[nodiscard]] QString waiting(const api::Connection &row);
/// "Has everything", "3 changes behind"; empty if nobody counts that.
[[nodiscard]] QString holds(const api::Connection &row);

/// A few words: "Nothing listens there".
[[nodiscard]] QString obstacle(Obstacle step);
/// What it means and what to do, in one sentence or two. `port`: where this computer listens.
[[nodiscard]] QString remedy(Obstacle step, std::uint16_t port = 0);

/// All that is to be said of one row, for the space below the table.
[[nodiscard]] QString connectionDetail(const api::Connection &row);
[[nodiscard]] QString connectionSummary(const api::ConnectionsChanged &all);
[[nodiscard]] QString visitors(const api::ConnectionsChanged &all);
[[nodiscard]] QString router(const api::RouterAnswer &answer);
[[nodiscard]] QString reach(const api::ReachChanged &news);

} // namespace nlbd::ui::words
