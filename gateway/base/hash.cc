// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <unistd.h>
#include <xxhash.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

namespace focalpost {

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}
Sha256Stream::~Sha256Stream() = default;
void Sha256Stream::update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}
Sha256 Sha256Stream::finish() {
  Sha256 digest;
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  return digest;
}

struct Sha256Aside::State {
  static constexpr std::size_t kPiece = 256 * 1024;
  static constexpr std::size_t kAlone = 1 << 20;  ///< less than this is hashed at once
  static constexpr std::size_t kWaiting = 16;     ///< pieces; then the reader waits

  Sha256Stream hash;
  std::string filling;
  std::size_t total = 0;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> ready;
  std::vector<std::string> spare;
  bool busy = false, ending = false;

  void work() {
    // Whoever reads has the attachment's whole way to go; this thread only has to be done by then.
    (void)!::nice(5);
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return !ready.empty() || ending; });
      if (ready.empty()) return;
      std::string piece = std::move(ready.front());
      ready.pop_front();
      busy = true;
      lock.unlock();
      changed.notify_all();
      hash.update(piece);
      piece.clear();
      lock.lock();
      spare.push_back(std::move(piece));
      busy = false;
      if (ready.empty()) changed.notify_all();
    }
  }
};

Sha256Aside::Sha256Aside() : state_(std::make_unique<State>()) {}

Sha256Aside::~Sha256Aside() {
  if (!state_->thread.joinable()) return;
  {
    std::lock_guard lock(state_->mutex);
    state_->ready.clear();
    state_->ending = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void Sha256Aside::update(std::string_view bytes) {
  State& s = *state_;
  s.total += bytes.size();
  if (s.total < State::kAlone) {
    s.hash.update(bytes);
    return;
  }
  s.filling.append(bytes);
  if (s.filling.size() >= State::kPiece) hand_over();
}

void Sha256Aside::hand_over() {
  State& s = *state_;
  if (!s.thread.joinable()) s.thread = std::thread([&s] { s.work(); });
  {
    std::unique_lock lock(s.mutex);
    s.changed.wait(lock, [&s] { return s.ready.size() < State::kWaiting; });
    s.ready.push_back(std::move(s.filling));
    s.filling.clear();
    if (!s.spare.empty()) {
      s.filling = std::move(s.spare.back());
      s.spare.pop_back();
    }
  }
  s.changed.notify_all();
  s.filling.reserve(2 * State::kPiece);
}

Sha256 Sha256Aside::finish() {
  State& s = *state_;
  if (!s.filling.empty()) {
    if (s.thread.joinable()) {
      hand_over();
    } else {
      s.hash.update(s.filling);
    }
  }
  if (s.thread.joinable()) {
    std::unique_lock lock(s.mutex);
    s.changed.wait(lock, [&s] { return s.ready.empty() && !s.busy; });
  }
  return s.hash.finish();
}

Sha256 sha256(std::string_view bytes) {
  Sha256 digest;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 digest;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(), nullptr);
  return digest;
}

std::string to_hex(const Sha256& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    // Without random bytes every token would be guessable: better no program than that.
    std::abort();
  }
  return bytes;
}

namespace {
/// 64 x 64 -> 128 bit multiply, folded: the mixing step of the wyhash family.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
inline std::uint64_t load64(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
}  // namespace

struct Checksum::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh{XXH3_createState(), XXH3_freeState};
};
Checksum::Checksum() : state_(std::make_unique<State>()) {
  if (!state_->xxh) throw std::bad_alloc();
  XXH3_64bits_reset(state_->xxh.get());
}
Checksum::~Checksum() = default;
void Checksum::update(std::string_view bytes) {
  XXH3_64bits_update(state_->xxh.get(), bytes.data(), bytes.size());
}
std::uint64_t Checksum::finish() const {
  return XXH3_64bits_digest(state_->xxh.get());
}
std::uint64_t checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t fast_hash(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t k0 = 0xa0761d6478bd642full, k1 = 0xe7037ed1a0b428dbull;
  std::uint64_t h = seed ^ (bytes.size() * k0);
  const char* p = bytes.data();
  std::size_t n = bytes.size();
  for (; n >= 16; p += 16, n -= 16) h = mix(load64(p) ^ k0 ^ h, load64(p + 8) ^ k1);
  std::uint64_t a = 0, b = 0;
  if (n >= 8) {
    a = load64(p);
    b = load64(p + n - 8);
  } else if (n > 0) {
    std::memcpy(&a, p, n);
  }
  return mix(a ^ k1 ^ h, b ^ k0 ^ (h >> 32));
}

std::uint64_t hash_seed() {
  static const std::uint64_t seed = [] {
    std::string bytes = random_bytes(8);
    return load64(bytes.data());
  }();
  return seed;
}

}  // namespace focalpost
