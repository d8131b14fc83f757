// A second engine, for tests: validator 0 orders, one block at a time, and a block is final by its signature alone. All others
// follow. It shows what an engine is: nothing outside this folder knows it but its row (sim/engines/engines.hpp).
//
// What stands where Simplex has votes: the seal is the sequencer's vote NOTAR(height, id); a proof is its one FINAL(height, id, result);
// a header's view is its height. It never signs two headers of one height: what it signed is in its journal before it is sent, and
// without a journal that says so (GateRecord) it orders nothing.
#pragma once
#include <map>

#include "consensus/engines.hpp"

namespace dos::sim::sequencer {

using namespace dos::consensus;

inline constexpr std::uint8_t kNumber = 250;
inline constexpr std::uint16_t kSequencer = 0;
inline constexpr std::uint64_t kKept = 8;  // headers and proofs so far above the last final block
inline constexpr std::uint64_t kRetryNs = 200'000'000;

struct Final {  // of one block; the sequencer's
  static constexpr std::uint16_t kKind = 12;
  ledger::Certificate form;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.form); }
};
struct Ask {  // of the sequencer, by who waits for something
  static constexpr std::uint16_t kKind = 13;
  Height have;
  bool wants = false;  // a block, or what waits at the asker
  static constexpr void fields(auto& s, auto&& visit) { visit(s.have, s.wants); }
};
inline constexpr MessageLimit kMessages[] = {{Final::kKind, 16 * 1024}, {Ask::kKind, 1024}};

class Sequencer final : public Engine {
 public:
  Sequencer(EngineSetup setup, Entropy& entropy);
  Status restore(const EngineSetup& setup);

  Outputs step(std::uint64_t now_ns, std::uint64_t wall_ms, Input input) override;
  std::optional<std::uint64_t> deadline_ns() const override { return retry_at_; }
  EngineStatus status() const override;
  const Proposal* proposal(const Hash& id) const override;
  bool awaits(const Hash& id) const override;
  bool backed(const Hash& id) const override { return proposal(id) != nullptr; }
  std::vector<EngineRecord> live_records() const override;

 private:
  struct Block {
    Hash id;
    Proposal proposal;
    bool payload = false, durable = false, asked = false;
    std::optional<Hash> result;
  };
  void on(const Start&);
  void on(const Tick&) {}
  void on(const Demand& in) {
    demand_ = in;
    nothing_ = false;
  }
  void on(const PeerUp& in);
  void on(const Received& in);
  void on(const PayloadReady& in);
  void on(const Built& in);
  void on(const Executed& in);
  void on(const Adopted& in);
  void receive(std::uint16_t from, const Proposal& proposal);
  void receive(std::uint16_t from, const Final& final);
  void receive(std::uint16_t from, const Ask& ask);
  template <class M>
  void read(std::uint16_t from, const EngineMessage& message);

  void execute();        // the block above the last final one
  void sign_final();     // the sequencer, once it has
  bool finalize();       // true: there may be more
  void build();
  void retry();          // who follows and is behind, or waits
  void tell(std::uint16_t to);
  bool fits(const ledger::Header& h) const;
  bool orders() const { return facts_.voter == kSequencer; }
  bool waits() const { return demand_.pending || demand_.block || others_want_; }
  Block* next();         // above the last final one; null: none is known
  Block* find(const Hash& id);
  void set_tip(const Tip& tip, FinalityProof proof);
  ledger::Vote sign(const ledger::VoteItem& item);
  void halt(std::string why);
  template <class O>
  void emit(O output) {
    out_.push_back(std::move(output));
  }

  ChainFacts facts_;
  const crypto::SigningKey* key_;
  Entropy* entropy_;
  Hash valset_;
  bool key_unused_, gate_open_ = false, halted_ = false, building_ = false, others_want_ = false;
  bool nothing_ = false;                           // the last answer to Build was that there is nothing worth a block
  Tip tip_;
  std::optional<FinalityProof> tip_proof_;
  std::map<std::uint64_t, Block> blocks_;          // by height, above the last final block: one each
  std::map<std::uint64_t, FinalityProof> proofs_;  // likewise
  Height goal_;                                    // a block that is final elsewhere
  Demand demand_;
  std::uint64_t now_ = 0, evidence_ = 0;
  std::optional<std::uint64_t> retry_at_;
  Outputs out_;
};

}  // namespace dos::sim::sequencer
