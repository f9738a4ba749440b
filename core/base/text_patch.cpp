#include "core/base/text_patch.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>

namespace nlbd {

namespace {

/// One half of a patch: either text comes or text goes. Transforming halves keeps the rules few.
struct Half {
    TextOffset at = 0;
    TextOffset count = 0; ///< scalars that come or go
    bool isInsert = false;
    std::string text;
};
using Halves = std::vector<Half>;

Halves halvesOf(const TextPatches &patches)
{
    Halves result;
    result.reserve(patches.size() * 2);
    for (const TextPatch &patch : patches) {
        if (patch.removed > 0)
            result.push_back({patch.at, patch.removed, false, {}});
        if (!patch.inserted.empty())
            result.push_back({patch.at, utf8::length(patch.inserted), true, patch.inserted});
    }
    return result;
}

/// Neighbouring halves become one patch again where that says the same.
TextPatches patchesOf(Halves halves)
{
    TextPatches result;
    result.reserve(halves.size());
    for (Half &half : halves) {
        if (half.isInsert) {
            const bool joins =
                !result.empty() && result.back().at == half.at && result.back().inserted.empty();
            if (!joins)
                result.push_back({half.at, 0, {}});
            result.back().inserted = std::move(half.text);
        } else if (!result.empty() && result.back().at == half.at
                   && result.back().inserted.empty()) {
            result.back().removed += half.count;
        } else {
            result.push_back({half.at, half.count, {}});
        }
    }
    return result;
}

/// Two insertions: the later place moves on; at one place precedence decides.
void crossInserts(Half &left, Half &right, Precedence precedence)
{
    const bool isLeftFirst =
        left.at < right.at || (left.at == right.at && precedence == Precedence::First);
    if (isLeftFirst)
        right.at += left.count;
    else
        left.at += right.count;
}

/// An insertion and a removal. Returns what is left to remove: two parts around text that came
/// into the middle, because that text survives.
Halves crossInsertRemoval(Half &insert, Half removal)
{
    const TextOffset end = removal.at + removal.count;
    if (insert.at <= removal.at) {
        removal.at += insert.count;
        return {std::move(removal)};
    }
    if (insert.at >= end) {
        insert.at -= removal.count;
        return {std::move(removal)};
    }
    const TextOffset before = insert.at - removal.at;
    Halves parts{{removal.at, before, false, {}},
                 {removal.at + insert.count, removal.count - before, false, {}}};
    insert.at = removal.at;
    return parts;
}

/// Two removals: what both remove is left to neither.
void crossRemovals(Half &left, Half &right)
{
    const TextOffset leftEnd = left.at + left.count;
    const TextOffset rightEnd = right.at + right.count;
    const TextOffset from = std::max(left.at, right.at);
    const TextOffset to = std::min(leftEnd, rightEnd);
    const TextOffset shared = from < to ? to - from : 0;
    // The part of the other that lies before my start has gone when my turn comes.
    const TextOffset rightBefore = right.at < left.at ? std::min(rightEnd, left.at) - right.at : 0;
    const TextOffset leftBefore = left.at < right.at ? std::min(leftEnd, right.at) - left.at : 0;
    left.at -= rightBefore;
    right.at -= leftBefore;
    left.count -= shared;
    right.count -= shared;
}

/// Carries the parts of one left half over one right half. Insertions never split, removals split
/// only at insertions, so one of the two lists always has one element.
void crossParts(Halves &left, Half right, Precedence precedence, Halves &rightDone)
{
    Halves rights;
    rights.push_back(std::move(right));
    Halves leftDone;
    for (Half &part : left) {
        if (rights.empty()) {
            leftDone.push_back(std::move(part));
            continue;
        }
        if (rights.front().isInsert) {
            if (part.isInsert) {
                crossInserts(part, rights.front(), precedence);
                leftDone.push_back(std::move(part));
            } else {
                for (Half &rest : crossInsertRemoval(rights.front(), std::move(part)))
                    leftDone.push_back(std::move(rest));
            }
            continue;
        }
        Halves next;
        for (Half &other : rights) {
            if (part.isInsert) {
                for (Half &rest : crossInsertRemoval(part, std::move(other)))
                    next.push_back(std::move(rest));
            } else {
                crossRemovals(part, other);
                if (other.count > 0)
                    next.push_back(std::move(other));
            }
        }
        rights = std::move(next);
        if (part.count > 0)
            leftDone.push_back(std::move(part));
    }
    left = std::move(leftDone);
    for (Half &half : rights)
        rightDone.push_back(std::move(half));
}

} // namespace

Transformed transform(const TextPatches &left, const TextPatches &right, Precedence precedence)
{
    if (left.empty() || right.empty())
        return {left, right};
    Halves rights = halvesOf(right);
    Halves lefts;
    for (Half &half : halvesOf(left)) {
        Halves parts;
        parts.push_back(std::move(half));
        Halves crossed;
        crossed.reserve(rights.size() + 1);
        for (Half &other : rights)
            crossParts(parts, std::move(other), precedence, crossed);
        rights = std::move(crossed);
        for (Half &part : parts)
            lefts.push_back(std::move(part));
    }
    return {patchesOf(std::move(lefts)), patchesOf(std::move(rights))};
}

void applyTo(std::string &text, const TextPatches &patches)
{
    for (const TextPatch &patch : patches) {
        const std::size_t begin = utf8::bytePosition(text, patch.at);
        const std::size_t count = utf8::slice(text, patch.at, patch.removed).size();
        text.replace(begin, count, patch.inserted);
    }
}

TextPatch differenceOf(std::string_view before, std::string_view after)
{
    const auto isInside = [](std::string_view text, std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    };
    const auto front = std::ranges::mismatch(before, after);
    auto begin = static_cast<std::size_t>(front.in1 - before.begin());
    while (isInside(before, begin) || isInside(after, begin))
        --begin;
    const std::string_view rest = after.substr(begin);
    std::string_view gone = before.substr(begin);
    const auto back = std::ranges::mismatch(gone | std::views::reverse, rest | std::views::reverse);
    std::size_t end = static_cast<std::size_t>(back.in1.base() - gone.begin());
    while (isInside(gone, end))
        ++end; // a scalar of which only the last bytes are alike
    const std::size_t kept = gone.size() - end;
    gone = gone.substr(0, end);
    return {utf8::length(before.substr(0, begin)), utf8::length(gone),
            std::string(rest.substr(0, rest.size() - kept))};
}

bool fits(const TextPatches &patches, TextOffset length)
{
    std::uint64_t now = length;
    for (const TextPatch &patch : patches) {
        if (std::uint64_t{patch.at} + patch.removed > now || !utf8::isValid(patch.inserted))
            return false;
        now = now - patch.removed + utf8::length(patch.inserted);
        if (now > std::numeric_limits<TextOffset>::max())
            return false;
    }
    return true;
}

TextOffset caretAfter(const TextPatch &patch, TextOffset offset) noexcept
{
    if (offset <= patch.at)
        return offset;
    const TextOffset end = patch.at + patch.removed;
    if (offset < end)
        return patch.at;
    return offset - patch.removed + utf8::length(patch.inserted);
}

} // namespace nlbd
