# Qt's and the engine's headers are read once for all that needs them: that is a fifth of what
# compiling the engine, the programs and the simulator costs, half of a test, two thirds of a widget.
# The other layers' files read little, and gain nothing.
#
# Files still name all that they use. Every clang build sees it if one does not, and so does whoever
# builds many trees by turns with -DCMAKE_CXX_COMPILER_LAUNCHER=ccache, which gains more without this.

if(CMAKE_CXX_COMPILER_LAUNCHER OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(NLBD_PRECOMPILE_DEFAULT OFF)
else()
    set(NLBD_PRECOMPILE_DEFAULT ON)
endif()
option(NLBD_PRECOMPILE "Precompile what most files include" ${NLBD_PRECOMPILE_DEFAULT})

set(nlbd_standard_headers
    <algorithm> <array> <bit> <chrono> <cstdint> <cstring> <deque> <expected> <functional> <limits> <map>
    <memory> <optional> <set> <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant>
    <vector>)

# nlbd_headers(KIND [PROGRAM] HEADERS headers... [LINKS libraries...] [OPTIONS options...]
#              [DEFINITIONS definitions...])
# Prepares the headers of one kind of target: the compiler takes them only where options and
# definitions are the same. PROGRAM: for what is linked into programs, not libraries.
function(nlbd_headers kind)
    if(NOT NLBD_PRECOMPILE)
        return()
    endif()
    cmake_parse_arguments(arg "PROGRAM" "" "HEADERS;LINKS;OPTIONS;DEFINITIONS" ${ARGN})
    set(source ${CMAKE_BINARY_DIR}/headers/${kind}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "// Only its headers matter.\n")
    add_library(nlbd_headers_${kind} OBJECT EXCLUDE_FROM_ALL ${source})
    target_link_libraries(nlbd_headers_${kind} PRIVATE nlbd_options ${arg_LINKS})
    target_compile_options(nlbd_headers_${kind} PRIVATE ${arg_OPTIONS})
    target_compile_definitions(nlbd_headers_${kind} PRIVATE ${arg_DEFINITIONS})
    target_precompile_headers(nlbd_headers_${kind} PRIVATE ${arg_HEADERS})
    if(arg_PROGRAM)
        set_target_properties(nlbd_headers_${kind} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
        target_compile_options(nlbd_headers_${kind} PRIVATE -fPIE)
    endif()
endfunction()

# nlbd_precompiled(TARGET KIND): the target reads the headers of that kind from memory.
function(nlbd_precompiled target kind)
    if(NLBD_PRECOMPILE)
        target_precompile_headers(${target} REUSE_FROM nlbd_headers_${kind})
    endif()
endfunction()
