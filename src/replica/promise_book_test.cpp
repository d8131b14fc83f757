// What is kept of storage promises has bounds, and who waits for one too.
#include "replica/promise_book.hpp"

#include <gtest/gtest.h>

namespace dos::replica {
namespace {

ledger::StoredPromise promise(std::uint64_t bytes) {
  ledger::StoredPromise p;
  p.bytes = bytes;
  return p;
}

TEST(PromiseBook, keeps_the_newest_up_to_its_bounds) {
  PromiseBook book;
  for (std::uint64_t n = 0; n < kMaxKeptSignatures; ++n) book.own().keep(PromiseBook::key_of(promise(n)), {});
  for (std::uint64_t n = 0; n < kMaxKeptSignatures; ++n) EXPECT_TRUE(book.own().find(PromiseBook::key_of(promise(n)))) << n;
  book.own().keep(PromiseBook::key_of(promise(1)), {});  // known: nothing goes
  EXPECT_TRUE(book.own().find(PromiseBook::key_of(promise(0))));
  book.own().keep(PromiseBook::key_of(promise(kMaxKeptSignatures)), {});
  EXPECT_FALSE(book.own().find(PromiseBook::key_of(promise(0))));
  EXPECT_TRUE(book.own().find(PromiseBook::key_of(promise(1))));
  EXPECT_EQ(book.kept(), kMaxKeptSignatures);
  for (std::uint64_t n = 0; n <= kMaxKeptPromises; ++n) {
    book.end(promise(n), ledger::StoredAnswer{promise(n), {}}, true);
    EXPECT_EQ(book.find(promise(0)) != nullptr, n < kMaxKeptPromises) << n;
  }
  book.end(promise(1'000), ledger::StoredAnswer{promise(1'000), {}}, false);  // not a strong set's
  EXPECT_FALSE(book.find(promise(1'000)));
  EXPECT_EQ(book.kept(), kMaxKeptSignatures + kMaxKeptPromises);
}

TEST(PromiseBook, one_more_than_may_wait_for_a_promise_is_told_at_once_and_the_others_get_it) {
  PromiseBook book;
  std::size_t answered = 0, busy = 0;
  const auto done = [&] {
    return PromiseBook::Done([&](Result<ledger::StoredAnswer> answer) {
      if (answer) ++answered;
      else busy += answer.error().code == Errc::busy;
    });
  };
  auto first = done();
  EXPECT_FALSE(book.join(promise(1), first));  // nobody collects it yet
  book.begin(promise(1), std::move(first));
  book.begin(promise(2), done());
  for (std::size_t n = 1; n < kMaxPromiseWaiters; ++n) {
    auto next = done();
    EXPECT_TRUE(book.join(promise(1), next));
    EXPECT_EQ(busy, 0u) << n;
  }
  EXPECT_EQ(book.waiting(), kMaxPromiseWaiters + 1);
  auto over = done();
  EXPECT_TRUE(book.join(promise(1), over));
  EXPECT_EQ(busy, 1u);
  auto other = done();
  EXPECT_TRUE(book.join(promise(2), other));  // it has places of its own
  EXPECT_EQ(busy, 1u);
  book.end(promise(1), ledger::StoredAnswer{promise(1), {}}, true);
  EXPECT_EQ(answered, kMaxPromiseWaiters);
  EXPECT_EQ(book.waiting(), 2u);
}

}  // namespace
}  // namespace dos::replica
