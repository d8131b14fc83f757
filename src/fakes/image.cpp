#include "fakes/image.hpp"

#include "base/check.hpp"

namespace dos::fakes {
namespace {

bool all_zero(BytesView b) { return b.empty() || (b[0] == 0 && std::memcmp(b.data(), b.data() + 1, b.size() - 1) == 0); }

}  // namespace

void Image::resize(std::uint64_t size) {
  if (size < size_ && size % kPage != 0) {  // what is cut off reads as zeros when the file grows again
    const Bytes zeros(std::min<std::uint64_t>(kPage - size % kPage, size_ - size));
    write(size, zeros);
  }
  pages_.resize((size + kPage - 1) / kPage);
  size_ = size;
}

void Image::write(std::uint64_t offset, BytesView data) {
  if (offset + data.size() > size_) {
    size_ = offset + data.size();
    pages_.resize((size_ + kPage - 1) / kPage);
  }
  while (!data.empty()) {
    const std::size_t within = offset % kPage, n = std::min(kPage - within, data.size());
    auto& page = pages_[offset / kPage];
    const auto part = data.first(n);
    if (page || !all_zero(part)) {
      if (!page) page = std::make_shared<Page>();
      else if (page.use_count() > 1) page = std::make_shared<Page>(*page);
      std::copy(part.begin(), part.end(), page->begin() + std::ptrdiff_t(within));
    }
    offset += n;
    data = data.subspan(n);
  }
}

void Image::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
  DOS_CHECK(offset <= size_ && out.size() <= size_ - offset);
  while (!out.empty()) {
    const std::size_t within = offset % kPage, n = std::min(kPage - within, out.size());
    if (const auto& page = pages_[offset / kPage]) std::copy_n(page->begin() + std::ptrdiff_t(within), n, out.begin());
    else std::fill_n(out.begin(), n, std::uint8_t(0));
    offset += n;
    out = out.subspan(n);
  }
}

void Image::take(const Image& other, std::uint64_t from, std::uint64_t to) {
  if (size_ != other.size_) resize(other.size_);
  for (auto page = from / kPage; page * kPage < std::min(to, size_); ++page) pages_[page] = other.pages_[page];
}

Bytes Image::bytes() const {
  Bytes all(size_);
  read(0, all);
  return all;
}

}  // namespace dos::fakes
