#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace nlbd::net {

/// Many descriptors that are waited for together, and asked again and again. Where the system can
/// (epoll of Linux) they stay with it, and waiting costs what is ready and not what is there.
class ReadySet {
public:
    ReadySet();
    ~ReadySet();
    ReadySet(const ReadySet &) = delete;
    ReadySet &operator=(const ReadySet &) = delete;

    /// False if the system gave no resources.
    [[nodiscard]] bool isOpen() const noexcept;

    /// Waits for `fd` to become readable from now on, and tells it by `tag`. Several descriptors
    /// may have one. Take it out before it is closed. False if the system gave no resources.
    [[nodiscard]] bool add(int fd, std::uint64_t tag);
    void remove(int fd);

    /// Waits until something of it or one of `others` is readable, or one of `writable` can be
    /// written. @return the tags of what is readable, in no order, some perhaps twice.
    /// @complexity Linux: O(ready + others + writable).
    [[nodiscard]] std::vector<std::uint64_t> wait(std::chrono::milliseconds timeout,
                                                  const std::vector<int> &others,
                                                  const std::vector<int> &writable);

private:
    std::map<int, std::uint64_t> m_tags; ///< where there is no epoll
    int m_epoll = -1;
};

} // namespace nlbd::net
