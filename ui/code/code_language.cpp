#include "ui/code/code_language.h"

#include <algorithm>
#include <array>

namespace nlbd::ui {

namespace {

using Form = CodeLanguage::Form;
using sv = std::string_view;

constexpr std::size_t kIdBytesMax = 24;

constexpr std::array<sv, 1> kSlashes{"//"};
constexpr std::array<sv, 1> kHash{"#"};
constexpr std::array<sv, 1> kDashes{"--"};

constexpr CodeFrame kBlockComment{"/*", "*/", CodeKind::Comment, false, true};
constexpr CodeFrame kDouble{"\"", "\"", CodeKind::String, true};
constexpr CodeFrame kSingle{"'", "'", CodeKind::String, true};

// Longer signs stand before those that they begin with.
constexpr std::array kFramesC{
    kBlockComment, CodeFrame{"R\"(", ")\"", CodeKind::String, false, true}, kDouble, kSingle};
constexpr std::array kFramesPython{CodeFrame{"\"\"\"", "\"\"\"", CodeKind::String, true, true},
                                   CodeFrame{"'''", "'''", CodeKind::String, true, true}, kDouble,
                                   kSingle};
constexpr std::array kFramesScript{kBlockComment, CodeFrame{"`", "`", CodeKind::String, true, true},
                                   kDouble, kSingle};
constexpr std::array kFramesJson{kDouble};
constexpr std::array kFramesShell{CodeFrame{"\"", "\"", CodeKind::String, true, true},
                                  CodeFrame{"'", "'", CodeKind::String, false, true},
                                  CodeFrame{"`", "`", CodeKind::String, true, true}};
constexpr std::array kFramesMarkup{CodeFrame{"<!--", "-->", CodeKind::Comment, false, true},
                                   CodeFrame{"\"", "\"", CodeKind::String, false, true},
                                   CodeFrame{"'", "'", CodeKind::String, false, true}};
constexpr std::array kFramesStyle{kBlockComment, kDouble, kSingle};
constexpr std::array kFramesSql{kBlockComment, CodeFrame{"'", "'", CodeKind::String, false, true},
                                CodeFrame{"\"", "\"", CodeKind::Name}};
constexpr std::array kFramesMarkdown{CodeFrame{"```", "```", CodeKind::String, false, true},
                                     CodeFrame{"<!--", "-->", CodeKind::Comment, false, true},
                                     CodeFrame{"`", "`", CodeKind::String},
                                     CodeFrame{"**", "**", CodeKind::Keyword}};
constexpr std::array kFramesRust{CodeFrame{"/*", "*/", CodeKind::Comment, false, true, true},
                                 CodeFrame{"r#\"", "\"#", CodeKind::String, false, true},
                                 CodeFrame{"\"", "\"", CodeKind::String, true, true}};
constexpr std::array kFramesGo{kBlockComment, CodeFrame{"`", "`", CodeKind::String, false, true},
                               kDouble, kSingle};

constexpr CodeLanguage kC{
    "cpp",
    "C and C++",
    "c c++ cc cxx h hpp",
    "alignas alignof asm auto break case catch class co_await co_return co_yield concept const "
    "consteval constexpr constinit const_cast continue decltype default delete do dynamic_cast "
    "else enum explicit export extern final for friend goto if inline mutable namespace new "
    "noexcept operator override private protected public register reinterpret_cast requires "
    "return sizeof static static_assert static_cast struct switch template this thread_local "
    "throw try typedef typeid typename union using virtual volatile while",
    "bool char char8_t char16_t char32_t double false float int int8_t int16_t int32_t int64_t "
    "long NULL nullptr short signed size_t std string true uint8_t uint16_t uint32_t uint64_t "
    "unsigned vector void wchar_t",
    kSlashes,
    kFramesC,
    {},
    Form::Program,
    false,
    true};
constexpr CodeLanguage kPython{
    "python",
    "Python",
    "py python3",
    "and as assert async await break case class continue def del elif else except finally for "
    "from global if import in is lambda match nonlocal not or pass raise return try while with "
    "yield",
    "bool bytes dict False float int list None object print range self set str True tuple type",
    kHash,
    kFramesPython,
    "@"};
constexpr CodeLanguage kScript{
    "javascript",
    "JavaScript, TypeScript",
    "js jsx mjs node ts tsx typescript",
    "abstract as async await break case catch class const continue debugger declare default "
    "delete do else enum export extends finally for from function get if implements import in "
    "instanceof interface keyof let namespace new of private protected public readonly return "
    "satisfies set static super switch this throw try type typeof var void while with yield",
    "any Array bigint boolean console document false Infinity JSON Map Math NaN never null number "
    "Object Promise Set string symbol true undefined unknown window",
    kSlashes,
    kFramesScript,
    "@"};
constexpr CodeLanguage kJson{
    "json",        "JSON", "jsonc json5", {},  "true false null", kSlashes, kFramesJson, {},
    Form::Program, false,  false,         true};
constexpr CodeLanguage kShell{
    "shell",
    "Shell",
    "sh bash zsh console",
    "alias break case continue do done elif else esac eval exec exit export fi for function if in "
    "local readonly return select set shift source then trap unset until while",
    "cat cd chmod cp curl cut echo false find git grep head kill ln ls make mkdir mv printf pwd "
    "read rm sed sort sudo tail tar test touch tr true wc xargs",
    kHash,
    kFramesShell,
    "$"};
constexpr CodeLanguage kMarkup{"html",        "HTML, XML", "xhtml xml svg htm", {}, {}, {},
                               kFramesMarkup, {},          Form::Markup};
constexpr CodeLanguage kStyle{
    "css",
    "CSS",
    "scss less",
    {},
    "auto block bold center flex grid hidden important inherit initial inline none relative "
    "solid transparent unset",
    {},
    kFramesStyle,
    "@.#",
    Form::Style};
constexpr CodeLanguage kSql{
    "sql",
    "SQL",
    "sqlite postgresql mysql",
    "add all alter and as asc begin between by case check column commit constraint create cross "
    "database default delete desc distinct drop else end except exists foreign from full group "
    "having if in index inner insert intersect into is join key left like limit not offset on or "
    "order outer primary references returning right rollback select set table then transaction "
    "trigger union unique update using values view when where with",
    "avg bigint blob boolean char count date decimal false float int integer max min null numeric "
    "real sum text time timestamp true varchar",
    kDashes,
    kFramesSql,
    {},
    Form::Program,
    true};
constexpr CodeLanguage kMarkdown{"markdown",      "Markdown", "md",          {}, {}, {},
                                 kFramesMarkdown, {},         Form::Markdown};
constexpr CodeLanguage kRust{
    "rust",
    "Rust",
    "rs",
    "as async await break const continue crate dyn else enum extern fn for if impl in let loop "
    "match mod move mut pub ref return self Self static struct super trait type unsafe use where "
    "while",
    "bool Box char Err f32 f64 false i8 i16 i32 i64 i128 isize None Ok Option Result Some str "
    "String true u8 u16 u32 u64 u128 usize Vec",
    kSlashes,
    kFramesRust};
constexpr CodeLanguage kGo{
    "go",
    "Go",
    "golang",
    "break case chan const continue default defer else fallthrough for func go goto if import "
    "interface map package range return select struct switch type var",
    "any append bool byte cap complex64 complex128 copy error false float32 float64 int int8 int16 "
    "int32 int64 iota len make new nil panic rune string true uint uint8 uint16 uint32 uint64 "
    "uintptr",
    kSlashes,
    kFramesGo};
constexpr CodeLanguage kPlain{"", "Plain text", "text txt plain", {}, {}, {}, {}};

constexpr std::array kAll{kPlain, kC,        kStyle,  kGo,   kMarkup, kScript,
                          kJson,  kMarkdown, kPython, kRust, kShell,  kSql};

bool isSame(std::string_view one, std::string_view other)
{
    return std::ranges::equal(one, other, [](char a, char b) {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        };
        return lower(a) == lower(b);
    });
}

} // namespace

std::span<const CodeLanguage> codeLanguages()
{
    return kAll;
}

const CodeLanguage *languageCalled(std::string_view id)
{
    if (!isLanguageId(id))
        return nullptr;
    const auto isAlias = [id](std::string_view aliases) {
        while (!aliases.empty()) {
            const std::size_t end = std::min(aliases.find(' '), aliases.size());
            if (isSame(aliases.substr(0, end), id))
                return true;
            aliases.remove_prefix(std::min(end + 1, aliases.size()));
        }
        return false;
    };
    const auto *found = std::ranges::find_if(kAll, [&](const CodeLanguage &language) {
        return isSame(language.id, id) || isAlias(language.aliases);
    });
    return found == kAll.end() ? nullptr : found;
}

bool isLanguageId(std::string_view id)
{
    return !id.empty() && id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '+' || c == '-' || c == '#' || c == '.' || c == '_';
    });
}

} // namespace nlbd::ui
