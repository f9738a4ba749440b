#include "net/name_lookup.h"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace nlbd::net {

struct NameLookup::Shared {
    System system;
    std::array<int, 2> ends{-1, -1};
    std::atomic<std::size_t> running = 0;

    explicit Shared(System ask)
        : system(std::move(ask))
    {
        if (pipe(ends.data()) != 0)
            ends = {-1, -1};
        for (const int end : ends)
            if (end >= 0) {
                fcntl(end, F_SETFL, O_NONBLOCK);
                fcntl(end, F_SETFD, FD_CLOEXEC);
            }
    }
    ~Shared()
    {
        for (const int end : ends)
            if (end >= 0)
                ::close(end);
    }
    Shared(const Shared &) = delete;
    Shared &operator=(const Shared &) = delete;
};

struct NameLookup::Question::Answer {
    std::mutex mutex;
    std::optional<std::vector<std::string>> addresses;
};

std::vector<std::string> NameLookup::systemLookup(const std::string &host)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *first = nullptr;
    std::vector<std::string> result;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &first) != 0)
        return result;
    for (const addrinfo *found = first; found != nullptr; found = found->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST)
            == 0)
            result.emplace_back(text.data());
    }
    freeaddrinfo(first);
    return result;
}

bool NameLookup::isNumeric(const std::string &host)
{
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo *found = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

NameLookup::NameLookup(System system)
    : m_shared(std::make_shared<Shared>(std::move(system)))
{
}

NameLookup::~NameLookup() = default;

NameLookup::Question NameLookup::ask(const std::string &host, MonoTime now)
{
    Question question;
    question.m_until = now + kPatience;
    if (m_shared->running >= kAtOnceMax)
        return question;
    const auto answer = std::make_shared<Question::Answer>();
    ++m_shared->running;
    try {
        std::thread([shared = m_shared, answer, host] {
            auto addresses = shared->system(host);
            {
                const std::lock_guard lock(answer->mutex);
                answer->addresses = std::move(addresses);
            }
            --shared->running;
            constexpr char kRing = 1;
            static_cast<void>(!write(shared->ends[1], &kRing, 1)); // full: it rings already
        }).detach();
    } catch (const std::system_error &) { // no thread is to be had
        --m_shared->running;
        return question;
    }
    question.m_answer = answer;
    return question;
}

std::optional<std::vector<std::string>> NameLookup::Question::answer(MonoTime now) const
{
    if (!m_answer)
        return std::vector<std::string>();
    const std::lock_guard lock(m_answer->mutex);
    if (m_answer->addresses || now < m_until)
        return m_answer->addresses;
    return std::vector<std::string>();
}

int NameLookup::fd() const noexcept
{
    return m_shared->ends[0];
}

void NameLookup::clear() const
{
    std::array<char, 64> rung{};
    while (read(m_shared->ends[0], rung.data(), rung.size()) > 0) {
    }
}

} // namespace nlbd::net
