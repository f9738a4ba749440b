#include "core/engine/rejections.h"

#include "core/base/utf8.h"
#include "core/engine/epochs.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kTextScalars = 200;

void describe(const crdt::Ops &ops, api::RejectedInfo &info)
{
    std::string text;
    for (const crdt::Op &op : ops) {
        if (const auto *insert = std::get_if<crdt::InsertText>(&op))
            text += insert->text;
        info.deletes = info.deletes || std::holds_alternative<crdt::DeleteText>(op);
    }
    info.text = text.substr(0, utf8::bytePosition(text, kTextScalars));
}

} // namespace

void Rejections::findVoid()
{
    m_rejected.clear();
    m_scanned = 0;
    m_revision = m_state.epochs->revision();
    for (const ChangeHandle change : m_state.epochs->voids()) {
        const auto &entry = m_state.graph.entry(change);
        api::RejectedInfo info;
        info.device = entry.device;
        info.seq = entry.seq.value;
        info.doc = entry.doc;
        info.when = WallTime(Millis(entry.wallMs));
        if (const auto ops = m_state.opsOf(change))
            describe(*ops, info);
        m_rejected.emplace(change, std::move(info));
    }
}

std::vector<api::RejectedInfo> Rejections::list()
{
    if (m_revision != m_state.epochs->revision())
        findVoid();
    const auto size = static_cast<std::uint32_t>(m_state.graph.size());
    if (m_rejected.empty())
        m_scanned = size;
    for (; m_scanned < size; ++m_scanned) {
        const ChangeHandle change(m_scanned + 1);
        if (m_rejected.contains(change))
            continue;
        const auto &entry = m_state.graph.entry(change);
        const auto count = [&](ChangeHandle parent) {
            const auto found = m_rejected.find(parent);
            if (found != m_rejected.end())
                ++(entry.device == m_state.me ? found->second.mine : found->second.others);
        };
        count(entry.prev);
        std::ranges::for_each(entry.deps, count);
    }
    std::vector<api::RejectedInfo> result;
    for (const auto &[change, info] : m_rejected)
        result.push_back(info);
    return result;
}

} // namespace nlbd::engine
