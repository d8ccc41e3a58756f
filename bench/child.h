// A server program in a process of its own.
#pragma once

#include "bench/target.h"

#include <map>
#include <string>
#include <vector>

namespace hbmux::bench {

/// Ends (SIGKILL) with this object, and with the parent.
class Child {
 public:
  /// Starts the program and waits until it has printed one line of `name=value` words. Throws std::runtime_error.
  explicit Child(const std::vector<std::string>& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }

  int pid() const { return pid_; }
  const std::string& said(const std::string& name) const { return said_.at(name); }
  /// From the words server=HOST:PORT and region=NAME.
  Target target() const { return {Address::parse(said("server")), said("region")}; }
  /// As kill -9; returns when it is gone.
  void kill();

 private:
  int pid_ = -1;
  std::map<std::string, std::string> said_;
};

/// A program that lies beside this one.
std::string beside_this_program(const std::string& name);

}  // namespace hbmux::bench
