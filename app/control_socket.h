#pragma once

#include "app/profile.h"

#include <functional>
#include <thread>

namespace nlbd::app {

/// Answers verbs for other programs of the same user while a program runs with the profile: a UNIX
/// stream socket `control` of mode 0600 in the profile folder. One line of JSON in, one out, then
/// the connection ends.
class ControlServer {
public:
    using Handler = std::function<std::string(const std::string &)>;

    static constexpr std::size_t kLineBytesMax = 96 * 1024 * 1024; ///< an imported text in JSON
    static constexpr Millis kPatience{10'000}; ///< for a caller that does not finish

    /// `handler` runs on the server's thread, one call after the other.
    [[nodiscard]] static std::expected<std::unique_ptr<ControlServer>, ProfileError>
    open(const std::filesystem::path &profileFolder, Handler handler);
    ~ControlServer();

    ControlServer(const ControlServer &) = delete;
    ControlServer &operator=(const ControlServer &) = delete;

private:
    ControlServer() = default;
    void run();
    void serve(int connection);

    std::filesystem::path m_path;
    Handler m_handler;
    int m_socket = -1;
    int m_stop[2] = {-1, -1};
    std::thread m_thread;
};

/// Sends a line to the program that runs with the profile; nothing if none answers.
[[nodiscard]] std::optional<std::string> askRunning(const std::filesystem::path &profileFolder,
                                                    const std::string &line, Millis patience);

} // namespace nlbd::app
