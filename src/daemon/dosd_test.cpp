// dosd as a process: started, asked over its socket, stopped, killed, refused.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "ledger/blob_manifest.hpp"
#include "ledger/wire.hpp"
#include "node/test_network.hpp"
#include "os/test_memory.hpp"
#include "serve/test_http.hpp"

namespace dos::daemon {
namespace {

using namespace node::testnet;
using Json = nlohmann::json;

class Daemon {
 public:
  explicit Daemon(const Network& net, std::vector<std::string> more = {}, std::uint64_t file_limit = 0, std::uint64_t descriptors = 0) {
    int out[2], err[2];
    if (::pipe(out) != 0 || ::pipe(err) != 0) throw std::runtime_error("pipe");
    std::vector<std::string> args{std::string(DOS_TEST_MODULES) + "/../bin/dosd",
                                  "run",
                                  "--data",
                                  net.folder.path + "/v1",
                                  "--genesis",
                                  net.folder.path + "/genesis",
                                  "--keys",
                                  net.folder.path,
                                  "--modules",
                                  DOS_TEST_MODULES,
                                  "--run",
                                  net.folder.path + "/run",
                                  "--listen",
                                  "127.0.0.1:0"};
    args.insert(args.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (auto& a : args) argv.push_back(a.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      if (file_limit > 0) {
        const rlimit limit{file_limit, file_limit};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::signal(SIGXFSZ, SIG_IGN);
      }
      if (descriptors > 0) {
        const rlimit limit{descriptors, descriptors};
        ::setrlimit(RLIMIT_NOFILE, &limit);
      }
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    const auto line = read_until(out[0], '\n');
    if (!line.empty()) {
      ready = Json::parse(line);
      const auto url = ready["url"].get<std::string>();
      port = std::uint16_t(std::stoi(url.substr(url.rfind(':') + 1)));
    }
    ::close(out[0]);
    err_ = err[0];
  }
  ~Daemon() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(err_);
  }
  int end(int signal) {  // exit code, or -signal
    if (signal != 0) ::kill(pid_, signal);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    error = read_until(err_, '\0');
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  // Sends `text` and returns what comes back until the server closes.
  std::string raw(const std::string& text) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
      ::close(fd);
      return {};
    }
    for (std::size_t done = 0; done < text.size();) {
      const auto n = ::send(fd, text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (n <= 0) break;
      done += std::size_t(n);
    }
    auto answer = read_until(fd, -1);
    ::close(fd);
    return answer;
  }
  std::string get(const std::string& path, const std::string& more = "", const std::string& host = "127.0.0.1") const {
    return raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more + "\r\n");
  }
  std::string post(const std::string& path, const Bytes& body) const {
    return raw("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: " + ledger::kWireType + "\r\nAccept: " +
               ledger::kWireType + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(as_text(body)));
  }
  // One line to the admin socket, the answer as JSON.
  Json admin(const std::string& line) const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    const auto path = ready["admin"].get<std::string>();
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
      ::close(fd);
      return {};
    }
    const auto sent = ::send(fd, (line + "\n").data(), line.size() + 1, MSG_NOSIGNAL);
    const auto answer = sent < 0 ? std::string() : read_until(fd, -1);
    ::close(fd);
    return Json::parse(answer, nullptr, false);
  }
  Json ready;
  std::uint16_t port = 0;
  std::string error;
  pid_t pid() const { return pid_; }

 private:
  static std::string read_until(int fd, int end) {
    std::string out;
    for (char buffer[4096];;) {
      const auto n = ::read(fd, buffer, end == '\n' ? 1 : sizeof buffer);
      if (n <= 0) return out;
      out.append(buffer, std::size_t(n));
      if (end == '\n' && out.back() == '\n') return out;
    }
  }
  pid_t pid_ = -1;
  int err_ = -1;
};

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
int status_of(const std::string& answer) { return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0; }
Result<ledger::Anchor> anchor_of(const Daemon& d) {
  const auto text = body_of(d.get("/v1/anchor", std::string("Accept: ") + ledger::kWireType + "\r\n"));
  return codec::decode<ledger::Anchor>(as_bytes(text));
}
Bytes request_of(const ledger::SignedTransaction& tx) { return codec::encode(ledger::SubmitRequest{{codec::encode(tx)}}); }

