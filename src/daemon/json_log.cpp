#include "daemon/json_log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/shown_text.hpp"
#include "base/text.hpp"
#include "os/system.hpp"

namespace dos::daemon {
namespace {

constexpr std::size_t kMaxMessageBytes = 4096;  // of one line: words of others may be in it
constexpr std::size_t kLogBytes = 10 * 1024 * 1024, kLogFiles = 5;

class JsonLog final : public LevelLog {
 public:
  JsonLog(const std::string& path, std::string node) : node_(std::move(node)) {
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kLogBytes, kLogFiles - 1);
    logger_ = std::make_unique<spdlog::logger>("dosd", std::move(sink));
    logger_->set_pattern("%v");
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::trace);
  }
  void write(LogLevel level, std::string_view module, std::string_view message) override {
    if (level < this->level.load(std::memory_order_relaxed)) return;
    constexpr const char* kNames[] = {"debug", "info", "warn", "error"};
    nlohmann::ordered_json line{{"time", utc_text(TimeMs{os::SystemClock().wall_ms()})},
                                {"level", kNames[unsigned(level)]},
                                {"node", node_},
                                {"module", module},
                                {"message", shown_text(message, kMaxMessageBytes)}};
    logger_->info(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }

 private:
  std::string node_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace

Result<std::unique_ptr<LevelLog>> open_json_log(const std::string& folder, std::string node_name) {
  std::error_code e;
  if (const auto log = std::filesystem::status(folder + "/log", e); std::filesystem::exists(log) && !std::filesystem::is_regular_file(log))
    return fail(Errc::host_io, folder + "/log is no regular file");  // whoever opens a FIFO waits for its reader
  try {
    return std::make_unique<JsonLog>(folder + "/log", std::move(node_name));
  } catch (const spdlog::spdlog_ex& e) { return fail(Errc::host_io, "cannot open the log in " + folder + ": " + e.what()); }
}

}  // namespace dos::daemon
