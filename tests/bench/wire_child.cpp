#include "wire_child.h"

#include "core/base/check.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

extern char **environ;

namespace nlbd::bench {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMilli = 1'000'000;

void closeOnce(int &descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
    descriptor = -1;
}

} // namespace

std::string letterOf(std::size_t key)
{
    CHECK(key < kKeysMax);
    const auto scalar = kFirstLetter + static_cast<char32_t>(key);
    return {static_cast<char>(0xE0U | (scalar >> 12U)),
            static_cast<char>(0x80U | ((scalar >> 6U) & 0x3FU)),
            static_cast<char>(0x80U | (scalar & 0x3FU))};
}

std::int64_t nowNs()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * kSecond + time.tv_nsec;
}

void sleepUntil(std::int64_t ns)
{
    const timespec time{ns / kSecond, ns % kSecond};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
    }
}

std::expected<Child, std::string> Child::start(const std::vector<std::string> &arguments)
{
    CHECK(!arguments.empty());
    std::array<int, 2> in{-1, -1};
    std::array<int, 2> out{-1, -1};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
        return std::unexpected(std::string("pipe: ") + std::strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::vector<std::string> copy = arguments;
    std::vector<char *> argv;
    for (std::string &argument : copy)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    Child child;
    child.m_name = std::filesystem::path(arguments.front()).filename();
    for (std::size_t i = 1; i < std::min<std::size_t>(arguments.size(), 3); ++i)
        child.m_name += ' ' + std::filesystem::path(arguments[i]).filename().string();
    const int failure =
        posix_spawnp(&child.m_pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    closeOnce(in[0]);
    closeOnce(out[1]);
    child.m_in = in[1];
    child.m_out = out[0];
    if (failure != 0) {
        child.m_pid = -1;
        return std::unexpected(child.m_name + ": " + std::strerror(failure));
    }
    return child;
}

Child::Child(Child &&other) noexcept
    : m_name(std::move(other.m_name))
    , m_pid(std::exchange(other.m_pid, -1))
    , m_in(std::exchange(other.m_in, -1))
    , m_out(std::exchange(other.m_out, -1))
    , m_heard(std::move(other.m_heard))
{
}

Child::~Child()
{
    closeOnce(m_in);
    closeOnce(m_out);
    if (m_pid < 0)
        return;
    for (const std::int64_t end = nowNs() + 10 * kSecond; nowNs() < end;
         sleepUntil(nowNs() + 5 * kMilli))
        if (waitpid(m_pid, nullptr, WNOHANG) != 0)
            return;
    kill(m_pid, SIGKILL);
    waitpid(m_pid, nullptr, 0);
}

bool Child::say(std::string line)
{
    line += '\n';
    for (std::string_view left = line; !left.empty();) {
        const ssize_t written = write(m_in, left.data(), left.size());
        if (written < 0 && errno != EINTR)
            return false;
        left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

std::expected<std::string, std::string> Child::hear(Millis timeout)
{
    const std::int64_t end = nowNs() + timeout.count() * kMilli;
    for (;;) {
        if (const auto newline = m_heard.find('\n'); newline != std::string::npos) {
            std::string line = m_heard.substr(0, newline);
            m_heard.erase(0, newline + 1);
            if (line.starts_with("wrong "))
                return std::unexpected(m_name + ": " + line.substr(6));
            return line;
        }
        pollfd descriptor{m_out, POLLIN, 0};
        const std::int64_t left = (end - nowNs()) / kMilli;
        if (left <= 0)
            return std::unexpected(m_name + ": no answer within " + std::to_string(timeout.count())
                                   + " ms");
        if (poll(&descriptor, 1, static_cast<int>(left)) <= 0)
            continue;
        std::array<char, 16384> buffer{};
        const ssize_t count = read(m_out, buffer.data(), buffer.size());
        if (count == 0)
            return std::unexpected(m_name + ": it has ended");
        m_heard.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
}

std::expected<std::string, std::string> Child::hear(std::string_view word, Millis timeout)
{
    auto line = hear(timeout);
    if (!line)
        return line;
    if (*line == word)
        return std::string();
    if (!line->starts_with(std::string(word) + ' '))
        return std::unexpected(m_name + ": \"" + *line + "\" instead of \"" + std::string(word)
                               + '"');
    return line->substr(word.size() + 1);
}

} // namespace nlbd::bench
