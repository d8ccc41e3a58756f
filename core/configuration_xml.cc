#include "core/configuration_xml.h"

#include "core/configuration_values.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>

namespace hbmux::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 16 << 20;
constexpr std::size_t kTotalBytesMax = 64 << 20;
constexpr std::size_t kIncludeDepthMax = 16;
constexpr std::size_t kFilesMax = 1000;

#if LIBXML_VERSION >= 21200
using XmlErrorPointer = const xmlError*;
#else
using XmlErrorPointer = xmlErrorPtr;
#endif

struct FreeContext {
  void operator()(xmlParserCtxt* context) const noexcept { xmlFreeParserCtxt(context); }
};
struct FreeDocument {
  void operator()(xmlDoc* document) const noexcept { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

Error error_at(const std::string& file, long line, std::string_view what) {
  return Error(Errc::invalid_configuration, file + ":" + std::to_string(std::max(line, 1L)) + ": " + std::string(what));
}

/// What libxml2's callbacks tell of one document. Only the first problem counts: the others follow from it.
struct Problem {
  std::string message;
  long line = 0;

  void note(std::string_view text, long at) {
    if (message.empty()) message = trim(text), line = at;
  }
};

Problem& problem_of(void* context) { return *static_cast<Problem*>(static_cast<xmlParserCtxt*>(context)->_private); }

void on_error(void* context, XmlErrorPointer error) {
  // A warning (level 1) concerns what is not used here, a relative namespace for instance.
  if (error->level < XML_ERR_ERROR) return;
  problem_of(context).note(error->message ? error->message : "malformed", error->line);
}

/// Text may be abbreviated by an entity, but an entity reads no file, and no parameter entity changes declarations.
void on_entity(void* context, const xmlChar* name, int type, const xmlChar* public_id, const xmlChar* system_id,
               xmlChar* content) {
  if (type == XML_INTERNAL_GENERAL_ENTITY) {
    xmlSAX2EntityDecl(context, name, type, public_id, system_id, content);
    return;
  }
  auto* parser = static_cast<xmlParserCtxt*>(context);
  problem_of(context).note("the entity " + std::string(reinterpret_cast<const char*>(name)) +
                               " is external or a parameter entity, which is not read",
                           parser->input ? parser->input->line : 0);
  xmlStopParser(parser);
}

Result<Document> parse_document(std::string_view text, const std::string& file) {
  static std::once_flag once;
  std::call_once(once, xmlInitParser);
  if (text.size() > kFileBytesMax) return error_at(file, 1, "larger than 16 MiB");
  const std::unique_ptr<xmlParserCtxt, FreeContext> context(xmlNewParserCtxt());
  if (!context) throw std::bad_alloc();
  Problem problem;
  context->_private = &problem;
  context->sax->serror = on_error;
  context->sax->entityDecl = on_entity;
  // XML_PARSE_HUGE is left out: libxml2 then bounds the depth of elements and how much entities may grow to.
  constexpr int kOptions =
      XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT;
  Document document(
      xmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()), file.c_str(), nullptr, kOptions));
  if (!problem.message.empty()) return error_at(file, problem.line, problem.message);
  if (!document) return error_at(file, 1, "not XML");
  return document;
}

bool is_element(const xmlNode* node, std::string_view local_name) {
  return node->type == XML_ELEMENT_NODE && reinterpret_cast<const char*>(node->name) == local_name;
}

std::string text_of(const xmlNode* node) {
  xmlChar* content = xmlNodeGetContent(node);
  if (!content) return {};
  std::string text(reinterpret_cast<const char*>(content));
  xmlFree(content);
  return text;
}

std::optional<std::string> attribute(const xmlNode* node, const char* name) {
  xmlChar* value = xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name));
  if (!value) return std::nullopt;
  std::string text(reinterpret_cast<const char*>(value));
  xmlFree(value);
  return text;
}

const xmlNode* child(const xmlNode* node, std::string_view local_name) {
  for (const xmlNode* at = node->children; at; at = at->next) {
    if (is_element(at, local_name)) return at;
  }
  return nullptr;
}

/// The path that an XInclude's href means; nothing when it lies on a network.
std::optional<fs::path> include_path(std::string_view href, const std::string& including_file) {
  if (href.starts_with("file:")) {
    href.remove_prefix(5);
    if (href.starts_with("//localhost/")) href.remove_prefix(11);
    if (href.starts_with("///")) href.remove_prefix(2);
  } else if (href.find("://") != std::string_view::npos) {
    return std::nullopt;
  }
  return fs::path(including_file).parent_path() / fs::path(href);
}

