// MemIndex: a B+-tree over slotted pages. Separators are the shortest that tell two leaves apart; a leaf that empties
// leaves the tree, small neighbours under one parent are joined.
#include <vector>

#include "base/check.hpp"
#include "base/limits.hpp"
#include "store/index.hpp"
#include "store/index_snapshot.hpp"
#include "store/slotted_page.hpp"

namespace dos::store {
namespace {

using PageId = std::uint32_t;  // 0: none

class MemIndex final : public Index {
 public:
  MemIndex() { clear(); }

  Result<std::optional<Position>> find(BytesView key) const override {
    const SlottedPage& p = page(leaf_of(key));
    const std::size_t i = p.lower_bound(key);
    if (i == p.count() || !equal(p.key(i), key)) return std::nullopt;
    return Position{p.payload(i)};
  }
  Result<std::optional<Entry>> floor(BytesView key) const override {
    const SlottedPage& p = page(leaf_of(key));
    return before(p, p.upper_bound(key));
  }
  Result<std::optional<Entry>> lower(BytesView key) const override {
    const SlottedPage& p = page(leaf_of(key));
    return before(p, p.lower_bound(key));
  }
  Result<std::optional<Entry>> above(BytesView key) const override {
    const SlottedPage& p = page(leaf_of(key));
    return at_or_next(p, p.upper_bound(key));
  }
  Result<Around> around(BytesView key) const override {
    const SlottedPage& p = page(leaf_of(key));
    std::size_t i = p.lower_bound(key);
    Around out;
    if (i < p.count() && equal(p.key(i), key)) out.at = Position{p.payload(i++)};
    out.above = at_or_next(p, i);
    return out;
  }

  void prefetch(BytesView key) const override { page(leaf_of(key)).prefetch(); }

  Status put(BytesView key, Position position) override {
    if (key.size() > kMaxKeyBytes) return fail(Errc::limit, "a key is longer than any key may be");
    if (position.value > SlottedPage::kMaxPayload) return fail(Errc::limit, "the log is longer than the index can name");
    SlottedPage& leaf = page(leaf_of(key));
    if (const std::size_t i = leaf.lower_bound(key); i < leaf.count() && equal(leaf.key(i), key)) {
      leaf.set_payload(i, position.value);
      return {};
    }
    Split split;
    insert(root_, key, position.value, split);
    if (split.right != 0) {
      const PageId root = allocate(false);
      page(root).insert(0, {}, root_);
      page(root).insert(1, split.key, split.right);
      root_ = root;
    }
    return {};
  }

  Status erase(BytesView key) override {
    if (remove(root_, key)) {
      while (!page(root_).leaf && page(root_).count() == 1) {
        const PageId child = PageId(page(root_).payload(0));
        release(root_);
        root_ = child;
      }
      if (!page(root_).leaf && page(root_).count() == 0) {
        release(root_);
        root_ = allocate(true);
      }
    }
    return {};
  }

  std::uint64_t size() const override { return size_; }
  std::uint64_t key_bytes() const override { return key_bytes_; }
  std::uint64_t memory_bytes() const override {
    std::uint64_t n = pages_.capacity() * sizeof(pages_[0]) + free_.capacity() * sizeof(PageId);
    for (const auto& p : pages_) n += p.allocated_bytes() + (p.allocated_bytes() != 0 ? 16 : 0);  // 16: what malloc keeps for a block
    return n;
  }

  Result<Bytes> save(DiskFile& file, BytesView from, std::uint64_t most) const override {
    IndexSnapshotWriter w(file);
    PageId id = leaf_of(from);
    std::size_t i = page(id).lower_bound(from);
    Bytes next;
    for (; id != 0; id = page(id).next, i = 0) {
      const SlottedPage& p = page(id);
      for (; i < p.count() && most > 0; ++i, --most) DOS_TRY(w.add(p.key(i), Position{p.payload(i)}));
      if (i == p.count()) continue;
      next = to_bytes(p.key(i));
      break;
    }
    DOS_TRY(w.finish());
    return next;
  }
  Status load(std::span<const Part> parts) override {
    clear();
    Filling fill{{}, root_, {}};
    Status done;
    for (std::size_t n = 0; n < parts.size() && done; ++n)
      done = read_index_snapshot(*parts[n].file, [&](BytesView key, Position p) -> Status {
        if (compare(key, parts[n].from) < 0 || (n + 1 < parts.size() && compare(key, parts[n + 1].from) >= 0)) return {};
        if (p.value >= parts[n].end) return fail(Errc::corrupt, "the index names a record that came later");
        return push(fill, key, p);
      });
    if (done) raise(fill);
    else clear();
    return done;
  }