TEST(Dosd, starts_answers_stops_and_starts_again_at_the_same_root) {
  Network net;
  net.write_files();
  Hash root;
  {
    Daemon d(net);
    ASSERT_TRUE(d.ready.is_object()) << (d.end(SIGTERM), d.error);
    EXPECT_EQ(d.ready["height"], "1");
    EXPECT_EQ(status_of(d.get("/readyz")), 200);
    const auto answer = d.post("/v1/transactions?wait=final", request_of(net.pay(3)));
    EXPECT_EQ(status_of(answer), 201) << answer;
    const auto anchor = anchor_of(d);
    ASSERT_TRUE(anchor);
    EXPECT_EQ(anchor->header.height.value, 2u);
    root = anchor->parts.state_root;
    EXPECT_EQ(d.end(SIGTERM), 0) << d.error;
  }
  Daemon d(net);
  const auto anchor = anchor_of(d);
  ASSERT_TRUE(anchor);
  EXPECT_EQ(anchor->parts.state_root, root);
  EXPECT_EQ(d.end(SIGTERM), 0);
}

TEST(Dosd, killed_at_any_time_it_starts_at_what_it_had_answered) {
  Network net;
  net.write_files();
  std::uint64_t height = 0;
  for (int round = 0; round < 4; ++round) {
    Daemon d(net);
    ASSERT_TRUE(d.ready.is_object()) << (d.end(SIGTERM), d.error);
    auto anchor = anchor_of(d);
    ASSERT_TRUE(anchor);
    EXPECT_GE(anchor->header.height.value, height);
    EXPECT_EQ(status_of(d.post("/v1/transactions?wait=final", request_of(net.pay(std::uint64_t(round + 1))))), 201);
    height = anchor_of(d)->header.height.value;
    std::thread busy([&] {
      for (int i = 0; i < 20; ++i)
        if (d.post("/v1/transactions?wait=final", request_of(net.pay(std::uint64_t(1000 * round + i + 50)))).empty()) return;
    });
    ::usleep(useconds_t(3000 + 7000 * round));
    ::kill(d.pid(), SIGKILL);
    busy.join();
    EXPECT_EQ(d.end(0), -SIGKILL);
  }
}

TEST(Dosd, on_loopback_another_host_name_is_refused) {
  Network net;
  net.write_files();
  Daemon d(net);
  EXPECT_EQ(status_of(d.get("/v1/status", "", "evil.example")), 421);
  EXPECT_EQ(status_of(d.get("/v1/status", "", "localhost:7400")), 200);
  EXPECT_EQ(status_of(d.get("/v1/status", "", "[::1]:7400")), 200);
  EXPECT_EQ(status_of(d.get("/v1/status", "", "127.0.0.1.evil.example")), 421);
}

