#include "ui/words_suggestions.h"

#include "ui/words_reader.h"

#include <QCoreApplication>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

constexpr qsizetype kShownUnits = 120;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Suggestions)
};

bool isMe(const People &people, MemberIndex member)
{
    return std::ranges::any_of(people, [member](const api::Person &person) {
        return person.isMe && person.member == member;
    });
}

/// What one format says; of what a block is, with all that is set.
QString formatWords(const std::string &key, const std::optional<std::string> &value,
                    const Attributes &set)
{
    struct Name {
        const char *key;
        const char *yes;
        const char *no;
    };
    static constexpr Name kNames[] = {{"bold", QT_TRANSLATE_NOOP("Suggestions", "bold"),
                                       QT_TRANSLATE_NOOP("Suggestions", "not bold")},
                                      {"italic", QT_TRANSLATE_NOOP("Suggestions", "italic"),
                                       QT_TRANSLATE_NOOP("Suggestions", "not italic")},
                                      {"underline", QT_TRANSLATE_NOOP("Suggestions", "underlined"),
                                       QT_TRANSLATE_NOOP("Suggestions", "not underlined")},
                                      {"strike", QT_TRANSLATE_NOOP("Suggestions", "struck through"),
                                       QT_TRANSLATE_NOOP("Suggestions", "not struck through")},
                                      {"code", QT_TRANSLATE_NOOP("Suggestions", "code"),
                                       QT_TRANSLATE_NOOP("Suggestions", "no code")},
                                      {"highlight", QT_TRANSLATE_NOOP("Suggestions", "highlighted"),
                                       QT_TRANSLATE_NOOP("Suggestions", "not highlighted")},
                                      {"done", QT_TRANSLATE_NOOP("Suggestions", "done"),
                                       QT_TRANSLATE_NOOP("Suggestions", "not done")}};
    for (const Name &name : kNames)
        if (key == name.key)
            return Words::tr(value ? name.yes : name.no);
    if (key == kLink)
        return value ? Words::tr("a link to %1").arg(suggestedWords(*value)) : Words::tr("no link");
    if (key == "indent") {
        const Attributes item{{"block", "bullet"}, {"indent", value.value_or("0")}};
        return Words::tr("level %1").arg(blockStyleOf(item).indent + 1);
    }
    if (key == "language")
        return value ? Words::tr("code in %1").arg(suggestedWords(*value))
                     : Words::tr("code in no language");
    Attributes block = set;
    block.insert_or_assign(key, value.value_or(std::string()));
    return words::block(blockStyleOf(block));
}

} // namespace

QString suggesterName(const People &people, MemberIndex member)
{
    const auto found = std::ranges::find(people, member, &api::Person::member);
    return found == people.end() ? Words::tr("Somebody") : QString::fromUtf8(found->name);
}

QString suggestedWords(const std::string &words)
{
    QString text = QString::fromUtf8(words).replace(QChar(u'\n'), QChar(0x21B5));
    if (text.size() <= kShownUnits)
        return text;
    text.truncate(text[kShownUnits - 1].isHighSurrogate() ? kShownUnits - 1 : kShownUnits);
    return text + QChar(0x2026);
}

QString suggestedFormats(const api::Suggestion &suggestion)
{
    const auto &formats = suggestion.formats;
    std::vector<std::vector<std::pair<TextOffset, TextOffset>>> places(formats.size());
    for (const api::Suggestion::Part &part : suggestion.parts)
        if (part.what == api::Suggestion::Part::What::Styled)
            places.at(part.format).emplace_back(part.from, part.to);
    QStringList all;
    for (std::size_t i = 0; i < formats.size(); ++i) {
        Attributes beside; // what is set of the same blocks
        bool isOfKind = false;
        for (std::size_t other = 0; other < formats.size() && isOfBlock(formats[i].key); ++other) {
            if (places[other] != places[i])
                continue;
            isOfKind = isOfKind || formats[other].key == "block";
            if (formats[other].value)
                beside.insert_or_assign(formats[other].key, *formats[other].value);
        }
        if (isOfKind && formats[i].key != "block")
            continue; // said with what the block is
        const QString words = formatWords(formats[i].key, formats[i].value, beside);
        if (!all.contains(words))
            all.append(words);
    }
    return all.join(Words::tr(", "));
}

QString suggestionHead(const api::Suggestion &suggestion, const People &people)
{
    const QString name = suggesterName(people, suggestion.member);
    const bool isMine = isMe(people, suggestion.member);
    if (suggestion.kind == api::Suggestion::Kind::Kept) {
        const MemberIndex by = suggestion.removedBy.value_or(MemberIndex());
        if (isMe(people, by))
            return Words::tr("%1 edited a paragraph you removed").arg(name);
        const QString other = suggesterName(people, by);
        return isMine ? Words::tr("You edited a paragraph that %1 removed").arg(other)
                      : Words::tr("%1 edited a paragraph that %2 removed").arg(name, other);
    }
    return isMine ? Words::tr("You suggest a change") : Words::tr("%1 suggests a change").arg(name);
}

QString suggestionSentence(const api::Suggestion &suggestion, const People &people)
{
    QStringList parts{suggestionHead(suggestion, people)};
    const auto add = [&parts](const QString &sentence, const std::string &words) {
        if (!words.empty())
            parts.append(sentence.arg(suggestedWords(words)));
    };
    const bool isKept = suggestion.kind == api::Suggestion::Kind::Kept;
    add(Words::tr("Remove \u201c%1\u201d"), suggestion.removed);
    add(isKept ? Words::tr("Kept: \u201c%1\u201d") : Words::tr("Add \u201c%1\u201d"),
        suggestion.added);
    if (const QString formats = suggestedFormats(suggestion); !formats.isEmpty())
        parts.append(
            Words::tr("Format \u201c%1\u201d: %2").arg(suggestedWords(suggestion.styled), formats));
    if (suggestion.state == api::Agreement::Unsent || suggestion.state == api::Agreement::Pencil)
        parts.append(Words::tr("in pencil"));
    return parts.join(QStringLiteral(". "));
}

QString contested(const api::SuggestionContested &event, const People &people)
{
    const QString by = suggesterName(people, event.by);
    const QString against = suggesterName(people, event.against);
    return event.stands == api::Verdict::Accepted
        ? Words::tr("%1 accepted what %2 rejected at the same time. It is accepted.")
              .arg(by, against)
        : Words::tr("%1 rejected what %2 accepted at the same time. It is rejected.")
              .arg(by, against);
}

} // namespace nlbd::ui::words
