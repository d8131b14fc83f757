#include "daemon/daemon.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>

#include "api/problem.hpp"
#include "base/shown_text.hpp"
#include "base/text.hpp"
#include "chain/system_code.hpp"
#include "daemon/daemon_line.hpp"
#include "daemon/services.hpp"
#include "os/posix_disk.hpp"

namespace dos::daemon {
namespace {

Status run(const DaemonConfig& config) {
  DOS_ASSIGN(const auto services, Services::open(config));
  std::printf("%s\n", services->ready_line().c_str());
  std::fflush(stdout);
  return services->close(wait_for_stop());
}

int report(const Status& status) {
  if (status) return 0;
  const auto& row = error_row(status.error().code);
  std::fprintf(stderr, "dosd: %s: %s\n  %s\n  %s\n", error_name(row.code).c_str(), row.title, shown_text(status.error().detail).c_str(),
               row.code == Errc::usage ? "`dosd run --help` lists the settings." : row.remedy);
  return row.exit_code;
}

Status check(const DaemonConfig& config) {
  DOS_TRY(check_config(config));
  DOS_ASSIGN(const auto bytes, os::read_host_file(config.genesis, 16ull << 20));
  DOS_ASSIGN(const auto genesis, ledger::decode_genesis(bytes));
  DOS_ASSIGN(const auto keys, load_keys(config.keys, genesis.suite));
  bool known = false;
  for (const auto& v : genesis.validators.members) known = known || v.vote_key == keys.vote.public_key();
  if (!known) return fail(Errc::no_key, "vote.key is not the key of a validator in this genesis");
  for (const auto& m : genesis.modules) {
    DOS_ASSIGN(const auto code, os::read_host_file(config.modules + "/" + m.record.name + ".wasm", 16ull << 20));
    if (ledger::blob_root_of(code) != m.record.code)
      return fail(Errc::content_mismatch, config.modules + "/" + m.record.name + ".wasm is not what the genesis names");
  }
  std::printf("The configuration is good: chain %s, %zu validators, %zu modules.\n", hex(ledger::genesis_hash(genesis).view()).c_str(),
              genesis.validators.members.size(), genesis.modules.size());
  return {};
}

}  // namespace

int dosd_main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "dosd");
  // Blocks come and go in buffers of megabytes: they are taken from the heap again, not mapped and zeroed by the kernel each time.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto line = read_daemon_line(words);
  if (!line) return report(std::unexpected(line.error()));
  if (line->verb == DaemonLine::Verb::say) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  const auto& config = line->config;
  if (line->verb == DaemonLine::Verb::check) return report(check(config));

  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65'536);
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  if (auto heard = listen_for_signals(); !heard) return report(heard);
  return report(run(config));
}

}  // namespace dos::daemon
