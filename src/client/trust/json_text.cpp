#include "client/trust/json_text.hpp"

#include <set>
#include <string>
#include <vector>

namespace dos::client {
namespace {

using Json = nlohmann::json;

// Judges the events of a parse without building anything; nlohmann's parser keeps its own stack, a bit a level.
class Judge final : public nlohmann::json_sax<Json> {
 public:
  bool too_deep() const { return too_deep_; }
  const std::string& twice() const { return twice_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (names_.back().insert(name).second) return true;
    twice_ = name;
    return false;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool open() {
    too_deep_ = names_.size() == kMaxJsonDepth;
    if (!too_deep_) names_.emplace_back();
    return !too_deep_;
  }
  bool close() {
    names_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> names_;  // of the objects that are open
  bool too_deep_ = false;
  std::string twice_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_bytes, std::string_view what) {
  const auto refuse = [&](Errc code, const std::string& why) { return fail(code, std::string(what) + (what.empty() ? "" : " ") + why); };
  if (text.size() > max_bytes) return refuse(Errc::limit, "has more than " + std::to_string(max_bytes) + " bytes");
  Judge judge;
  if (!Json::sax_parse(text.begin(), text.end(), &judge)) {
    if (judge.too_deep()) return refuse(Errc::limit, "nests arrays and objects deeper than " + std::to_string(kMaxJsonDepth));
    if (!judge.twice().empty()) return refuse(Errc::malformed, "names a member twice");
    return refuse(Errc::malformed, "is not JSON");
  }
  auto json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return refuse(Errc::malformed, "is not JSON");
  return json;
}

}  // namespace dos::client
