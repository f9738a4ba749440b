#include "app/control_socket.h"

#include "app/small_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace nlbd::app {

namespace {

/// A path in sockaddr_un has 107 bytes at most; through the folder's descriptor any folder is
/// short.
struct ShortPath {
    int folder = -1;
    sockaddr_un address{};

    explicit ShortPath(const std::filesystem::path &profileFolder)
        : folder(::open(profileFolder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    {
        address.sun_family = AF_UNIX;
        const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/control";
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    }
    ~ShortPath()
    {
        if (folder >= 0)
            ::close(folder);
    }
    ShortPath(const ShortPath &) = delete;
    ShortPath &operator=(const ShortPath &) = delete;

    [[nodiscard]] const sockaddr *get() const
    {
        return reinterpret_cast<const sockaddr *>(&address);
    }
};

void setPatience(int file, Millis patience)
{
    timeval time{};
    time.tv_sec = static_cast<time_t>(patience.count() / 1000);
    time.tv_usec = static_cast<suseconds_t>(patience.count() % 1000 * 1000);
    ::setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

bool sendAll(int file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = ::send(file, text.data(), text.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::optional<std::string> receiveLine(int file)
{
    std::string line;
    std::array<char, 64 * 1024> buffer{};
    while (line.size() <= ControlServer::kLineBytesMax) {
        const ssize_t count = ::recv(file, buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return std::nullopt;
        line.append(buffer.data(), static_cast<std::size_t>(count));
        if (line.back() == '\n') {
            line.pop_back();
            return line;
        }
    }
    return std::nullopt;
}

} // namespace

std::expected<std::unique_ptr<ControlServer>, ProfileError>
ControlServer::open(const std::filesystem::path &profileFolder, Handler handler)
{
    std::unique_ptr<ControlServer> result(new ControlServer);
    result->m_path = profileFolder / "control";
    result->m_handler = std::move(handler);
    ::unlink(result->m_path.c_str()); // the profile's lock is ours: nobody answers there any more
    result->m_socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const ShortPath path(profileFolder);
    const mode_t before = ::umask(0177); // 0600 from the first moment on
    const int bound = ::bind(result->m_socket, path.get(), sizeof(sockaddr_un));
    const int error = errno;
    ::umask(before);
    if (bound != 0)
        return std::unexpected(systemError(error, result->m_path));
    if (::listen(result->m_socket, 8) != 0 || ::pipe2(result->m_stop, O_CLOEXEC) != 0)
        return std::unexpected(systemError(errno, result->m_path));
    result->m_thread = std::thread([server = result.get()] { server->run(); });
    return result;
}

ControlServer::~ControlServer()
{
    if (m_thread.joinable()) {
        const char stop = 'x';
        (void)!::write(m_stop[1], &stop, 1);
        m_thread.join();
    }
    for (const int file : {m_socket, m_stop[0], m_stop[1]})
        if (file >= 0)
            ::close(file);
    ::unlink(m_path.c_str());
}

void ControlServer::run()
{
    for (;;) {
        std::array<pollfd, 2> files{{{m_socket, POLLIN, 0}, {m_stop[0], POLLIN, 0}}};
        if (::poll(files.data(), files.size(), -1) < 0 && errno != EINTR)
            return;
        if (files[1].revents != 0)
            return;
        if ((files[0].revents & POLLIN) == 0)
            continue;
        const int connection = ::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0)
            continue;
        serve(connection);
        ::close(connection);
    }
}

void ControlServer::serve(int connection)
{
    setPatience(connection, kPatience);
    if (const auto line = receiveLine(connection); line)
        (void)sendAll(connection, m_handler(*line) + "\n");
}

std::optional<std::string> askRunning(const std::filesystem::path &profileFolder,
                                      const std::string &line, Millis patience)
{
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0)
        return std::nullopt;
    const ShortPath path(profileFolder);
    setPatience(file, patience);
    std::optional<std::string> result;
    if (::connect(file, path.get(), sizeof(sockaddr_un)) == 0 && sendAll(file, line + "\n"))
        result = receiveLine(file);
    ::close(file);
    return result;
}

} // namespace nlbd::app
