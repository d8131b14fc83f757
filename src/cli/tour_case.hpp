// The tour's story: two agencies, an archive and an auditor, each with a validator, and one case that they work on. Every step is
// a command as a person types it; an exit code other than the one it must have ends the tour.
#pragma once
#include "cli/run.hpp"
#include "cli/tour_steps.hpp"

namespace dos::cli {

class TourCase {
 public:
  // `validators`: of the network; acts that need more than it has are left out, and said to be.
  TourCase(Run& run, std::string net, std::filesystem::path scratch, std::string home, std::size_t validators);
  Status play();
  const Json& figures() const { return figures_; }

 private:
  Status prepare();    // the folder in which alice may work
  Status deposit();    // i: the case folder and the image, sealed, stored, final
  Status image();
  Status read();       // ii: bob reads through his own validator, carol does not
  Status betrayal();   // iii: v2's administrator turns bad
  Status power_loss(); // iv: v3 goes, work goes on, it comes back
  Status mistakes();   // v: undone from history
  Status audit();      // vi: offline, with one byte changed, and the network again at its height

  Result<StepResult> step(std::vector<std::string> words, int wanted = 0);
  Result<Json> data(std::vector<std::string> words, int wanted = 0);  // with --json; figures are taken from the envelope
  Status reads(const std::string& path, const std::string& want, std::vector<std::string> words);
  Status put(const std::string& name, const std::string& text, const std::string& to, const std::string& as);
  Result<std::string> write(const std::string& name, const std::string& text);
  void act(const char* number, const std::string& text);
  void left_out(const char* number, const std::string& why);
  std::vector<std::string> through(const char* node, std::vector<std::string> words) const;  // --via, where the network has that node

  Run& run_;
  std::string net_;
  std::filesystem::path scratch_;
  std::string home_, case_;
  std::size_t validators_;
  std::uint64_t checks_ = 0;
  std::vector<double> final_ms_;
  unsigned faults_ = 0;
  Json figures_ = Json::object();
};

}  // namespace dos::cli
