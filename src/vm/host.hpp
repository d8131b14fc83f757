// What a program may ask of whoever runs it: the rows of abi/host_table.hpp as typed operations (docs/spec/host.md). The kernel implements
// them once; each runtime brings the calls of its programs to them in its own way (wasm/imports.cpp: by pointers into memory).
//
// Before an operation its runtime takes the row's gas, and abi::kGasPerByte for every byte that it copies into the program or out of it;
// it hands in nothing longer than the limit of what it is. What an operation costs beyond that it takes from `gas`.
// An error ends the program's call with that error; a program never sees it. Views are good until the operation returns.
#pragma once
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/limits.hpp"
#include "vm/gas_meter.hpp"

namespace dos::vm {

inline constexpr std::uint32_t kMaxObjectBytes = kMaxLockBytes + kMaxMetaBytes + kMaxDataBytes + 64;  // encoded
inline constexpr std::uint32_t kMaxFailureBytes = 256;   // of what a program says when it fails
inline constexpr std::uint32_t kMaxDomainBytes = 64;     // of the name of a hash context

class Host {
 public:
  virtual ~Host() = default;

  virtual BytesView args() = 0;
  virtual void ret(BytesView value) = 0;
  virtual Error fail(std::uint32_t code, BytesView detail) = 0;  // the error with which the call then ends

  virtual Result<std::optional<Bytes>> get(BytesView key) = 0;  // BCS(Object)
  virtual Status put(BytesView key, BytesView object, GasMeter& gas) = 0;
  virtual Status del(BytesView key, GasMeter& gas) = 0;
  virtual Result<Bytes> append(BytesView prefix, BytesView object, GasMeter& gas) = 0;  // the new key
  virtual Result<std::optional<Bytes>> next(BytesView prefix, BytesView after, GasMeter& gas) = 0;

  virtual Result<bool> authorized(BytesView lock, GasMeter& gas) = 0;  // BCS(Lock)
  virtual Bytes sender() = 0;                                          // BCS(Sender)
  virtual std::uint64_t time() = 0;
  virtual std::uint64_t height() = 0;
  virtual std::uint64_t version() = 0;
  virtual Result<Hash> hash(BytesView domain, BytesView data) = 0;
  virtual bool stored(BytesView root, std::uint64_t bytes) = 0;

  virtual Status debit(BytesView purse, std::uint64_t amount) = 0;
  virtual Status deposit(BytesView purse, std::uint64_t amount) = 0;
  virtual Status rent(std::uint64_t bytes, std::uint64_t until) = 0;

  // What the call returns. `gas` is what it may take, and what is left of it.
  virtual Result<Bytes> call(std::uint16_t module, std::uint16_t number, BytesView args, GasMeter& gas) = 0;
  virtual std::int32_t caller() = 0;  // module number, or -1
  virtual Bytes params() = 0;         // BCS(Params)
  virtual bool local() = 0;
};

}  // namespace dos::vm
