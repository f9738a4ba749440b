#include "app/text_file.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace nlbd::app {

namespace {

/// CR LF and CR become LF.
std::string withUnixLines(const std::string &text)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r')
            result += text[i];
        else if (i + 1 == text.size() || text[i + 1] != '\n')
            result += '\n';
    }
    return result;
}

std::size_t longestLine(std::string_view text)
{
    std::size_t longest = 0;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        longest = std::max(longest, end - from);
        from = end + 1;
    }
    return longest;
}

} // namespace

std::expected<std::string, TextFileError> readTextFile(const std::filesystem::path &file)
{
    using Kind = TextFileError::Kind;
    const std::string name = "\"" + file.filename().string() + "\"";
    const auto refuse = [&name](Kind kind, const std::string &why, const std::string &remedy) {
        return std::unexpected(
            TextFileError{kind, name + " " + why + ". Nothing was imported. " + remedy});
    };
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status))
        return refuse(Kind::NotFound, "is not there", "See whether its name is written right.");
    if (std::filesystem::is_directory(status))
        return refuse(Kind::NotText, "is a folder", "Choose a text file.");
    if (!std::filesystem::is_regular_file(status))
        return refuse(Kind::NotText, "is no file on a disk", "Choose a text file.");
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return refuse(Kind::NotFound, "cannot be read (" + std::string(std::strerror(errno)) + ")",
                      "See whether you may read it.");
    // A file that grows tells no honest size: read until there is more than the limit.
    std::string text;
    std::array<char, 64 * 1024> block{};
    while (in && text.size() <= kImportBytesMax) {
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad())
        return refuse(Kind::NotFound, "cannot be read (" + std::string(std::strerror(errno)) + ")",
                      "See whether its disk works.");
    if (text.size() > kImportBytesMax)
        return refuse(Kind::NotText, "has more than 16 MB", "Cut it into several files.");
    if (text.starts_with("\xEF\xBB\xBF"))
        text.erase(0, 3);
    if (!utf8::isValid(text) || text.find('\0') != std::string::npos)
        return refuse(Kind::NotText, "is not text in UTF-8", "Save it as UTF-8 text first.");
    text = withUnixLines(text);
    if (longestLine(text) > kImportLineBytesMax)
        return refuse(Kind::NotText, "has a line of more than 200,000 bytes",
                      "Break it into lines, as typing in such a line would stutter.");
    return text;
}

} // namespace nlbd::app