/// Collects the properties of one file and, in their places, of those it includes.
class Reader {
 public:
  Result<void> read(std::string_view text, const std::string& file) {
    total_bytes_ += text.size();
    if (total_bytes_ > kTotalBytesMax || ++total_files_ > kFilesMax) {
      return error_at(file, 1, "too much is included: more than 1000 files or 64 MiB");
    }
    const auto document = parse_document(text, file);
    if (!document) return document.error();
    const xmlNode* root = xmlDocGetRootElement(document->get());
    if (!root || !is_element(root, "configuration")) {
      return error_at(file, root ? xmlGetLineNo(root) : 1, "the top element is not <configuration>");
    }
    files_.push_back(file);
    auto result = read_children(root);
    files_.pop_back();
    return result;
  }

  std::vector<XmlProperty> take() { return std::move(properties_); }

 private:
  Result<void> read_children(const xmlNode* parent) {
    for (const xmlNode* node = parent->children; node; node = node->next) {
      Result<void> result;
      if (is_element(node, "property")) {
        read_property(node);
      } else if (is_element(node, "include")) {
        result = read_include(node);
      } else if (is_element(node, "configuration")) {
        result = read_children(node);
      }
      if (!result) return result;
    }
    return {};
  }

  /// Name, value and final are elements or attributes; an element overrides an attribute, and the last one counts.
  void read_property(const xmlNode* node) {
    std::string name = attribute(node, "name").value_or("");
    auto value = attribute(node, "value");
    bool is_final = attribute(node, "final") == "true";
    for (const xmlNode* at = node->children; at; at = at->next) {
      if (is_element(at, "name")) name = text_of(at);
      if (is_element(at, "value")) {
        if (auto text = text_of(at); !text.empty()) value = std::move(text);
      }
      if (is_element(at, "final")) is_final = text_of(at) == "true";
    }
    name = trim(name);
    if (name.empty()) return;  // as Hadoop
    properties_.push_back({std::move(name), std::move(value), is_final, where(node)});
  }

  Result<void> read_include(const xmlNode* node) {
    const std::string file = files_.back();
    const long line = xmlGetLineNo(node);
    const std::string href = attribute(node, "href").value_or("");
    if (href.empty()) return error_at(file, line, "an include without href");
    if (attribute(node, "parse").value_or("xml") != "xml" || attribute(node, "xpointer")) {
      return error_at(file, line, "an include with parse=\"text\" or xpointer, which Hadoop does not know");
    }
    const auto path = include_path(href, file);
    std::error_code ignored;
    if (!path || !fs::exists(*path, ignored)) {
      if (const xmlNode* fallback = child(node, "fallback")) return read_children(fallback);
      return error_at(file, line,
                      path ? "cannot include " + path->string() + ": no such file, and no fallback"
                           : "cannot include " + href + ": nothing is fetched from the network");
    }
    if (files_.size() > kIncludeDepthMax) {
      return error_at(file, line, "includes nested too deeply; does a file include itself?");
    }
    const auto text = read_configuration_file(*path);
    if (!text) return Error(text.error()).with_context(where(node));
    return read(*text, path->string());
  }

  std::string where(const xmlNode* node) const { return files_.back() + ":" + std::to_string(xmlGetLineNo(node)); }

  std::vector<XmlProperty> properties_;
  std::vector<std::string> files_;  // the file being read, and those that led to it
  std::size_t total_bytes_ = 0;
  std::size_t total_files_ = 0;
};

}  // namespace

Result<std::vector<XmlProperty>> parse_configuration_xml(std::string_view text, const std::string& name) {
  Reader reader;
  if (auto done = reader.read(text, name); !done) return done.error();
  return reader.take();
}

Result<std::string> read_configuration_file(const fs::path& file) {
  auto failed = [&](std::string_view why) {
    return Error(Errc::invalid_configuration, "cannot read " + file.string() + ": " + std::string(why));
  };
  std::error_code failure;
  if (fs::is_directory(file, failure)) return failed("it is a directory");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failed(errno ? std::strerror(errno) : "it cannot be opened");
  std::string text;
  char chunk[16384];
  while (stream.read(chunk, sizeof chunk) || stream.gcount() > 0) {
    text.append(chunk, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kFileBytesMax) return failed("larger than 16 MiB");
  }
  if (stream.bad()) return failed("reading failed");
  return text;
}

}  // namespace hbmux::core
