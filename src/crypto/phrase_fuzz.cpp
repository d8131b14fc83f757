// A text is refused, or is a phrase whose canonical form stands for the same entropy.
#include "base/check.hpp"
#include "crypto/phrase.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const auto entropy = crypto::entropy_from_phrase(as_text({data, size}));
  if (entropy) {
    const auto phrase = crypto::phrase_from_entropy(entropy->view());
    DOS_CHECK(phrase);
    const auto again = crypto::entropy_from_phrase(as_text(phrase->view()));
    DOS_CHECK(again && equal(again->view(), entropy->view()));
  }
  if (size >= 16 && size <= 32 && size % 4 == 0) {
    const auto phrase = crypto::phrase_from_entropy({data, size});
    DOS_CHECK(phrase);
    const auto back = crypto::entropy_from_phrase(as_text(phrase->view()));
    DOS_CHECK(back && equal(back->view(), {data, size}));
  }
  return 0;
}
