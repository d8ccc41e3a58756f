# Makes a C++ source file of the bytes of a file: kDescriptors.
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <cstddef>
namespace hbmux::gateway {
extern const unsigned char kDescriptors[];
extern const std::size_t kDescriptorsSize;
const unsigned char kDescriptors[] = {
${bytes}};
const std::size_t kDescriptorsSize = ${size};
}  // namespace hbmux::gateway
")
