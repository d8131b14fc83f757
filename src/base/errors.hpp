// The error table: code, name, exit code of the command line, HTTP status, whether trying again can help, title, what to
// do. CLI, REST, docs and receipts derive from it. Numbers are never reused; rows are only added. `dos explain DOS-Exxxx`.
// Ranges: 00 usage, 01 network and time, 02 keys, 03 proofs, 04 permission and absence, 05 credits and limits,
// 06 programs, 07 storage, 08 consensus, 10 local networks.
#pragma once
#include <cstdint>

// clang-format off
#define DOS_ERRORS(X)                                                                                                     \
  X(1, usage, 2, 400, false, "The command or request was not understood", "`dos help` lists the commands, `dos help COMMAND` what one takes.") \
  X(2, not_in_release, 2, 501, false, "Not in this release", "docs/STATUS.md says what works and what comes next.")       \
  X(3, malformed, 2, 400, false, "The bytes are not a valid encoding", "Encode as docs/spec says; every value has one encoding.") \
  X(4, no_host_file, 3, 404, false, "There is no such file on this machine", "Check the path; names are case sensitive.") \
  X(5, host_io, 1, 500, false, "This machine could not read or write a file", "Check the path, its permissions and free space.") \
  X(6, too_large_for_json, 2, 400, false, "Too large for --json", "Use `dos get` to save it to a file.")                  \
  X(7, needs_confirmation, 10, 400, false, "Needs a yes", "Repeat with --yes.")                                           \
  X(100, unreachable, 7, 503, true, "The network does not answer", "Start it: dos net up")                                \
  X(101, timed_out, 7, 504, true, "Timed out", "Try again, or give more time with --timeout 60s.")                        \
  X(102, not_fresh, 7, 503, true, "Cannot prove that this is current", "Try again, or accept an older answer with --stale-ok.") \
  X(103, behind, 7, 503, true, "The node lags behind", "Ask another node, or try again.")       \
  X(104, height_gone, 7, 410, false, "The node no longer holds that height", "Ask an archive node, or a later height.")   \
  X(105, not_ready, 7, 503, true, "The node is not ready", "Wait for /readyz, or see `dos net logs`.")                    \
  X(106, busy, 7, 429, true, "Too many requests", "Wait for the time in Retry-After.")                                    \
  X(107, unsettled, 7, 504, false, "Not known whether it is final", "Do not repeat it before the time that the detail names: it may be final. Look with `dos tx ID`.") \
  X(108, unproved, 7, 502, true, "No node gave an answer that can be checked", "What a node says without a proof is its claim. Ask another with --via URL, or see `dos net logs`.") \
  X(109, unreported, 1, 500, false, "Done and final, but its report could not be written", "Do not repeat it. Look with `dos tx ID`.") \
  X(200, no_key, 4, 403, false, "No key for that identity here", "`dos id ls` lists those that are here; from its 24 words: dos id restore NAME")     \
  X(201, locked_key, 4, 403, false, "The key is locked", "Unlock it with `dos key agent`, or give --passphrase-fd N.")    \
  X(202, wrong_passphrase, 4, 403, false, "Wrong passphrase, or the key file was changed", "Try again; if it is lost: dos id restore NAME") \
  X(203, dev_identity, 4, 403, false, "A development identity may not be used here", "Make one: dos id new NAME")         \
  X(204, weak_kdf, 4, 403, false, "The key file's parameters are refused", "Make the key file again from its phrase: `dos id restore NAME`.") \
  X(205, bad_phrase, 2, 400, false, "That is not a valid recovery phrase", "Check the spelling and order of the 24 words.") \
  X(206, bad_key, 4, 400, false, "The key or signature is not well formed", "Check its type and length.")                 \
  X(300, proof_invalid, 8, 502, false, "The proof does not verify", "The answer was refused. Ask another node; report this one.") \
  X(301, proof_incomplete, 8, 502, false, "The proof leaves part of the answer open", "The answer was refused. Ask another node; report this one.") \
  X(302, signature_invalid, 8, 400, false, "A signature does not verify", "The answer was refused. Check chain and keys.") \
  X(303, content_mismatch, 8, 422, false, "The content is not what the ledger commits to", "Do not use it. Ask another node.") \
  X(304, chain_changed, 8, 409, false, "This is not the chain that this client knows", "If the network was reset on purpose: dos net ls") \
  X(305, not_a_proof, 8, 400, false, "That is no intact DOS proof", "Get the file again from where it was made.")         \
  X(306, no_genesis, 2, 400, false, "No genesis to verify against", "Give --genesis FILE (dos net genesis -o FILE).")     \
  X(400, denied, 4, 403, false, "Permission denied", "Ask the owner: dos chmod NAME+RIGHT PATH")                          \
  X(401, not_found, 3, 404, false, "There is no such thing", "Check the spelling; `dos ls` lists a folder.")                    \
  X(402, conflict, 5, 409, false, "It exists already, or has changed since you looked", "Look again and repeat.")         \
  X(403, stale, 5, 409, true, "STALE: a declared version is no longer current", "Look again, then repeat.")                \
  X(404, not_empty, 5, 409, false, "The folder is not empty", "Remove what is in it first, or use rm -r.")                \
  X(405, sealed, 4, 403, false, "Sealed for others", "Ask the owner: dos chmod NAME+r PATH")                              \
  X(406, wrong_type, 2, 400, false, "That is a folder where a file is needed, or the reverse", "See `dos stat PATH`.")    \
  X(407, bad_name, 2, 400, false, "That name is not allowed", "In paths: 1 to 255 bytes of UTF-8 (NFC), no '/', no control characters, not '.' or '..'.") \
  X(500, funds, 6, 402, false, "Not enough credits", "See `dos balance`; on a local network: dos faucet")                 \
  X(501, limit, 6, 413, false, "Over a limit", "The detail names the limit.")                                             \
  X(502, out_of_gas, 6, 402, false, "Out of gas", "Do less in one transaction; the detail names the call.")               \
  X(503, already_today, 6, 429, true, "The faucet gave in this block already", "Try again after the next block.")         \
  X(600, trap, 9, 422, false, "The program stopped with a trap", "`dos tx ID` shows the receipt.")                        \
  X(601, access, 9, 422, false, "ACCESS: the call touched an object that it did not declare", "Declare it in access[]; `dos help --calls --json` shows the call's row.") \
  X(602, reverted, 9, 422, false, "The program refused", "The detail says why.")                                          \
  X(603, no_such_call, 9, 404, false, "No such system call", "`dos help --calls` lists them.")                            \
  X(700, disk, 1, 500, false, "The disk failed", "The node stopped to keep its data safe. Check the disk, then start it again.") \
  X(701, disk_full, 1, 507, true, "The disk is full", "Free some space and try again; a node that stopped: dos net up. Nothing final is lost.") \
  X(702, corrupt, 1, 500, false, "Stored data is damaged", "The damage is named in the detail; it is never served.")      \
  X(703, no_blob, 7, 404, true, "The content is not on this node", "Ask another node.")                                   \
  X(704, not_stored, 7, 409, true, "Not enough validators hold the content", "Upload it again.")                          \
  X(705, other_format, 1, 500, false, "The data is of another format", "`./dev up` keeps it aside and starts a new network.") \
  X(800, skipped, 5, 409, false, "The transaction was not accepted", "The detail says why; `dos tx ID` shows what became of it.") \
  X(801, expired, 5, 409, false, "The transaction's time has passed", "If no block took it (`dos tx ID`), sign it again.") \
  X(802, wrong_chain, 2, 409, false, "The transaction is for another chain", "Check --net.")                              \
  X(803, duplicate, 5, 409, false, "The transaction is already recorded", "`dos tx ID` shows its receipt.")               \
  X(804, bad_witness, 4, 403, false, "The signatures do not satisfy the sender's permission", "Check --as and the keys.") \
  X(805, pool_full, 7, 429, true, "The node's pool is full", "Try again shortly.")                                        \
  X(1000, net_exists, 5, 409, false, "A network of that name exists", "See `dos net ls`.")                                \
  X(1001, net_absent, 3, 404, false, "There is no network of that name", "See `dos net ls`; start it: dos net up")        \
  X(1002, node_died, 1, 500, false, "A node died", "Its last lines follow; `dos net logs` shows all.")                    \
  X(1003, no_port, 1, 500, true, "No free port", "Stop what uses ports 7400 to 7999, or give --port N.")                  \
  X(1004, data_locked, 5, 409, false, "Another process uses that data folder", "See `dos net status`.")                   \
  X(1005, internal, 1, 500, false, "DOS made a mistake", "Please report it, with the detail and the last lines of `dos net logs`.")
// clang-format on

namespace dos {

enum class Errc : std::uint16_t {
#define DOS_ROW(number, name, exit, http, retry, title, remedy) name = number,
  DOS_ERRORS(DOS_ROW)
#undef DOS_ROW
};

struct ErrorRow {
  Errc code;
  const char* name;
  int exit_code;    // of the command line
  int http_status;
  bool retry;       // trying the same again can help
  const char* title;
  const char* remedy;
};

const ErrorRow& error_row(Errc code);        // unknown numbers give the row of `internal`
const ErrorRow* error_rows(unsigned& count);

}  // namespace dos
