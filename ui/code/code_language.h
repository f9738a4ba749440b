#pragma once

#include <QString>

#include <span>
#include <string>
#include <string_view>

namespace nlbd::ui {

/// What letters of code are.
enum class CodeKind : std::uint8_t {
    Plain,
    Keyword,
    Name, ///< what is defined, a property, a variable with a sign
    String,
    Number,
    Comment,
    Tag
};

/// Something between an opening and a closing sign.
struct CodeFrame {
    std::string_view open;
    std::string_view close;
    CodeKind kind = CodeKind::String;
    bool hasEscapes = false; ///< a backslash takes the next letter along
    bool spansLines = false; ///< else it ends with its line
    bool nests = false;
};

/// A language as a table. Keywords stand in one text, between blanks.
struct CodeLanguage {
    std::string_view id; ///< as it is kept in a block's attribute "language"
    std::string_view name;
    std::string_view aliases; ///< other ids, between blanks
    std::string_view keywords;
    std::string_view values; ///< types and constants
    std::span<const std::string_view> lineComments;
    std::span<const CodeFrame> frames;
    std::string_view sigils = {}; ///< letters that make a name of what follows: $ in a shell
    enum class Form : std::uint8_t { Program, Markup, Style, Markdown } form = Form::Program;
    bool ignoresCase = false;
    bool hasDirectives = false; ///< lines that begin with #
    bool hasKeys = false;       ///< a string before a colon is a name
};

/// All that are known, by name; plain text first, which has no colours.
[[nodiscard]] std::span<const CodeLanguage> codeLanguages();

/// By id or alias, in any case; nothing if it is none of them.
[[nodiscard]] const CodeLanguage *languageCalled(std::string_view id);

/// What may stand in the attribute: at most 24 letters, digits and signs of names of languages.
/// Others may have written anything there; what is no such id is none.
[[nodiscard]] bool isLanguageId(std::string_view id);

} // namespace nlbd::ui