 private:
  struct Split {
    Bytes key;
    PageId right = 0;
  };

  // A tree is made from ascending keys leaf by leaf; then each level above from the one below.
  struct Filling {
    std::vector<std::pair<Bytes, PageId>> leaves;  // closed ones, each with the key that its parent tells it by
    PageId last;                                   // the open one
    Bytes last_key;                                // … likewise
  };
  Status push(Filling& fill, BytesView key, Position position) {
    if (position.value > SlottedPage::kMaxPayload) return fail(Errc::corrupt, "the index names a place that no log has");
    if (!SlottedPage::fits(page(fill.last).used_bytes(), key.size())) {
      const PageId left = fill.last, right = allocate(true);
      page(left).next = right;
      page(right).prev = left;
      page(left).fit();
      fill.leaves.emplace_back(std::move(fill.last_key), left);
      fill.last_key = to_bytes(separator(page(left).key(page(left).count() - 1), key));
      fill.last = right;
    }
    SlottedPage& p = page(fill.last);
    p.reserve(SlottedPage::kMaxBytes);
    p.insert(p.count(), key, position.value);
    ++size_;
    key_bytes_ += key.size();
    return {};
  }
  void raise(Filling& fill) {
    page(fill.last).fit();
    auto level = std::move(fill.leaves);
    level.emplace_back(std::move(fill.last_key), fill.last);
    while (level.size() > 1) {
      std::vector<std::pair<Bytes, PageId>> above;
      for (auto& [key, child] : level) {
        if (above.empty() || !SlottedPage::fits(page(above.back().second).used_bytes(), key.size())) {
          const PageId id = allocate(false);
          page(id).insert(0, key, child);
          above.emplace_back(std::move(key), id);
        } else {
          SlottedPage& p = page(above.back().second);
          p.insert(p.count(), key, child);
        }
      }
      level = std::move(above);
    }
    root_ = level.front().second;
  }

  void clear() {
    pages_.clear();
    free_.clear();
    pages_.emplace_back();
    root_ = allocate(true);
    size_ = key_bytes_ = 0;
  }
  SlottedPage& page(PageId id) { return pages_[id]; }  // until the next allocate()
  const SlottedPage& page(PageId id) const { return pages_[id]; }
  PageId allocate(bool leaf) {
    PageId id;
    if (free_.empty()) {
      id = PageId(pages_.size());
      pages_.emplace_back();
    } else {
      id = free_.back();
      free_.pop_back();
    }
    pages_[id] = SlottedPage(leaf);
    return id;
  }
  void release(PageId id) {
    pages_[id] = SlottedPage();
    free_.push_back(id);
  }

  static std::size_t child_of(const SlottedPage& p, BytesView key) {
    const std::size_t i = p.upper_bound(key);
    return i == 0 ? 0 : i - 1;
  }
  PageId leaf_of(BytesView key) const {
    PageId id = root_;
    while (!page(id).leaf) id = PageId(page(id).payload(child_of(page(id), key)));
    return id;
  }
  std::optional<Entry> at_or_next(const SlottedPage& start, std::size_t i) const {
    const SlottedPage* p = &start;
    if (i == p->count()) {
      if (p->next == 0) return std::nullopt;
      p = &page(p->next);
      i = 0;
    }
    return Entry{to_bytes(p->key(i)), Position{p->payload(i)}};
  }
  std::optional<Entry> before(const SlottedPage& start, std::size_t i) const {
    const SlottedPage* p = &start;
    if (i == 0) {
      if (p->prev == 0) return std::nullopt;
      p = &page(p->prev);
      i = p->count();
    }
    return Entry{to_bytes(p->key(i - 1)), Position{p->payload(i - 1)}};
  }

  // The shortest key that is above `left` and at most `right`.
  static BytesView separator(BytesView left, BytesView right) {
    std::size_t n = 0;
    while (n < left.size() && left[n] == right[n]) ++n;
    return right.first(n + 1);
  }

