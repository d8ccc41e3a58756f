#include <hbmux/user.h>

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace hbmux {

User User::current() {
  if (const char* name = std::getenv("HADOOP_USER_NAME"); name && *name) return {name, {}};
  std::vector<char> buffer(1 << 14);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found && *found->pw_name) {
    return {found->pw_name, {}};
  }
  // Not in the password file, as in many containers.
  if (const char* name = std::getenv("USER"); name && *name) return {name, {}};
  return {std::to_string(geteuid()), {}};
}

}  // namespace hbmux
