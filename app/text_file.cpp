#include "app/text_file.h"

#include "core/base/utf8.h"

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

} // namespace

std::expected<std::string, std::string> readTextFile(const std::filesystem::path &file)
{
    const std::string name = "\"" + file.filename().string() + "\"";
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        return std::unexpected(name + " is a folder. Nothing was imported. Choose a text file.");
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        return std::unexpected(name + " cannot be read: " + error.message()
                               + ". Nothing was imported.");
    if (size > kImportBytesMax)
        return std::unexpected(
            name + " has more than 16 MiB. Nothing was imported. Cut it into several files.");
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in.good() && !in.eof())
        return std::unexpected(name + " cannot be read: " + std::strerror(errno)
                               + ". Nothing was imported.");
    if (text.starts_with("\xEF\xBB\xBF"))
        text.erase(0, 3);
    if (!utf8::isValid(text) || text.find('\0') != std::string::npos)
        return std::unexpected(
            name + " is not text in UTF-8. Nothing was imported. Save it as UTF-8 text first.");
    return withUnixLines(text);
}

} // namespace nlbd::app
