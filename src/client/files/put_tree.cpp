#include "client/files/put_tree.hpp"

#include <algorithm>

#include "client/entropy.hpp"
#include "client/files/blobs.hpp"

namespace dos::client {
namespace {

constexpr std::size_t kGroupFiles = 512;             // under one set of storage receipts: below kMaxStoredBlobs
constexpr std::uint64_t kGroupBytes = 256ull << 20;  // likewise, and below what a node keeps without a transaction
constexpr std::size_t kCallsPerDraft = 48;           // stays below max_transaction_gas
constexpr int kMaxRenewals = 8;                      // of the keys of one folder that is there already
constexpr std::size_t kBytesPerDraft = 88 * 1024;    // leaves room for storage receipts and their paths

std::uint64_t bytes_of(const std::vector<ledger::BlobRef>& blobs) {
  std::uint64_t bytes = 0;
  for (const auto& b : blobs) bytes += b.bytes;
  return bytes;
}

struct Node {
  Target target;
  bool existed = false;
  std::map<std::string, Entry> entries;  // of an existing folder
};
struct Ready {  // sealed and uploaded, waiting for its transaction
  const HostFile* file = nullptr;
  Node* in = nullptr;
  std::string name;
  fs::Content content;
  PutOne shown;
};

class TreeWriter {
 public:
  TreeWriter(Session& session, const Identity& me, const TreeOptions& options) : session_(session), me_(me), options_(options) {}
  TreePut out;

  Status start(const DosPath& path) {
    root_path_ = path;
    for (int attempt = 1;; ++attempt) {
      DOS_ASSIGN(const auto place, look(session_, path, kFolderFacts));
      if (!place.missing) DOS_TRY(must_be_folder(place));
      DOS_TRY(must_have_room(place));
      Draft draft;
      DOS_ASSIGN(auto target, target_folder(session_, me_, place.folders, place.folders.size(), draft));
      if (place.missing)
        for (auto i = place.missing_at; i < path.components.size(); ++i) {
          DOS_TRY(may_be_given(path.components[i]));
          DOS_ASSIGN(target, make_folder(me_, target, path.components[i], draft));
          ++out.folders;
        }
      if (draft.calls() > 0) {
        auto done = submit_one(session_, me_, std::move(draft));
        if (!done && worth_repeating(done.error(), attempt)) continue;
        if (!done) return std::unexpected(done.error());
        count({std::move(*done)});
        if (!place.missing) {  // the folder's key was renewed: look again
          if (attempt >= kMaxRenewals) return fail(Errc::stale, path.text() + " keeps changing");
          continue;
        }
      }
      auto& node = nodes_[{}];
      node = Node{std::move(target), !place.missing, {}};
      return node.existed ? load(node) : Status();
    }
  }

  Status folders(const std::vector<HostFile>& files) {
    std::vector<Draft> drafts;
    for (const auto& f : files) {
      if (!f.is_folder) continue;
      DOS_ASSIGN(auto* parent, node_of({f.names.begin(), f.names.end() - 1}));
      DOS_ASSIGN(const auto name, normal_name(f.names.back()));
      if (const auto there = parent->entries.find(name); there != parent->entries.end()) {
        if (!there->second.is_folder()) return fail(Errc::wrong_type, path_of(f) + " is a file there, and a folder here");
        DOS_TRY(open_existing(f.names));
        continue;
      }
      if (drafts.empty() || drafts.back().calls() >= kCallsPerDraft || drafts.back().approximate_bytes() > kBytesPerDraft)
        drafts.emplace_back();
      DOS_ASSIGN(auto target, make_folder(me_, parent->target, name, drafts.back()));
      nodes_[f.names] = Node{std::move(target), false, {}};
      ++out.folders;
    }
    // One after the other: a later one makes folders inside those of an earlier.
    for (auto& draft : drafts) {
      DOS_ASSIGN(auto done, submit_one(session_, me_, std::move(draft)));
      count({std::move(done)});
    }
    return {};
  }

  Status files(const std::vector<HostFile>& files) {
    std::uint64_t all = 0, at = 0;
    for (const auto& f : files) all += !f.is_folder;
    std::vector<Ready> group;
    std::vector<ledger::BlobRef> blobs;
    for (const auto& f : files) {
      if (f.is_folder) continue;
      DOS_TRY(prepare(f, group, blobs));
      if (options_.progress) options_.progress(++at, all, out.bytes);
      if (group.size() == kGroupFiles || bytes_of(blobs) >= kGroupBytes) DOS_TRY(send(group, blobs));
    }
    return send(group, blobs);
  }

 private:
  std::string path_of(const HostFile& f) const {
    auto p = root_path_;
    for (const auto& n : f.names) p = p.below(n);
    return p.text();
  }
  void count(const std::vector<Done>& done) {
    for (const auto& d : done) {
      ++out.transactions;
      out.fee += d.receipt.fee.value + d.receipt.rent.value;
    }
  }
  Result<Node*> node_of(const std::vector<std::string>& names) {
    const auto it = nodes_.find(names);
    if (it == nodes_.end()) return fail(Errc::internal, "a file came before its folder");
    return &it->second;
  }
  Status load(Node& node) {
    DOS_ASSIGN(auto entries, list_folder(session_, node.target.id()));
    for (auto& e : entries) node.entries.emplace(e.name, std::move(e));
    return {};
  }
  Status open_existing(const std::vector<std::string>& names) {
    auto path = root_path_;
    for (const auto& n : names) {
      DOS_ASSIGN(auto clean, normal_name(n));
      path = path.below(std::move(clean));
    }
    for (int attempt = 1;; ++attempt) {
      DOS_ASSIGN(const auto place, look(session_, path, kFolderFacts));
      DOS_TRY(must_be_folder(place));
      Draft draft;
      DOS_ASSIGN(auto target, target_folder(session_, me_, place.folders, place.folders.size(), draft));
      if (draft.calls() > 0) {
        auto done = submit_one(session_, me_, std::move(draft));
        if (!done && worth_repeating(done.error(), attempt)) continue;
        if (!done) return std::unexpected(done.error());
        count({std::move(*done)});
        if (attempt >= kMaxRenewals) return fail(Errc::stale, path.text() + " keeps changing");
        continue;
      }
      auto& node = nodes_[names];
      node = Node{std::move(target), true, {}};
      return load(node);
    }
  }

