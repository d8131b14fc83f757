// The agent's process.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "client/home/private_file.hpp"
#include "client/keys/agent_keys.hpp"
#include "client/keys/agent_socket.hpp"

namespace dos::client {
namespace {

constexpr int kMaxRequests = 256;                  // of one conversation; others wait meanwhile
constexpr std::uint64_t kConversationSeconds = 10;
constexpr unsigned kPauseUs = 100'000;

std::uint64_t now_seconds() {  // counts time asleep too: a closed laptop does not keep keys open
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return std::uint64_t(t.tv_sec);
}

void wipe_secret(AgentRequest& r) {
  if (auto* add = std::get_if<AgentAdd>(&r.is)) crypto::wipe(add->master);
}
void wipe_secret(AgentAnswer& a) {
  if (auto* secret = std::get_if<AgentSecret>(&a.is)) crypto::wipe(secret->master);
}

bool out_of_room(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

Status answer(const Socket& peer, AgentAnswer& out) {
  auto bytes = encode_frame(out);
  wipe_secret(out);
  auto sent = peer.send(bytes);
  crypto::wipe(bytes);
  return sent;
}

// False: stop.
bool converse(const Socket& peer, AgentMemory& memory) {
  const auto begin = now_seconds();
  for (int requests = 0; requests < kMaxRequests && now_seconds() - begin < kConversationSeconds; ++requests) {
    const auto frame = peer.receive();
    if (!frame || frame->empty()) return true;
    auto request = decode_agent_request(frame->view());
    AgentAnswer out{AgentRefusal{"that is no request"}};
    bool stop = false;
    if (request) {
      stop = std::holds_alternative<AgentStop>(request->is);
      out = stop ? AgentAnswer{AgentDone{}} : memory.answer(*request, now_seconds());
      wipe_secret(*request);
    }
    if (!answer(peer, out)) return !stop;
    if (stop) return false;
  }
  return true;
}

Result<Socket> listen_at(const Places& places) {
  DOS_ASSIGN(const auto address, agent_address(places));
  Socket s(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::unlink(address.sun_path);  // of an agent that was killed; the lock says that none lives
  if (!s.open() || ::bind(s.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(address.sun_path, 0600) != 0 || ::listen(s.fd(), 16) != 0)
    return fail(Errc::host_io, "cannot listen at " + places.agent_socket().string() + ": " + std::strerror(errno));
  return s;
}

}  // namespace

Status serve_agent(const Places& places) {
  DOS_TRY(make_run_folder(places));
  DOS_ASSIGN(const auto lock, FileLock::try_take(places.run / "agent.lock"));
  if (!lock) return fail(Errc::conflict, "a key agent runs already");
  ::prctl(PR_SET_DUMPABLE, 0);  // no core file, no debugger of the same user
  DOS_ASSIGN(auto memory, AgentMemory::make());
  DOS_ASSIGN(const auto listener, listen_at(places));
  auto idle_since = now_seconds();
  for (bool serving = true; serving;) {
    const auto now = now_seconds();
    memory.expire(now);
    if (!memory.empty()) idle_since = now;
    const auto until = memory.next_expiry().value_or(idle_since + std::uint64_t(kAgentTime.count()));
    if (memory.empty() && now >= until) break;
    pollfd wait{listener.fd(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, int(std::min<std::uint64_t>(until > now ? until - now : 0, 60) * 1000));
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) continue;
    Socket peer(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer.open() && out_of_room(errno)) ::usleep(kPauseUs);  // it still waits there: asking at once would spin
    if (!peer.open() || !peer.same_user()) continue;
    peer.limit_waits(2);
    serving = converse(peer, memory);
    if (!memory.empty() || !serving) continue;
    idle_since = std::max(idle_since, now);
  }
  ::unlink(places.agent_socket().c_str());
  return {};
}

Status start_agent(const Places& places) {
  if (agent_running(places)) return {};
  DOS_TRY(make_run_folder(places));
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::host_io, std::string("cannot start the key agent: ") + std::strerror(errno));
  if (child == 0) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);  // so that no terminal is ever acquired and nobody has to reap the agent
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    for (int fd = 0; fd < int(std::min<rlim_t>(files.rlim_cur, 65536)); ++fd) ::close(fd);
    for (int fd = 0; fd < 3; ++fd) ::open("/dev/null", O_RDWR);
    (void)!::chdir("/");
    ::_exit(serve_agent(places) ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  for (int tries = 0; tries < 500; ++tries) {
    if (agent_running(places)) return {};
    const timespec pause{0, 10'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return fail(Errc::timed_out, "the key agent did not start within 5 s (`ulimit -l` must allow 4 kB of locked memory)");
}

}  // namespace dos::client