TEST(Dosd, oversized_heads_and_bodies_are_refused_before_they_are_read) {
  Network net;
  net.write_files();
  Daemon d(net);
  EXPECT_EQ(status_of(d.get("/v1/status", "X: " + std::string(20'000, 'a') + "\r\n")), 431);
  EXPECT_EQ(status_of(d.raw("POST /v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n")), 413);
  EXPECT_EQ(status_of(d.raw("PUT /v1/blobs/" + std::string(64, '0') + "/0 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 262145\r\n\r\n")),
            413);
  EXPECT_EQ(status_of(d.get("/healthz")), 200);
}

TEST(Dosd, a_taken_port_a_held_folder_and_open_keys_are_named) {
  Network net;
  net.write_files();
  Daemon first(net);
  ASSERT_TRUE(first.ready.is_object());
  {
    Daemon second(net);
    EXPECT_EQ(second.end(0), 5);
    EXPECT_NE(second.error.find("DOS-E1004"), std::string::npos) << second.error;
  }
  {
    Daemon second(net, {"--data", net.folder.path + "/v2", "--listen", "127.0.0.1:" + std::to_string(first.port)});
    EXPECT_EQ(second.end(0), 1);
    EXPECT_NE(second.error.find("DOS-E1003"), std::string::npos) << second.error;
  }
  ::chmod((net.folder.path + "/vote.key").c_str(), 0644);
  Daemon open_key(net, {"--data", net.folder.path + "/v3"});
  EXPECT_EQ(open_key.end(0), 4);
  EXPECT_NE(open_key.error.find("chmod 600"), std::string::npos) << open_key.error;
}

TEST(Dosd, another_genesis_on_the_same_folder_is_refused) {
  Network net;
  net.write_files();
  {
    Daemon d(net);
    EXPECT_EQ(d.end(SIGTERM), 0);
  }
  auto other = net.genesis;
  other.salt.bytes[0] ^= 1;
  net.write("genesis", codec::encode(other));
  Daemon d(net);
  EXPECT_EQ(d.end(0), 8);
  EXPECT_NE(d.error.find("another chain"), std::string::npos) << d.error;
}

TEST(Dosd, a_full_disk_stops_it_with_a_sentence_and_loses_nothing) {
  Network net;
  net.write_files();
  std::string root;
  {
    Daemon d(net);
    EXPECT_EQ(d.end(SIGTERM), 0);
  }
  {
    // The kernel refuses writes past this size as a full disk would: the first file that reaches it ends the node.
    Daemon d(net, {}, 40'000);
    if (d.ready.is_object())
      for (int i = 0; i < 200 && !d.post("/v1/transactions?wait=final", request_of(net.pay(std::uint64_t(i + 1)))).empty(); ++i) {}
    EXPECT_EQ(d.end(0), 1) << d.error;
    EXPECT_NE(d.error.find("DOS-E0701"), std::string::npos) << d.error;
  }
  Daemon d(net);
  ASSERT_TRUE(d.ready.is_object()) << (d.end(SIGTERM), d.error);
  EXPECT_EQ(status_of(d.get("/readyz")), 200);
  EXPECT_EQ(status_of(d.post("/v1/transactions?wait=final", request_of(net.pay(9)))), 201);
}

TEST(Dosd, a_flood_of_connections_under_few_descriptors_leaves_the_disk_its_own) {
  Network net;
  net.write_files();
  Daemon d(net, {}, 0, 320);
  ASSERT_TRUE(d.ready.is_object()) << (d.end(SIGTERM), d.error);
  std::vector<std::unique_ptr<serve::testhttp::Client>> flood;
  for (int i = 0; i < 400; ++i) {
    flood.push_back(std::make_unique<serve::testhttp::Client>(d.port));
    flood.back()->send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: loc"
                                  : "POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\nx");
    if (i % 40 == 39) {
      ASSERT_EQ(status_of(d.post("/v1/transactions?wait=final", request_of(net.pay(std::uint64_t(i))))), 201) << i;
      ASSERT_EQ(status_of(d.get("/v1/accounts/alice")), 200) << i;
    }
  }
  const auto manifest = ledger::manifest_of(Bytes(5000, 7));
  EXPECT_EQ(status_of(d.post("/v1/blobs", codec::encode(manifest))), 200);
  const auto metrics = d.get("/metrics");
  for (const char* series : {"dos_http_connections", "dos_http_handshakes", "dos_http_working", "dos_http_write_body_bytes",
                             "dos_http_read_body_bytes", "dos_http_answer_bytes", "dos_receipt_waits", "dos_height_waits"}) {
    EXPECT_NE(metrics.find("\n" + std::string(series) + " "), std::string::npos) << series;
    EXPECT_NE(metrics.find("\n" + std::string(series) + "_limit "), std::string::npos) << series;
  }
  EXPECT_EQ(d.end(SIGTERM), 0) << d.error;
}

TEST(Dosd, who_asks_wrongly_is_told_and_by_which_method_not) {
  Network net;
  net.write_files();
  Daemon d(net);
  ASSERT_TRUE(d.ready.is_object());
  const auto ask = [&](const std::string& line) { return d.raw(line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); };
  const auto get = ask("GET /v1");
  const auto head = ask("HEAD /v1");
  EXPECT_EQ(head, get.substr(0, get.find("\r\n\r\n") + 4)) << "the same, without the body";
  EXPECT_NE(head.find("Content-Length: " + std::to_string(body_of(get).size())), std::string::npos);
  for (const char* method : {"TRACE", "DELETE", "PATCH"}) {
    const auto answer = ask(std::string(method) + " /v1");
    EXPECT_EQ(status_of(answer), 405) << method;
    EXPECT_NE(answer.find("\r\nAllow: GET, HEAD, OPTIONS\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(Json::accept(body_of(answer))) << method;
  }
  EXPECT_EQ(status_of(ask("BREW /v1")), 501);
  EXPECT_NE(ask("OPTIONS /v1/state").find("\r\nAllow: POST, OPTIONS\r\n"), std::string::npos);
  EXPECT_EQ(status_of(ask("OPTIONS *")), 204);
  EXPECT_EQ(status_of(ask("GET http://localhost/v1")), 200);
}

std::uint64_t resident_kib(pid_t pid) {
  std::ifstream f("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(f, line);)
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6));
  return 0;
}
std::uint64_t cpu_ticks(pid_t pid) {  // user and system, in clock ticks (proc(5), stat)
  std::ifstream f("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  for (int i = 1; i < 14; ++i) f >> word;
  std::uint64_t user = 0, system = 0;
  f >> user >> system;
  return user + system;
}

TEST(Dosd, idle_it_takes_no_time_and_writes_nothing) {
  Network net;
  net.write_files();
  Daemon d(net);
  ASSERT_TRUE(d.ready.is_object());
  ::usleep(300'000);
  auto newest = [&] {
    std::filesystem::file_time_type last{};
    for (const auto& e : std::filesystem::recursive_directory_iterator(net.folder.path + "/v1")) last = std::max(last, e.last_write_time());
    return last;
  };
  const auto ticks = cpu_ticks(d.pid());
  const auto written = newest();
  ::usleep(2'000'000);
  EXPECT_LE(cpu_ticks(d.pid()) - ticks, 1u);
  EXPECT_EQ(newest(), written);
}

TEST(Dosd, trials_of_a_local_network_pause_it_and_make_it_lie_until_healed) {
  Network net;
  net.write_files();
  Daemon d(net);
  ASSERT_TRUE(d.ready.is_object());
  ASSERT_TRUE(anchor_of(d));
  EXPECT_EQ(d.admin("pause")["ok"], true);
  EXPECT_EQ(d.admin("status")["paused"], true);
  EXPECT_EQ(status_of(d.get("/v1/anchor")), 503);
  EXPECT_EQ(d.admin("resume")["ok"], true);
  const auto honest = anchor_of(d);
  ASSERT_TRUE(honest);
  EXPECT_TRUE(ledger::verify_anchor(net.chain, net.genesis.validators, *honest));
  EXPECT_EQ(d.admin("tamper")["ok"], true);
  EXPECT_EQ(d.admin("status")["tampering"], true);
  const auto lied = anchor_of(d);
  EXPECT_FALSE(lied && ledger::verify_anchor(net.chain, net.genesis.validators, *lied));
  EXPECT_EQ(d.admin("cut nobody")["ok"], false);
  EXPECT_EQ(d.admin("cut \xff")["ok"], false) << "said back in JSON, which holds UTF-8 only";
  EXPECT_EQ(d.admin("cut v1")["ok"], true);
  EXPECT_EQ(d.admin("status")["cut"], Json::array({"v1"}));
  EXPECT_TRUE(d.admin("heal")["ok"] == true && d.admin("status")["cut"] == Json::array());
  const auto healed = anchor_of(d);
  EXPECT_TRUE(healed && ledger::verify_anchor(net.chain, net.genesis.validators, *healed));
  EXPECT_TRUE(d.admin("pause")["ok"] == true && d.end(SIGTERM) == 0) << "paused, it stops like any";
}

TEST(Dosd, trials_do_not_exist_on_other_networks) {
  Network net;
  net.genesis.kind = ledger::NetworkKind::institutional;
  net.write_files();
  Daemon d(net);
  ASSERT_TRUE(d.ready.is_object()) << d.error;
  for (const char* line : {"pause", "tamper", "cut v1", "heal", "resume"}) EXPECT_EQ(d.admin(line)["ok"], false) << line;
  EXPECT_TRUE(anchor_of(d));
}

TEST(Dosd, a_large_upload_does_not_grow_it) {
  Network net;
  net.write_files();
  Daemon d(net);
  ASSERT_TRUE(d.ready.is_object());
  constexpr std::size_t kChunks = 400;  // 100 MiB
  auto chunk = [](std::size_t i) {
    Bytes b(kChunkBytes, std::uint8_t(i));
    b[0] = std::uint8_t(i >> 8);
    return b;
  };
  ledger::BlobManifest manifest{std::uint64_t(kChunks) * kChunkBytes, {}};
  for (std::size_t i = 0; i < kChunks; ++i) manifest.chunks.push_back(crypto::plain_hash(chunk(i)));
  const auto root = hex(ledger::blob_root(manifest)->view());
  ASSERT_EQ(status_of(d.post("/v1/blobs", codec::encode(manifest))), 200);
  const auto before = resident_kib(d.pid());
  for (std::size_t i = 0; i < kChunks; ++i)
    ASSERT_EQ(status_of(d.raw("PUT /v1/blobs/" + root + "/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                              "Content-Length: " + std::to_string(kChunkBytes) + "\r\n\r\n" + std::string(as_text(chunk(i))))),
              204)
        << i;
  ASSERT_EQ(status_of(d.post("/v1/stored", codec::encode(ledger::StoredRequest{{{*ledger::blob_root(manifest), manifest.bytes}}}))), 200);
  if constexpr (os::kMemoryIsOurs) { EXPECT_LT(resident_kib(d.pid()), before + 32 * 1024); }
}

}  // namespace
}  // namespace dos::daemon
