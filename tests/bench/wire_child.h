#pragma once

#include "core/base/time.h"

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

/// bench_wire: from key to visible text at another process.
///
/// Every party is a process of its own that obeys lines on stdin and answers with lines on stdout.
/// Times are nanoseconds of CLOCK_MONOTONIC, the same for all processes of one machine.
///
///     -> type FIRST GAP GAP ...      type a key after each gap (microseconds)
///     <- typed FIRST TIME TIME ...   when each key was handed to the library
///     -> expect FIRST COUNT          wait until so many more keys are in the text
///     <- seen FIRST TIME TIME ...    when each could be shown; only if all came once and in order
///     <- merged FIRST TIME TIME ...  when each was in the text (nlbd only: others show no letter
///     before)
///     <- wrong WHY                   they did not
///
/// Key number k is the letter U+4E00 + k, so that the text itself says which key it holds.
namespace nlbd::bench {

inline constexpr char32_t kFirstLetter = 0x4E00;
inline constexpr std::size_t kKeysMax = 20'000; ///< letters from there that are alike: 20,992

/// UTF-8 of the letter of a key. @pre key < kKeysMax
[[nodiscard]] std::string letterOf(std::size_t key);

/// CLOCK_MONOTONIC in nanoseconds.
[[nodiscard]] std::int64_t nowNs();

/// Until then, on CLOCK_MONOTONIC.
void sleepUntil(std::int64_t ns);

/// A process with a pipe to its stdin and one from its stdout. Its stderr is ours.
class Child {
public:
    /// Runs `arguments[0]`, looked up in PATH. The error is a sentence.
    [[nodiscard]] static std::expected<Child, std::string>
    start(const std::vector<std::string> &arguments);

    Child(Child &&other) noexcept;
    Child &operator=(Child &&) = delete;

    /// Closes its stdin, which ends it; after ten seconds it is killed.
    ~Child();

    [[nodiscard]] pid_t process() const noexcept { return m_pid; }

    [[nodiscard]] bool say(std::string line);

    /// The next line; an error if there is none in time, it has ended, or it says "wrong".
    [[nodiscard]] std::expected<std::string, std::string> hear(Millis timeout);

    /// The next line must begin with this word; gives what stands behind it.
    [[nodiscard]] std::expected<std::string, std::string> hear(std::string_view word,
                                                               Millis timeout);

private:
    Child() = default;

    std::string m_name;
    pid_t m_pid = -1;
    int m_in = -1;
    int m_out = -1;
    std::string m_heard;
};

} // namespace nlbd::bench
