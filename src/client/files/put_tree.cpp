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
  std::map<std::string, Entry> entries;  // of an existing folder
};
struct Ready {  // sealed and uploaded, waiting for its transaction
  const HostFile* file = nullptr;
  Node* in = nullptr;
  std::string name;
  fs::Content content;
  PutOne shown;
};

// Before anything is made: each gets a name that may be given, a path that can be asked for, and none that another gets.
Status must_be_named_apart(const DosPath& root, std::span<const HostFile> files) {
  std::map<std::vector<std::string>, const HostFile*> there;
  for (const auto& f : files) {
    DOS_TRY(may_be_given(f.names.back()));
    auto path = root;
    for (const auto& n : f.names) {
      DOS_ASSIGN(auto clean, normal_name(n));
      path = path.below(std::move(clean));
    }
    if (!must_fit(path))
      return fail(Errc::bad_name, f.host + " would lie " + std::to_string(path.components.size()) +
                                      " folders deep, and a path has at most " + std::to_string(kMaxPathDepth) + " components");
    const auto [other, fresh] = there.emplace(std::move(path.components), &f);
    if (!fresh) return fail(Errc::bad_name, other->second->host + " and " + f.host + " are one name there (NFC)");
  }
  return {};
}

// The folder that is put into, then folders, then files.
class PutTree final : public PlanOf<TreePut> {
 public:
  PutTree(Session& session, const Identity& me, DosPath path, std::span<const HostFile> files, TreeOptions options)
      : session_(session), me_(me), options_(std::move(options)), root_path_(std::move(path)), files_(files) {
    for (const auto& f : files_) all_ += !f.is_folder;
  }

  Result<Step> next() override {
    if (!nodes_.contains(std::vector<std::string>{})) {
      DOS_ASSIGN(auto step, open_root());
      if (!step.drafts.empty()) return step;
    }
    for (; folders_at_ < files_.size(); ++folders_at_) {
      if (!files_[folders_at_].is_folder) continue;
      DOS_ASSIGN(auto step, take_folder(files_[folders_at_]));
      if (!step.drafts.empty()) return step;
    }
    // One after the other: a later one makes folders inside those of an earlier.
    if (made_at_ < made_.size()) return one_step(std::move(made_[made_at_++]));
    while (files_at_ < files_.size()) {
      const auto& f = files_[files_at_++];
      if (f.is_folder) continue;
      DOS_TRY(prepare(f));
      if (options_.progress) options_.progress(++prepared_, all_, out_.bytes);
      if (group_.size() == kGroupFiles || bytes_of(blobs_) >= kGroupBytes) return send();
    }
    return send();
  }
  Status proved(std::vector<Done> done) override {
    for (const auto& d : done) {
      ++out_.transactions;
      out_.fee += d.receipt.fee.value + d.receipt.rent.value;
    }
    if (opening_) return opened();
    for (std::size_t i = 0; i < group_.size(); ++i) {
      group_[i].shown.txid = done.at(draft_of_[i]).txid;
      out_.files.push_back(std::move(group_[i].shown));
    }
    group_.clear();
    blobs_.clear();
    return {};
  }
  TreePut outcome() override { return std::move(out_); }

