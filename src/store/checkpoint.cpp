#include "store/checkpoint.hpp"

namespace dos::store {
namespace {

constexpr std::string_view kSlotMagic = "DOSCKPT1", kForestMagic = "DOSFRST2";
constexpr const char* kSlotPath[2] = {"checkpoint-A", "checkpoint-B"};

template <class T>
Bytes sealed(std::string_view magic, const T& value) {
  Bytes out = to_bytes(as_bytes(magic));
  append(out, codec::encode(value));
  append(out, crypto::plain_hash(out).view());
  return out;
}

template <class T>
Result<T> unseal(std::string_view magic, BytesView file, const char* what) {
  if (file.size() < magic.size() + 32 || !starts_with(file, as_bytes(magic)) ||
      !equal(crypto::plain_hash(file.first(file.size() - 32)).view(), file.last(32)))
    return fail(Errc::corrupt, std::string(what) + " is damaged");
  auto value = codec::decode<T>(file.subspan(magic.size(), file.size() - 32 - magic.size()), what);
  if (!value) return fail(Errc::corrupt, value.error().detail);
  return value;
}

Result<Bytes> read_file(Disk& disk, const std::string& path) {
  DOS_ASSIGN(auto f, disk.open(path, Disk::Mode::read));
  DOS_ASSIGN(const auto size, f->size());
  if (size > (std::uint64_t(1) << 40)) return fail(Errc::corrupt, path + " is longer than it can be");
  Bytes out(size);
  if (size != 0) DOS_TRY(f->read_at(0, out));
  return out;
}

std::string numbered(const char* folder, std::uint64_t n) {
  std::string digits = std::to_string(n);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return std::string(folder) + "/" + digits;
}

}  // namespace

std::string forest_path(std::uint64_t n) { return numbered("forest", n); }
std::string index_path(std::uint64_t n) { return numbered("index", n); }

Result<Checkpoint> decode_checkpoint(BytesView slot) { return unseal<Checkpoint>(kSlotMagic, slot, "a checkpoint slot"); }

Result<ForestSnapshot> decode_forest_snapshot(BytesView file) {
  DOS_ASSIGN(auto s, unseal<ForestSnapshot>(kForestMagic, file, "a forest snapshot"));
  if (s.twig_roots.size() != s.count / proof::kTwigRecords || s.young_leaves.size() != s.count % proof::kTwigRecords ||
      s.chunks.size() != chunk_count(s.count))
    return fail(Errc::corrupt, "a forest snapshot does not fit its count");
  for (std::size_t i = 0; i < s.pieces.size(); ++i)
    if (s.pieces[i].count > s.count || s.pieces[i].end > s.end ||
        (i == 0 ? !s.pieces[i].from.empty() : compare(s.pieces[i - 1].from, s.pieces[i].from) >= 0))
      return fail(Errc::corrupt, "a forest snapshot names pieces of the index that do not fit");
  return s;
}

IndexPieces::const_iterator oldest(const IndexPieces& pieces) {
  return std::min_element(pieces.begin(), pieces.end(), [](const IndexPiece& a, const IndexPiece& b) { return a.count < b.count; });
}

Result<std::optional<Checkpoint>> CheckpointSlots::open(std::vector<std::string>& damaged) {
  for (int i = 0; i < 2; ++i) {
    slots_[i].reset();
    DOS_ASSIGN(const bool there, disk_.exists(kSlotPath[i]));
    if (!there) continue;
    DOS_ASSIGN(const Bytes bytes, read_file(disk_, kSlotPath[i]));
    auto slot = decode_checkpoint(bytes);
    if (slot && slot->format != Checkpoint::kFormat)
      return fail(Errc::other_format, std::string(kSlotPath[i]) + " has format " + std::to_string(slot->format));
    if (slot) slots_[i] = *slot;
    else if (!bytes.empty()) damaged.push_back(kSlotPath[i]);
  }
  if (!slots_[0] && !slots_[1]) return std::nullopt;
  const int newest = !slots_[1] || (slots_[0] && slots_[0]->number > slots_[1]->number) ? 0 : 1;
  turn_ = 1 - newest;
  number_ = slots_[newest]->number;
  return slots_[newest];
}

Status CheckpointSlots::write(Checkpoint c) {
  c.number = ++number_;
  DOS_ASSIGN(const bool there, disk_.exists(kSlotPath[turn_]));
  DOS_ASSIGN(auto f, disk_.open(kSlotPath[turn_], Disk::Mode::create));
  const Bytes bytes = sealed(kSlotMagic, c);
  DOS_TRY(f->write_at(0, bytes));  // every slot has the same length
  DOS_ASSIGN(const auto size, f->size());
  if (size != bytes.size()) DOS_TRY(f->truncate(bytes.size()));
  DOS_TRY(f->sync());
  if (!there) DOS_TRY(disk_.sync_folder(""));
  slots_[turn_] = c;
  turn_ = 1 - turn_;
  return {};
}

std::set<std::uint64_t> CheckpointSlots::snapshots_in_use() const {
  std::set<std::uint64_t> out;
  for (const auto& s : slots_)
    if (s) out.insert(s->snapshot);
  return out;
}

Status write_forest_snapshot(Disk& disk, std::uint64_t n, const ForestSnapshot& content) {
  DOS_TRY(disk.make_folder("forest"));
  DOS_ASSIGN(auto f, disk.open(forest_path(n), Disk::Mode::create));
  const Bytes bytes = sealed(kForestMagic, content);
  DOS_TRY(f->truncate(bytes.size()));
  DOS_TRY(f->write_at(0, bytes));
  DOS_TRY(f->sync());
  return disk.sync_folder("forest");
}

Result<ForestSnapshot> read_forest_snapshot(Disk& disk, std::uint64_t n) {
  DOS_ASSIGN(const bool there, disk.exists(forest_path(n)));
  if (!there) return fail(Errc::corrupt, forest_path(n) + " is missing");
  DOS_ASSIGN(const Bytes bytes, read_file(disk, forest_path(n)));
  return decode_forest_snapshot(bytes);
}

}  // namespace dos::store
