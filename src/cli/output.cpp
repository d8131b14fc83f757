#include "cli/output.hpp"

#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/shown_text.hpp"
#include "base/text.hpp"
#include "client/interrupt.hpp"

namespace dos::cli {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(std::size_t(n));
  }
  return true;
}

std::string dump(const Json& j) { return shown_json(compact(j)); }

// Columns on a screen: code points, which is right for all but wide and combining characters.
std::size_t columns(std::string_view s) {
  std::size_t n = 0;
  for (unsigned char c : s) n += (c & 0xC0) != 0x80;
  return n;
}

}  // namespace

std::string envelope(const Json& data, const std::vector<std::string>& warnings, const std::optional<At>& at) {
  Json j = {{"v", 1}, {"ok", true}, {"data", data}, {"warnings", warnings}};
  if (at) {
    j["at"] = {{"height", std::to_string(at->height.value)}, {"final", at->final}, {"proof", "verified"}};
    if (at->checks != 0) j["at"]["checks"] = at->checks;
    if (!at->final_ms.empty()) j["at"]["final_ms"] = at->final_ms;
  }
  return dump(j);
}

std::string error_envelope(const Error& e, const Json& data) {
  const auto& row = error_row(e.code);
  Json error = {{"code", error_name(row.code)}, {"title", row.title}, {"detail", e.detail}, {"hint", row.remedy}, {"retry", row.retry}};
  if (!data.is_null()) error["data"] = data;
  return dump({{"v", 1}, {"ok", false}, {"error", std::move(error)}});
}

std::string error_text(const Error& e) {
  const auto& row = error_row(e.code);
  std::string text = "error[" + error_name(row.code) + "]: " + row.title;
  if (!e.detail.empty()) text += "\n   " + paragraph(e.detail);
  return text + "\n  help: " + row.remedy + "\n        more: dos explain " + error_name(row.code) + "\n";
}

void Output::line(const std::string& text) {
  if (json()) return;
  flush_table();
  text_ += shown_text(text) + "\n";
}

void Output::lines(std::string_view text) {
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    line(std::string(text.substr(at, end - at)));
    at = end + 1;
  }
}

void Output::row(std::vector<std::string> cells) {
  if (json()) return;
  for (auto& cell : cells) cell = shown_text(cell);
  while (!cells.empty() && cells.back().empty() && form_ == Form::human) cells.pop_back();  // no blanks at the end of a line
  table_.push_back(std::move(cells));
}

void Output::flush_table() {
  std::vector<std::size_t> widths;
  for (const auto& row : table_)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], columns(row[i]));
    }
  for (const auto& row : table_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text_ += row[i];
      if (i + 1 == row.size()) break;
      if (form_ == Form::plain) text_ += '\t';
      else text_.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    text_ += '\n';
  }
  table_.clear();
}

void Output::figures(std::uint64_t checks, std::vector<double> final_ms) {
  if (!at_) return;
  at_->checks = checks;
  at_->final_ms = std::move(final_ms);
}

void Output::warn(const std::string& text) {
  warnings_.push_back(text);
  if (!json()) talk("warning: " + text);
}

Status Output::put(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return {};
  const int why = errno;
  reader_gone_ = why == EPIPE;
  return fail(why == ENOSPC ? Errc::disk_full : Errc::host_io, std::string("cannot write to standard output: ") + std::strerror(why));
}

Status Output::bytes(BytesView b) {
  clear_progress();
  if (json()) return {};
  flush_table();
  DOS_TRY(put(text_));
  text_.clear();
  return put(as_text(b));
}

bool Output::stream(const Json& data, const std::string& text) {
  clear_progress();
  if (json()) return write_all(STDOUT_FILENO, envelope(data, {}, at_) + "\n");
  flush_table();
  const bool good = write_all(STDOUT_FILENO, text_) && write_all(STDOUT_FILENO, shown_text(text) + "\n");
  text_.clear();
  return good;
}

void Output::progress(const std::string& text) {
  if (::isatty(STDERR_FILENO) == 0) return;
  progress_shown_ = true;
  (void)write_all(STDERR_FILENO, "\r\x1b[K" + shown_text(text, kMaxShownLineBytes));
}

void Output::clear_progress() {
  if (progress_shown_) (void)write_all(STDERR_FILENO, "\r\x1b[K");
  progress_shown_ = false;
}

void Output::talk(const std::string& text) {
  clear_progress();
  (void)write_all(STDERR_FILENO, paragraph(text) + "\n");
}

int Output::finish(const Status& status) {
  clear_progress();
  if (status) {
    flush_table();
    const auto written = put(json() ? envelope(data_, warnings_, at_) + "\n" : text_);
    text_.clear();
    if (!written && !done_.empty()) return finish(fail(Errc::unreported, done_ + "; " + written.error().detail));
    if (!written) return finish(written);
    client::disarm_last_words();
    return 0;
  }
  const auto& e = status.error();
  const auto& row = error_row(e.code);
  client::say_last_words_instead();
  if (reader_gone_ && e.code != Errc::unreported) return row.exit_code;
  if (!json() || !put(error_envelope(e, error_data_) + "\n")) {
    flush_table();
    if (!text_.empty()) (void)put(text_);
    (void)write_all(STDERR_FILENO, error_text(e));
  }
  client::disarm_last_words();
  return row.exit_code;
}

std::string shown_size(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double v = double(bytes);
  int unit = 0;
  while (v >= 1024 && unit < 4) v /= 1024, ++unit;
  char buffer[32];
  if (unit == 0) std::snprintf(buffer, sizeof buffer, "%llu B", static_cast<unsigned long long>(bytes));
  else std::snprintf(buffer, sizeof buffer, "%.1f %s", v, kUnits[unit]);
  return buffer;
}

std::string shown_value(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return compact(value);
  std::string out;
  for (const auto& item : value) out += (out.empty() ? "" : " ") + shown_value(item);
  return out;
}

std::string counted(std::uint64_t n, const std::string& what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

std::string safe(std::string_view text) { return shown_text(text, kMaxShownWord); }

std::string compact(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string paragraph(std::string_view text) {
  std::string out;
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (std::size_t at = 0, n = 0; at <= text.size(); ++n) {
    if (n == kMaxShownLines) return out + "\n   | ...";
    const auto end = std::min(text.find('\n', at), text.size());
    out += (n == 0 ? "" : "\n   | ") + shown_text(text.substr(at, end - at), kMaxShownLineBytes);
    at = end + 1;
  }
  return out;
}

}  // namespace dos::cli