  Status prepare(const HostFile& f, std::vector<Ready>& group, std::vector<ledger::BlobRef>& blobs) {
    SystemEntropy entropy;
    Ready r;
    r.file = &f;
    DOS_ASSIGN(r.in, node_of({f.names.begin(), f.names.end() - 1}));
    DOS_ASSIGN(r.name, normal_name(f.names.back()));
    DOS_ASSIGN(const auto source, f.open());
    auto stream = options_.is_public ? SealedStream::open_to_all(*source) : SealedStream::sealed(*source, ContentKeys::draw(entropy));
    if (!stream) return std::unexpected(stream.error());
    std::vector<FileReader> readers;
    const auto there = r.in->entries.find(r.name);
    if (there != r.in->entries.end()) {
      if (there->second.is_folder()) return fail(Errc::wrong_type, path_of(f) + " is a folder there, and a file here");
      DOS_ASSIGN(readers, file_readers(session_, there->second.meta));
      r.shown.revision = there->second.meta.revision + 1;
    } else {
      r.shown.revision = 1;
    }
    DOS_ASSIGN(r.content, content_of(*stream, options_.is_public ? nullptr : &r.in->target.ring, readers, entropy));
    if (!stream->in_place()) {
      DOS_TRY(upload(session_, *stream));
      blobs.push_back(stream->blob());
    }
    r.shown.path = path_of(f);
    r.shown.hash = stream->hash();
    r.shown.size = stream->secrets().bytes;
    out.bytes += r.shown.size;
    group.push_back(std::move(r));
    return {};
  }

  // Storage receipts of the group's blobs. When too few validators have them (StoreRetry), the group's files are sealed and
  // uploaded again: their streams are gone, and content keys never seal twice.
  Result<std::optional<StoredSet>> receipts(std::vector<Ready>& group, std::vector<ledger::BlobRef>& blobs) {
    for (StoreRetry retry(session_); !blobs.empty();) {
      auto set = stored(session_, blobs);
      if (set) return std::optional(std::move(*set));
      if (!retry.again(set.error())) return std::unexpected(set.error());
      std::vector<Ready> old;
      old.swap(group);
      blobs.clear();
      for (const auto& r : old) {
        out.bytes -= r.shown.size;
        DOS_TRY(prepare(*r.file, group, blobs));
      }
    }
    return std::nullopt;
  }

  Status send(std::vector<Ready>& group, std::vector<ledger::BlobRef>& blobs) {
    if (group.empty()) return {};
    DOS_ASSIGN(const auto set, receipts(group, blobs));
    std::vector<Draft> drafts;
    std::vector<std::vector<ledger::BlobRef>> claims;
    std::vector<std::size_t> draft_of;
    std::size_t path_bytes = 0;
    const auto paid = default_time(session_);
    for (auto& r : group) {
      const bool blob = std::holds_alternative<ledger::BlobRef>(r.content.where);
      if (drafts.empty() || drafts.back().calls() >= kCallsPerDraft || drafts.back().approximate_bytes() + path_bytes > kBytesPerDraft) {
        drafts.emplace_back();
        claims.emplace_back();
        path_bytes = 0;
      }
      if (blob) {
        claims.back().push_back(std::get<ledger::BlobRef>(r.content.where));
        path_bytes += 40 + 24 + 10 * 32;
      }
      draft_of.push_back(drafts.size() - 1);
      const auto there = r.in->entries.find(r.name);
      if (there != r.in->entries.end())
        write_call(drafts.back(), r.in->target.chain, there->second, {fs::Op::write, std::move(r.content), {}, paid});
      else create_call(drafts.back(), me_, r.in->target, r.name, {fs::Op::create, std::move(r.content), {}, paid});
    }
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      if (claims[i].empty()) continue;
      drafts[i].tx.stored = set->claim(claims[i]);
      drafts[i].stored_by = set->signatures;
    }
    DOS_ASSIGN(const auto done, submit(session_, me_, std::move(drafts)));
    count(done);
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i].shown.txid = done.at(draft_of[i]).txid;
      out.files.push_back(std::move(group[i].shown));
    }
    group.clear();
    blobs.clear();
    return {};
  }

  Session& session_;
  const Identity& me_;
  const TreeOptions& options_;
  DosPath root_path_;
  std::map<std::vector<std::string>, Node> nodes_;
};

}  // namespace

Result<TreePut> put_tree(Session& session, const Identity& me, const DosPath& path, const std::vector<HostFile>& files,
                         const TreeOptions& options) {
  for (const auto& f : files) DOS_TRY(may_be_given(f.names.back()));  // before anything is made
  TreeWriter writer(session, me, options);
  DOS_TRY(writer.start(path));
  DOS_TRY(writer.folders(files));
  DOS_TRY(writer.files(files));
  return std::move(writer.out);
}

}  // namespace dos::client
