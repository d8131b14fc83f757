// What a program may ask, as the kernel does it: the one host of every runtime, over one call of a module.
#pragma once
#include "kernel/execution.hpp"

namespace dos::kernel {

class Operations final : public vm::Host {
 public:
  explicit Operations(Frame& frame) : frame_(frame) {}

  BytesView args() override { return frame_.args; }
  void ret(BytesView value) override { frame_.result = to_bytes(value); }
  Error fail(std::uint32_t code, BytesView detail) override;

  Result<std::optional<Bytes>> get(BytesView key) override;
  Status put(BytesView key, BytesView object, vm::GasMeter& gas) override;
  Status del(BytesView key, vm::GasMeter& gas) override;
  Result<Bytes> append(BytesView prefix, BytesView object, vm::GasMeter& gas) override;
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after, vm::GasMeter& gas) override;

  Result<bool> authorized(BytesView lock, vm::GasMeter& gas) override;
  Bytes sender() override { return codec::encode(frame_.tx.c.tx.sender); }
  std::uint64_t time() override { return frame_.tx.c.block.time.value; }
  std::uint64_t height() override { return frame_.tx.c.block.height.value; }
  std::uint64_t version() override { return frame_.tx.c.version.value; }
  Result<Hash> hash(BytesView domain, BytesView data) override;
  bool stored(BytesView root, std::uint64_t bytes) override;

  Status debit(BytesView purse, std::uint64_t amount) override;
  Status deposit(BytesView purse, std::uint64_t amount) override;
  Status rent(std::uint64_t bytes, std::uint64_t until) override;

  Result<Bytes> call(std::uint16_t module, std::uint16_t number, BytesView args, vm::GasMeter& gas) override;
  std::int32_t caller() override { return frame_.caller; }
  Bytes params() override { return codec::encode(frame_.tx.c.params); }
  bool local() override { return frame_.tx.c.block.network == ledger::NetworkKind::local; }

 private:
  Frame& frame_;
};

}  // namespace dos::kernel
