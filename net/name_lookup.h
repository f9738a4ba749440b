#pragma once

#include "core/base/time.h"
#include "net/endpoint.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace nlbd::net {

/// Host names become addresses on threads of their own. The system's call takes as long as its
/// servers do not answer, half a minute at worst: here nobody waits for it, and after kPatience the
/// answer is that there is none. One thread uses it.
class NameLookup {
public:
    static constexpr Millis kPatience{3000}; ///< then a person is told that the name is unknown
    static constexpr std::size_t kAtOnceMax = 16; ///< each holds a thread until the system answers

    /// What the system is asked: the addresses of that name in numbers, none if it is unknown. Any
    /// thread.
    using System = std::function<std::vector<std::string>(const std::string &host)>;
    [[nodiscard]] static std::vector<std::string> systemLookup(const std::string &host);

    /// It is an address in numbers already.
    [[nodiscard]] static bool isNumeric(const std::string &host);

    explicit NameLookup(System system = systemLookup);
    ~NameLookup();
    NameLookup(const NameLookup &) = delete;
    NameLookup &operator=(const NameLookup &) = delete;

    /// A question under way. Dropping it drops the answer.
    class Question {
    public:
        /// Nothing: not known yet. No addresses: the name is unknown, or nobody said in time.
        [[nodiscard]] std::optional<std::vector<std::string>> answer(MonoTime now) const;
        [[nodiscard]] MonoTime until() const noexcept { return m_until; }

    private:
        friend class NameLookup;
        struct Answer;
        std::shared_ptr<Answer> m_answer; ///< none: too many are asked
        MonoTime m_until{};
    };
    [[nodiscard]] Question ask(const std::string &host, MonoTime now);

    /// Can be read when an answer may be there; -1 if the system gave none.
    [[nodiscard]] int fd() const noexcept;
    /// Before answers are looked at: what fd() told is taken.
    void clear() const;

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared; ///< outlives this with threads that still wait
};

} // namespace nlbd::net