 private:
  std::string path_of(const HostFile& f) const {
    auto p = root_path_;
    for (const auto& n : f.names) p = p.below(n);
    return p.text();
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

  // A folder that is opened: by looking, and again after each transaction that it took to make it or to renew its key.
  struct Opening {
    DosPath path;
    std::vector<std::string> names;
    int attempt = 0;
    std::optional<Target> made;  // once its transaction is final
    std::uint64_t folders = 0;   // in that transaction
  };
  Status opened() {
    if (opening_->made) {
      nodes_[opening_->names] = Node{std::move(*opening_->made), {}};
      out_.folders += opening_->folders;
      opening_.reset();
    } else if (opening_->attempt >= kMaxRenewals) {
      return fail(Errc::stale, opening_->path.text() + " keeps changing");
    }
    return {};
  }
  Result<Step> was_there(Target target) {
    const auto names = std::move(opening_->names);
    opening_.reset();
    auto& node = nodes_[names];
    node = Node{std::move(target), {}};
    DOS_TRY(load(node));
    return Step{};
  }
  Result<Step> renewal(Draft draft) {
    opening_->made.reset();
    return one_step(std::move(draft), opening_->attempt);
  }

  Result<Step> open_root() {
    if (!opening_) opening_ = Opening{root_path_, {}, 0, {}, 0};
    ++opening_->attempt;
    const auto& path = root_path_;
    DOS_ASSIGN(const auto place, look(session_, path, kFolderFacts));
    if (!place.missing) DOS_TRY(must_be_folder(place));
    DOS_TRY(must_have_room(place));
    Draft draft;
    if (place.missing) draft.told = "makes the folder " + path.text();
    DOS_ASSIGN(auto target, target_folder(session_, me_, place.folders, place.folders.size(), draft));
    if (!place.missing) {
      if (draft.calls() > 0) return renewal(std::move(draft));
      return was_there(std::move(target));
    }
    for (auto i = place.missing_at; i < path.components.size(); ++i) {
      DOS_TRY(may_be_given(path.components[i]));
      DOS_ASSIGN(target, make_folder(me_, target, path.components[i], draft));
    }
    opening_->folders = path.components.size() - place.missing_at;
    opening_->made = std::move(target);
    return one_step(std::move(draft), opening_->attempt);
  }

  Result<Step> open_existing(const std::vector<std::string>& names) {
    if (!opening_) {
      auto path = root_path_;
      for (const auto& n : names) {
        DOS_ASSIGN(auto clean, normal_name(n));
        path = path.below(std::move(clean));
      }
      opening_ = Opening{std::move(path), names, 0, {}, 0};
    }
    ++opening_->attempt;
    DOS_ASSIGN(const auto place, look(session_, opening_->path, kFolderFacts));
    DOS_TRY(must_be_folder(place));
    Draft draft;
    DOS_ASSIGN(auto target, target_folder(session_, me_, place.folders, place.folders.size(), draft));
    if (draft.calls() > 0) return renewal(std::move(draft));
    return was_there(std::move(target));
  }

  // A step only if it is there and needs a new key; a new one waits with others of its kind.
  Result<Step> take_folder(const HostFile& f) {
    DOS_ASSIGN(auto* parent, node_of({f.names.begin(), f.names.end() - 1}));
    DOS_ASSIGN(const auto name, normal_name(f.names.back()));
    if (const auto there = parent->entries.find(name); there != parent->entries.end()) {
      if (!there->second.is_folder()) return fail(Errc::wrong_type, path_of(f) + " is a file there, and a folder here");
      return open_existing(f.names);
    }
    if (made_.empty() || made_.back().calls() >= kCallsPerDraft || made_.back().approximate_bytes() > kBytesPerDraft) {
      made_.emplace_back();
      made_.back().told = "makes folders in " + root_path_.text();
    }
    DOS_ASSIGN(auto target, make_folder(me_, parent->target, name, made_.back()));
    nodes_[f.names] = Node{std::move(target), {}};
    ++out_.folders;
    return Step{};
  }

  Status prepare(const HostFile& f) {
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
      blobs_.push_back(stream->blob());
    }
    r.shown.path = path_of(f);
    r.shown.hash = stream->hash();
    r.shown.size = stream->secrets().bytes;
    out_.bytes += r.shown.size;
    group_.push_back(std::move(r));
    return {};
  }

  // Storage receipts of the group's blobs. When too few validators have them (StoreRetry), the group's files are sealed and
  // uploaded again: their streams are gone, and content keys never seal twice.
  Result<std::optional<StoredSet>> receipts() {
    for (StoreRetry retry(session_); !blobs_.empty();) {
      auto set = stored(session_, blobs_);
      if (set) return std::optional(std::move(*set));
      if (!retry.again(set.error())) return std::unexpected(set.error());
      std::vector<Ready> old;
      old.swap(group_);
      blobs_.clear();
      for (const auto& r : old) {
        out_.bytes -= r.shown.size;
        DOS_TRY(prepare(*r.file));
      }
    }
    return std::nullopt;
  }

  // The group's transactions, under one signature; none if it is empty.
  Result<Step> send() {
    if (group_.empty()) return Step{};
    DOS_ASSIGN(const auto set, receipts());
    std::vector<Draft> drafts;
    std::vector<std::vector<ledger::BlobRef>> claims;
    draft_of_.clear();
    std::size_t path_bytes = 0;
    const auto paid = default_time(session_);
    for (auto& r : group_) {
      const bool blob = std::holds_alternative<ledger::BlobRef>(r.content.where);
      if (drafts.empty() || drafts.back().calls() >= kCallsPerDraft || drafts.back().approximate_bytes() + path_bytes > kBytesPerDraft) {
        drafts.emplace_back();
        drafts.back().told = "writes files into " + root_path_.text();
        claims.emplace_back();
        path_bytes = 0;
      }
      if (blob) {
        claims.back().push_back(std::get<ledger::BlobRef>(r.content.where));
        path_bytes += 40 + 24 + 10 * 32;
      }
      draft_of_.push_back(drafts.size() - 1);
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
    return Step{std::move(drafts), 0};
  }

  Session& session_;
  const Identity& me_;
  TreeOptions options_;
  DosPath root_path_;
  std::span<const HostFile> files_;
  std::map<std::vector<std::string>, Node> nodes_;
  std::optional<Opening> opening_;
  std::size_t folders_at_ = 0, made_at_ = 0, files_at_ = 0;  // how far files_, made_ and files_ are gone through
  std::vector<Draft> made_;
  std::uint64_t prepared_ = 0, all_ = 0;  // files
  std::vector<Ready> group_;
  std::vector<ledger::BlobRef> blobs_;
  std::vector<std::size_t> draft_of_;  // of each of the group that is handed in
  TreePut out_;
};

}  // namespace

Result<Planned<TreePut>> put_tree(Session& session, const Identity& me, const DosPath& path, std::span<const HostFile> files,
                                  TreeOptions options) {
  DOS_TRY(must_be_named_apart(path, files));
  return std::make_unique<PutTree>(session, me, path, files, std::move(options));
}

}  // namespace dos::client
