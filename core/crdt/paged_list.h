#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace nlbd::crdt {

/// A list that only grows, in pages that never move: no more air than a page, and what is there
/// need not be copied when more comes.
template <typename T>
class PagedList {
public:
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    [[nodiscard]] T &operator[](std::size_t at) noexcept { return m_pages[at / kPage][at % kPage]; }
    [[nodiscard]] const T &operator[](std::size_t at) const noexcept
    {
        return m_pages[at / kPage][at % kPage];
    }

    /// For who reads all in order: has memory send what comes some time later.
    void fetchAhead(std::size_t at) const noexcept
    {
        constexpr std::size_t kAhead = kPage / 2;
        constexpr std::size_t kLine = 64;
        constexpr std::size_t kAtOnce = 16;
        if (at % kAtOnce != 0 || at + kAhead >= m_size)
            return;
        const T *const later = &(*this)[at + kAhead];
        for (std::size_t byte = 0; byte < kAtOnce * sizeof(T); byte += kLine)
            __builtin_prefetch(reinterpret_cast<const char *>(later) + byte);
    }

    /// Precondition: there is one.
    [[nodiscard]] T &back() noexcept { return *m_last; }
    [[nodiscard]] const T &back() const noexcept { return *m_last; }

    void push_back(const T &value)
    {
        if (m_size % kPage == 0) [[unlikely]]
            addPage();
        else
            ++m_last;
        *m_last = value;
        ++m_size;
    }

private:
    [[gnu::noinline]] void addPage()
    {
        m_pages.push_back(std::make_unique<T[]>(kPage));
        m_last = m_pages.back().get();
    }

    static constexpr std::size_t kPage = 256;

    std::vector<std::unique_ptr<T[]>> m_pages;
    std::size_t m_size = 0;
    T *m_last = nullptr;
};

} // namespace nlbd::crdt
