#include "core/crdt/document_impl.h"

namespace nlbd::crdt {

Past Document::Impl::pastOf(const InPast &isThen) const
{
    PastView view(text, isThen);
    PastFormats formats(text.numbers().next(), {}, {});
    return {std::move(view), std::move(formats)};
}

std::string Document::textAt(const InPast &isThen) const
{
    return PastView(m_impl->text, isThen).text();
}

Delta Document::contentAt(const InPast &isThen) const
{
    Past nothing = m_impl->pastOf([](ChangeHandle) { return false; });
    Past then = m_impl->pastOf(isThen);
    Delta content;
    for (AuthoredStep &it : Differ(m_impl->text, m_impl->order, nothing, then, false).run())
        content.push_back(std::move(it.step));
    return content;
}

std::vector<AuthoredStep> Document::difference(const InPast &before, const InPast &after) const
{
    Past then = m_impl->pastOf(before);
    Past later = m_impl->pastOf(after);
    return Differ(m_impl->text, m_impl->order, then, later, true).run();
}

std::string Document::fieldAt(std::string_view key, const InPast &isThen) const
{
    return m_impl->fields.valueAt(key, isThen);
}

} // namespace nlbd::crdt
