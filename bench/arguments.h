// "--name value" and "--flag" arguments of the benchmark programs.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::bench {

/// Every argument must be asked for before done(), which names the first that was not.
class Arguments {
 public:
  Arguments(int argc, char** argv) : words_(argv + 1, argv + argc), used_(words_.size()) {}

  std::string text(std::string_view name, std::string_view fallback = "") {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] != name) continue;
      if (i + 1 == words_.size()) throw std::runtime_error(words_[i] + " needs a value");
      used_[i] = used_[i + 1] = true;
      return words_[i + 1];
    }
    return std::string(fallback);
  }
  /// The values of an argument that may be given several times.
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] != name) continue;
      if (i + 1 == words_.size()) throw std::runtime_error(words_[i] + " needs a value");
      used_[i] = used_[i + 1] = true;
      out.push_back(words_[++i]);
    }
    return out;
  }
  double number(std::string_view name, double fallback) {
    const auto t = text(name);
    if (t.empty()) return fallback;
    std::size_t end = 0;
    const double v = std::stod(t, &end);
    if (end != t.size() || v < 0) throw std::runtime_error(std::string(name) + ": not a number: " + t);
    return v;
  }
  int integer(std::string_view name, int fallback) { return static_cast<int>(number(name, fallback)); }
  bool flag(std::string_view name) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] == name) return used_[i] = true;
    }
    return false;
  }
  /// "1,8,64"
  std::vector<int> list(std::string_view name, std::string_view fallback) {
    std::vector<int> out;
    std::string word;
    for (const char c : text(name, fallback) + ",") {
      if (c != ',') {
        word += c;
      } else if (!word.empty()) {
        out.push_back(std::stoi(word));
        word.clear();
      }
    }
    return out;
  }
  void done() const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!used_[i]) throw std::runtime_error("unknown argument: " + words_[i]);
    }
  }

 private:
  std::vector<std::string> words_;
  std::vector<bool> used_;
};

}  // namespace hbmux::bench
