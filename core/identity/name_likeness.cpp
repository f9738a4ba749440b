#include "core/identity/name_likeness.h"

#include "core/base/utf8.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <memory>

namespace nlbd::identity {

namespace {

struct CloseChecker {
    void operator()(USpoofChecker *checker) const { uspoof_close(checker); }
};
using Checker = std::unique_ptr<USpoofChecker, CloseChecker>;

std::string toUtf8(const icu::UnicodeString &text)
{
    std::string result;
    text.toUTF8String(result);
    return result;
}

/// Runs of white space become one space, as a reader sees them.
icu::UnicodeString withSingleSpaces(std::string_view name)
{
    const auto text = icu::UnicodeString::fromUTF8({name.data(), static_cast<int>(name.size())});
    icu::UnicodeString result;
    bool wasSpace = false;
    for (int i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const UChar32 scalar = text.char32At(i);
        const bool isSpace = u_isUWhiteSpace(scalar) != 0;
        if (!isSpace)
            result.append(scalar);
        else if (!wasSpace)
            result.append(UChar32(' '));
        wasSpace = isSpace;
    }
    return result;
}

/// Empty if the library cannot say: then nothing is called alike but what is equal.
icu::UnicodeString skeletonOf(const USpoofChecker &checker, const icu::UnicodeString &name)
{
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(&checker, 0, name, skeleton, &error);
    return U_SUCCESS(error) ? skeleton : icu::UnicodeString();
}

} // namespace

std::string composedName(std::string_view name)
{
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2 *composer = icu::Normalizer2::getNFCInstance(error);
    if (U_FAILURE(error) || !utf8::isValid(name))
        return std::string(name);
    const icu::UnicodeString composed = composer->normalize(
        icu::UnicodeString::fromUTF8({name.data(), static_cast<int>(name.size())}), error);
    return U_SUCCESS(error) ? toUtf8(composed) : std::string(name);
}

bool areConfusable(std::string_view one, std::string_view other)
{
    if (one == other)
        return true;
    UErrorCode error = U_ZERO_ERROR;
    const Checker checker(uspoof_open(&error));
    if (U_FAILURE(error))
        return false;
    icu::UnicodeString first = withSingleSpaces(one);
    icu::UnicodeString second = withSingleSpaces(other);
    const auto haveOneSkeleton = [&] {
        const icu::UnicodeString skeleton = skeletonOf(*checker, first);
        return !skeleton.isEmpty() && skeleton == skeletonOf(*checker, second);
    };
    if (haveOneSkeleton())
        return true;
    first.foldCase();
    second.foldCase();
    return haveOneSkeleton();
}

} // namespace nlbd::identity
