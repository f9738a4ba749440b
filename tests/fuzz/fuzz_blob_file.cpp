#include "core/store/blob_folder.h"
#include "tests/fuzz/memory_file.h"

#include <cstdlib>
#include <fstream>

using namespace nlbd;

/// An attachment's file as a failing disk gives it back: what it says it holds is bounded, and
/// nothing that fails its proof is read as a piece.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const fuzz::Folder folder;
    // The name has to fit: it is taken from where the header has it.
    Hash root;
    const std::size_t named = 16;
    for (std::size_t i = 0; i < Hash::kSize && named + i < size; ++i)
        root.value[i] = static_cast<std::byte>(data[named + i]);
    const store::BlobFolder blobs(folder.path());
    std::ofstream(blobs.fileOf(root), std::ios::binary)
        .write(reinterpret_cast<const char *>(data), static_cast<std::streamsize>(size));
    for (const store::BlobFolder::Stored &stored : blobs.list()) {
        const nlbd::blobs::Shape shape(stored.size);
        if (stored.root != root || stored.held.pieces() != shape.pieces())
            std::abort();
        for (std::uint32_t piece = 0; piece < std::min(shape.pieces(), 4U); ++piece) {
            const Bytes proved = blobs.read(root, shape, piece);
            if (!proved.empty() && nlbd::blobs::openProved(root, shape, piece, proved).empty())
                std::abort();
            blobs.lose(root, shape, piece);
        }
        blobs.drop(root);
    }
    return 0;
}
