#include "core/engine/looks.h"

#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"
#include "core/crdt/patch_delta.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

/// Sorted and apart.
void join(std::vector<Stretch> &stretches)
{
    std::ranges::sort(stretches, {}, &Stretch::from);
    std::vector<Stretch> joined;
    for (const Stretch &it : stretches) {
        const TextOffset end = it.from + it.length;
        if (joined.empty() || it.from > joined.back().from + joined.back().length)
            joined.push_back(it);
        else
            joined.back().length = std::max(joined.back().length, end - joined.back().from);
    }
    stretches = std::move(joined);
}

Attributes valuesOf(const AttributeChanges &changes)
{
    Attributes values;
    for (const auto &[key, value] : changes)
        if (value && !crdt::isCommentKey(key) && !crdt::isSuggestionKey(key))
            values.emplace(key, *value);
    return values;
}

/// Anybody may have set anything there.
Attributes blockKeysOf(Attributes attributes)
{
    std::erase_if(attributes, [](const auto &it) { return !crdt::isLetterKey(it.first); });
    return attributes;
}

void addLook(std::vector<api::Look> &looks, TextOffset from, TextOffset length,
             Attributes attributes)
{
    const bool isSame =
        !looks.empty() && looks.back().to == from && looks.back().attributes == attributes;
    if (isSame)
        looks.back().to += length;
    else
        looks.push_back({from, from + length, std::move(attributes)});
}

} // namespace

api::Looks looksOf(const crdt::Document &document, std::vector<Stretch> stretches)
{
    join(stretches);
    api::Looks looks;
    for (const Stretch &stretch : stretches) {
        const TextOffset end = std::min(stretch.from + stretch.length, document.length());
        if (stretch.from + stretch.length > document.length())
            looks.last = blockKeysOf(document.attributes(document.length()));
        TextOffset at = std::min(stretch.from, end);
        for (const crdt::DeltaStep &step : document.content(at, end)) {
            if (step.kind != crdt::DeltaStep::Kind::Insert)
                continue;
            const auto length = static_cast<TextOffset>(utf8::length(step.text));
            addLook(looks.letters, at, length, valuesOf(step.attributes));
            at += length;
        }
    }
    return looks;
}

std::vector<Stretch> insertedBy(const TextPatches &patches)
{
    using Kind = crdt::PatchSteps::Step::Kind;
    std::vector<Stretch> stretches;
    TextOffset at = 0;
    const crdt::PatchSteps steps(patches);
    for (const crdt::PatchSteps::Step &step : steps.steps()) {
        if (step.kind == Kind::Inserted)
            stretches.push_back({at, step.length});
        if (step.kind != Kind::Removed)
            at += step.length;
    }
    return stretches;
}

api::Looks looksAfter(const crdt::Document &document, const TextPatches &patches,
                      std::vector<Stretch> formatted)
{
    const bool isPlainNews = formatted.empty();
    const std::vector<Stretch> inserted = insertedBy(patches);
    formatted.insert(formatted.end(), inserted.begin(), inserted.end());
    api::Looks looks = looksOf(document, std::move(formatted));
    if (isPlainNews)
        std::erase_if(looks.letters, [](const api::Look &look) { return look.attributes.empty(); });
    return looks;
}

std::vector<Stretch> formattedBy(const crdt::Document &document, const crdt::Ops &ops)
{
    std::vector<Stretch> stretches;
    const auto add = [&](const crdt::Anchor &from, const crdt::Anchor &to) {
        const auto first = document.resolve(from);
        const auto last = document.resolve(to);
        if (first && last && *first < *last)
            stretches.push_back({*first, *last - *first});
    };
    for (const crdt::Op &op : ops) {
        const auto *mark = std::get_if<crdt::SetMark>(&op);
        if (mark != nullptr && !crdt::isCommentKey(mark->key))
            add(mark->from, mark->to);
        const auto *attribute = std::get_if<crdt::SetAttribute>(&op);
        if (attribute == nullptr)
            continue;
        if (attribute->letter == crdt::kRoot)
            stretches.push_back({document.length(), 1});
        else
            add({attribute->letter, crdt::Side::Left}, {attribute->letter, crdt::Side::Right});
    }
    return stretches;
}

std::vector<TextOffset> ownLettersIn(const crdt::Document &document, TextOffset from, TextOffset to)
{
    std::vector<TextOffset> letters;
    crdt::forEachOwnLetter(document.text(from, to - from), from,
                           [&](TextOffset at, std::size_t, std::size_t) { letters.push_back(at); });
    return letters;
}

bool isStyledAround(const crdt::Document &document, const Stretch &stretch)
{
    const TextOffset from = stretch.from == 0 ? 0 : stretch.from - 1;
    const TextOffset to = std::min(stretch.from + stretch.length + 1, document.length());
    return std::ranges::any_of(document.styledRuns(from, to), [](const crdt::StyledRun &run) {
        return std::ranges::any_of(run.marks,
                                   [](const auto &it) { return !crdt::isCommentKey(it.first); });
    });
}

} // namespace nlbd::engine
