#include "client/files/proof_file.hpp"
#include "client/files/seal.hpp"
#include "client/files/uploads.hpp"
#include "client/keys/agent.hpp"
#include "client/keys/dev_key_file.hpp"
#include "client/trust/known_networks.hpp"
#include "crypto/keystore.hpp"
#include "tests/conformance/tables.hpp"

namespace dos::conformance {

using namespace client;  // NOLINT: the rows are its names

std::vector<Table> client_tables() {
  return {
      {"Seals",
       "seals",
       "`seal` of a `Content`, and what its chunks are bound to ([sealing](sealing.md)).",
       formats<Seal, SealHeader>(),
       {},
       ""},
      {"A user's files",
       "files",
       "What stands around them: [proof-file](proof-file.md), [crypto](crypto.md), [keys-on-disk](keys-on-disk.md).",
       formats<ProofFile, OpenedContent, crypto::KeyFile, crypto::KeyFileHeader, crypto::Argon2idKdf, crypto::Pbkdf2Kdf, DevKey,
               UploadRecord, SeenBlock>(),
       {},
       ""},
      {"The key agent",
       "agent",
       "One request, one answer ([keys-on-disk](keys-on-disk.md), The agent).",
       formats<AgentRequest, AgentAdd, AgentGet, AgentLock, AgentAnswer, AgentSecret, AgentKeys, AgentKey, AgentRefusal>(),
       {},
       ""},
  };
}

}  // namespace dos::conformance