  void insert(PageId id, BytesView key, std::uint64_t payload, Split& split) {
    SlottedPage& p = page(id);
    if (p.leaf) {
      const std::size_t i = p.lower_bound(key);
      if (i < p.count() && equal(p.key(i), key)) return p.set_payload(i, payload);
      ++size_;
      key_bytes_ += key.size();
      return add(id, i, key, payload, split);
    }
    const std::size_t i = child_of(p, key);
    Split below;
    insert(PageId(p.payload(i)), key, payload, below);
    if (below.right != 0) add(id, i + 1, below.key, below.right, split);
  }

  void add(PageId id, std::size_t at, BytesView key, std::uint64_t payload, Split& split) {
    if (SlottedPage::fits(page(id).used_bytes(), key.size())) return page(id).insert(at, key, payload);
    const bool leaf = page(id).leaf;
    split.right = allocate(leaf);
    SlottedPage& left = page(id);
    SlottedPage& right = page(split.right);
    // Ascending inserts leave full pages behind; otherwise by half of the bytes.
    std::size_t keep = left.count();
    if (at != left.count() || left.next != 0) {
      std::size_t bytes = 0;
      for (keep = 0; keep < left.count() - 1 && bytes < left.used_bytes() / 2; ++keep)
        bytes += left.key(keep).size() + SlottedPage::kEntryBytes;
    } else if (!leaf) {
      --keep;  // an inner page is never without an entry of its own
    }
    right.take_from(left, keep, left.count());
    left.cut(keep);
    if (at < keep || (at == keep && right.count() > 0)) left.insert(at, key, payload);
    else right.insert(at - keep, key, payload);
    if (leaf) {
      right.next = left.next;
      right.prev = id;
      if (right.next != 0) page(right.next).prev = split.right;
      left.next = split.right;
      split.key = to_bytes(separator(left.key(left.count() - 1), right.key(0)));
    } else {
      split.key = to_bytes(right.key(0));
    }
  }

  // True if an entry left an inner page or the page itself emptied, so that the parent must look.
  bool remove(PageId id, BytesView key) {
    SlottedPage& p = page(id);
    if (p.leaf) {
      const std::size_t i = p.lower_bound(key);
      if (i == p.count() || !equal(p.key(i), key)) return false;
      --size_;
      key_bytes_ -= key.size();
      p.erase(i);
      return true;
    }
    const std::size_t i = child_of(p, key);
    if (!remove(PageId(p.payload(i)), key)) return false;
    const PageId child = PageId(p.payload(i));
    if (page(child).count() == 0) {
      drop_child(p, i);
    } else if (page(child).used_bytes() < SlottedPage::kMaxBytes / 4) {
      if (i + 1 < p.count()) join(p, i);
      else if (i > 0) join(p, i - 1);
    }
    return true;
  }

  void drop_child(SlottedPage& parent, std::size_t i) {
    const PageId id = PageId(parent.payload(i));
    const SlottedPage& gone = page(id);
    if (gone.leaf) {
      if (gone.prev != 0) page(gone.prev).next = gone.next;
      if (gone.next != 0) page(gone.next).prev = gone.prev;
    }
    release(id);
    parent.erase(i);
  }

  // Joins child i + 1 into child i if both fit well into one page.
  void join(SlottedPage& parent, std::size_t i) {
    SlottedPage& left = page(PageId(parent.payload(i)));
    const SlottedPage& right = page(PageId(parent.payload(i + 1)));
    const std::size_t sum = left.used_bytes() + right.used_bytes() + parent.key(i + 1).size();
    if (sum > SlottedPage::kMaxBytes * 3 / 4) return;
    if (right.leaf) {
      left.take_from(right, 0, right.count());
    } else {  // the first entry of an inner page stands for "from the page's own lower bound on"
      left.insert(left.count(), parent.key(i + 1), right.payload(0));
      left.take_from(right, 1, right.count());
    }
    drop_child(parent, i + 1);
  }

  std::vector<SlottedPage> pages_;
  std::vector<PageId> free_;
  PageId root_ = 0;
  std::uint64_t size_ = 0, key_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Index> make_mem_index() { return std::make_unique<MemIndex>(); }

}  // namespace dos::store
