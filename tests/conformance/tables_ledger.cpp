#include "crypto/box.hpp"
#include "ledger/call_table.hpp"
#include "ledger/wire.hpp"
#include "tests/conformance/tables.hpp"

namespace dos::conformance {

using namespace ledger;  // NOLINT: the rows are its names

std::vector<Table> ledger_tables() {
  return {
      {"Keys and lists",
       "keys",
       "",
       formats<crypto::PublicKey, crypto::Signature, crypto::BoxKey, crypto::SealedBox, crypto::MerklePath>(),
       {},
       ""},
      {"Genesis", "genesis", "", formats<Genesis, Params, ValidatorSet, Validator, GenesisModule, GenesisAccount>(), {}, ""},
      {"Blocks and votes",
       "blocks",
       "",
       formats<Header, PayloadCommit, ResultParts, VoteItem, Ballot, Vote, Certificate, CertificateEntry, Anchor, Payload, TipAckBody,
               TipAck>(),
       {},
       "{offsets Header}"},
      {"State",
       "state",
       "",
       formats<proof::Leaf, proof::StateParts, proof::StateProof, proof::OpenedRecord, proof::EndedBy, proof::BitsChunk>(),
       {},
       ""},
      {"Objects",
       "objects",
       "",
       formats<Object, Lock, AccountLock, KeyLock, ProgramLock, ThresholdLock, AfterLock, PreimageLock, Account, Permission, WeightedKey,
               WeightedAccount, EncryptionKey, Purse, ModuleRecord, CallRow>(),
       {},
       "`then` holds exactly one lock. `table` of a `ModuleRecord` is `list<struct CallRow>`."},
      {"Transactions and receipts",
       "transactions",
       "",
       formats<SignedTransaction, Transaction, Sender, AccountSender, KeySender, Limits, Access, Exact, Latest, LatestRange, Read,
               RangeRead, Append, Absent, Debit, Deposit, Call, Literal, ResultOf, BlobRef, StoredBlob, StoredClaim, Witness, SigWitness,
               ListWitness, StoredWitness, StoredSignature, PreimageWitness, TxToSign, ListToSign, StoredPromise, Receipt, WriteDigest>(),
       {},
       "`transactions` of a `Payload`, a `SubmitRequest` or a `Gossip` are each the bytes of one `SignedTransaction`."},
      {"Bodies over HTTP",
       "http",
       "",
       formats<StateQuery, KeyItem, RangeItem, PathItem, StateAnswer, SubmitRequest, SubmitAnswer, Outcome, Refused, Final, ReceiptProof,
               BlockAnswer, TipAnswer, BlobManifest, BlobStatus, StoredRequest, StoredAnswer>(),
       {},
       "`want` of a path is a sum: 1 the `'d'` object of every directory on the way, 2 the newest 8 `'k'` of each with data, 4 the present "
       "revision\nof a file with data, 8 all its revisions with data, 16 the removed entries of the last component's name, 32 the entries "
       "of "
       "the\ndirectory at the end. 64 is reserved."},
  };
}

}  // namespace dos::conformance
