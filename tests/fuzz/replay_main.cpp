// Runs a fuzz target without libFuzzer: each file of the corpus as it is, and a bounded number of
// mutations of it that are the same on every machine.
//
//     fuzz_NAME CORPUS [MUTATIONS]
//
// A crash or a sanitizer's report fails the test; the input that did it is written to
// fuzz_NAME.crash first, so that it can become part of the corpus.

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace {

using Input = std::vector<std::uint8_t>;

constexpr unsigned kMutationsDefault = 400;
constexpr std::size_t kExtensionMax = 64;

/// splitmix64 (Steele, Lea and Flood, 2014): enough to scatter, the same everywhere.
class Scatter {
public:
    explicit Scatter(std::uint64_t seed)
        : m_state(seed)
    {
    }
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : next() % bound; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }

private:
    std::uint64_t m_state;
};

const Input *g_current = nullptr;
std::string g_crashFile;

/// Called while the process dies: only system calls.
void keepCurrentInput()
{
    if (g_current == nullptr) {
        return;
    }
    const int file = open(g_crashFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0) {
        if (write(file, g_current->data(), g_current->size()) >= 0) {
            std::fprintf(stderr, "The input is kept in %s\n", g_crashFile.c_str());
        }
        close(file);
    }
    g_current = nullptr;
}

void onSignal(int number)
{
    keepCurrentInput();
    std::_Exit(128 + number);
}

void run(const Input &input)
{
    g_current = &input;
    // A copy of exactly this size, so that AddressSanitizer sees a read beyond the end.
    const Input exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    g_current = nullptr;
}

void flipBits(Input &input, Scatter &scatter)
{
    for (std::size_t n = scatter.below(4) + 1; n > 0 && !input.empty(); --n) {
        input[scatter.below(input.size())] ^= static_cast<std::uint8_t>(1U << scatter.below(8));
    }
}

void setBytes(Input &input, Scatter &scatter)
{
    constexpr std::uint8_t kTelling[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    for (std::size_t n = scatter.below(8) + 1; n > 0 && !input.empty(); --n) {
        input[scatter.below(input.size())] = kTelling[scatter.below(std::size(kTelling))];
    }
}

void extend(Input &input, Scatter &scatter)
{
    for (std::size_t n = scatter.below(kExtensionMax) + 1; n > 0; --n) {
        input.push_back(scatter.byte());
    }
}

void moveRun(Input &input, Scatter &scatter)
{
    const std::size_t from = scatter.below(input.size() + 1);
    const std::size_t length = scatter.below(std::min<std::size_t>(input.size() - from, 64) + 1);
    const Input piece(input.begin() + static_cast<std::ptrdiff_t>(from),
                      input.begin() + static_cast<std::ptrdiff_t>(from + length));
    if (scatter.below(2) == 0) {
        input.erase(input.begin() + static_cast<std::ptrdiff_t>(from),
                    input.begin() + static_cast<std::ptrdiff_t>(from + length));
    }
    const std::size_t to = scatter.below(input.size() + 1);
    input.insert(input.begin() + static_cast<std::ptrdiff_t>(to), piece.begin(), piece.end());
}

Input mutated(const Input &original, Scatter &scatter)
{
    Input input = original;
    switch (scatter.below(5)) {
    case 0:
        flipBits(input, scatter);
        break;
    case 1:
        setBytes(input, scatter);
        break;
    case 2:
        input.resize(scatter.below(input.size() + 1));
        break;
    case 3:
        extend(input, scatter);
        break;
    default:
        moveRun(input, scatter);
        break;
    }
    return input;
}

/// The corpus in an order that no file system decides.
std::vector<std::filesystem::path> filesIn(const std::filesystem::path &folder)
{
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.is_regular_file()) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

Input contentOf(const std::filesystem::path &path)
{
    std::ifstream stream(path, std::ios::binary);
    return Input(std::istreambuf_iterator<char>(stream), {});
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS [MUTATIONS]\n", argv[0]);
        return 2;
    }
    const std::string name = std::filesystem::path(argv[0]).filename().string();
    g_crashFile = name + ".crash";
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(keepCurrentInput);
    constexpr int kSignals[] = {SIGABRT}; // the others are AddressSanitizer's
#else
    constexpr int kSignals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
#endif
    for (const int number : kSignals) {
        std::signal(number, onSignal);
    }
    const unsigned long mutations =
        argc > 2 ? std::strtoul(argv[2], nullptr, 10) : kMutationsDefault;

    std::vector<Input> inputs{Input{}};
    for (const auto &path : filesIn(argv[1])) {
        inputs.push_back(contentOf(path));
    }
    if (inputs.size() == 1) {
        std::fprintf(stderr, "%s holds no input: a corpus is part of a fuzz target\n", argv[1]);
        return 1;
    }
    Scatter scatter(0x6E6C6264);
    for (const Input &input : inputs) {
        run(input);
        for (unsigned long n = 0; n < mutations; ++n) {
            run(mutated(input, scatter));
        }
    }
    std::printf("%s: %zu inputs, %lu mutations of each\n", name.c_str(), inputs.size(), mutations);
    return 0;
}
