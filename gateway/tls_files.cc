#include "gateway/tls_files.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

namespace hbmux::gateway {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using File = std::unique_ptr<std::FILE, Close>;
using Certificate = std::unique_ptr<X509, Close>;
using Key = std::unique_ptr<EVP_PKEY, Close>;

Error bad_file(const std::string& path, const char* why) { return Error(Errc::invalid_configuration, "'" + path + "' " + why); }

Result<Certificate> read_certificate(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return bad_file(path, "cannot be read");
  Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  if (!certificate) return bad_file(path, "has no certificate (PEM)");
  return certificate;
}

int no_password(char*, int, int, void*) { return 0; }  // else it would be asked for on the terminal

Result<Key> read_key(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return bad_file(path, "cannot be read");
  Key key(PEM_read_PrivateKey(file.get(), nullptr, no_password, nullptr));
  if (!key) return bad_file(path, "has no private key (PEM, without a password)");
  return key;
}

}  // namespace

Result<void> check(const TlsFiles& files) {
  auto certificate = read_certificate(files.certificate);
  if (!certificate) return certificate.error();
  auto key = read_key(files.key);
  if (!key) return key.error();
  if (X509_check_private_key(certificate->get(), key->get()) != 1) return bad_file(files.key, "is not the key of the certificate");
  if (files.client_authority.empty()) return {};
  auto authority = read_certificate(files.client_authority);
  if (!authority) return authority.error();
  return {};
}

}  // namespace hbmux::gateway
