// The only place that writes to stdout and stderr, but for what a signal leaves said (client/interrupt.hpp). Data goes to stdout, talk to
// stderr; --json is one envelope a command (docs/cli.md).
// Whatever is handed in may hold words of others: each text leaves as one line, with base/shown_text.hpp's eyes, and nothing that it
// says can look like a line of ours. Bytes leave as they are in bytes() alone.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "client/trust/words.hpp"

namespace dos::cli {

using Json = nlohmann::ordered_json;
enum class Form { human, json, plain };

inline constexpr std::size_t kMaxShownLines = 80, kMaxShownLineBytes = 2000;  // of an error or warning for people

struct At {
  Height height;
  bool final = true;
  std::uint64_t checks = 0;      // certificates, proofs, receipts and signatures that verified for this answer; 0: not counted
  std::vector<double> final_ms;  // of each write: from handing in to final
};
std::string envelope(const Json& data, const std::vector<std::string>& warnings, const std::optional<At>& at);
std::string error_envelope(const Error& error, const Json& data = nullptr);  // `data`: what else is known; null: nothing
std::string error_text(const Error& error);  // for people: what it is, its detail, what to do

class Output {
 public:
  explicit Output(Form form) : form_(form) {}
  void set_form(Form form) { form_ = form; }
  Form form() const { return form_; }
  bool json() const { return form_ == Form::json; }
  // A line for people or --plain, in the order written; dropped with --json. A line end inside is written out.
  void line(const std::string& text);
  void lines(std::string_view text);  // a line each
  // A row of a table: aligned for people, tabs with --plain.
  void row(std::vector<std::string> cells);
  // The data of the envelope; set once by a command.
  void data(Json data) { data_ = std::move(data); }
  void at(Height height) { at_ = At{height, true, 0, {}}; }
  void figures(std::uint64_t checks, std::vector<double> final_ms);  // of what `at` speaks of
  void warn(const std::string& text);  // as talk()
  void done(std::string text) { done_ = std::move(text); }  // what is in the ledger by this command, should its report not be written
  void error_data(Json data) { error_data_ = std::move(data); }  // of the envelope, should the command fail
  Status bytes(BytesView b);  // as they are; host_io if stdout does not take them
  // --follow: one item at once, an envelope a line with --json, else `text` as a line; false if stdout is gone.
  bool stream(const Json& data, const std::string& text);
  void progress(const std::string& text);  // one line on a terminal's stderr, replaced by the next
  // stderr. Of a text of several lines (a node's log) those after the first begin with "   | ".
  void talk(const std::string& text);
  // Writes what was collected. The command's exit code.
  int finish(const Status& status);

 private:
  void flush_table();
  void clear_progress();
  Status put(std::string_view text);  // to stdout
  Form form_;
  Json data_ = Json::object(), error_data_;
  std::string done_;
  std::optional<At> at_;
  std::vector<std::string> warnings_;
  std::vector<std::vector<std::string>> table_;
  std::string text_;
  bool progress_shown_ = false;
  bool reader_gone_ = false;  // the other end of the pipe has seen enough: nobody is told
};

std::string shown_size(std::uint64_t bytes);       // "4.1 KiB"
using client::parse_credits;
using client::shown_credits;
std::string safe(std::string_view text);           // words of others within a sentence of ours: shown_text, bounded
std::string shown_value(const Json& value);        // of a field, for people: text bare, lists with blanks
std::string compact(const Json& value);            // as JSON, whatever bytes its texts have
// Text for stderr as talk() and errors show it: at most kMaxShownLines lines of kMaxShownLineBytes, each shown as it is safe.
std::string paragraph(std::string_view text);
std::string counted(std::uint64_t n, const std::string& what);  // "1 file", "2 files"

}  // namespace dos::cli
