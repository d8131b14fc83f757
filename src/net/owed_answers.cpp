#include "net/owed_answers.hpp"

#include <algorithm>
#include <optional>

namespace dos::net {
namespace {

struct AnswerRow {
  std::uint16_t question = 0, answer = 0;
  std::size_t key_bytes = 0;
};
constexpr AnswerRow kRows[] = {{kEngineQuestion, kEngineAnswer, kEngineKeyBytes},
#define DOS_ROW(Question, Answer, key) {MessageOf<Question>::kNumber, MessageOf<Answer>::kNumber, key},
                               DOS_NET_ANSWERS(DOS_ROW)
#undef DOS_ROW
};
static_assert(std::ranges::all_of(kRows, [](const AnswerRow& row) { return row.key_bytes <= kMostKeyBytes; }));

std::optional<std::size_t> row_of(std::uint16_t AnswerRow::* side, std::uint16_t number) {
  const auto* row = std::ranges::find(kRows, number, side);
  if (row == std::end(kRows)) return std::nullopt;
  return std::size_t(row - kRows);
}

std::optional<std::array<std::uint8_t, kMostKeyBytes>> key_of(const AnswerRow& row, const Frame& frame) {
  std::array<std::uint8_t, kMostKeyBytes> key{};
  if (frame.number == MessageOf<BlockFrame>::kNumber) {
    codec::Decoder d(frame.body);
    ledger::Header header;
    codec::read(d, header);
    if (!d.ok()) return std::nullopt;
    const Hash id = ledger::block_id(header);
    std::ranges::copy(id.bytes, key.begin());
    return key;
  }
  if (frame.body.size() < row.key_bytes) return std::nullopt;
  std::ranges::copy(frame.body.first(row.key_bytes), key.begin());
  return key;
}

}  // namespace

bool is_answer(std::uint16_t number) { return row_of(&AnswerRow::answer, number).has_value(); }

void OwedAnswers::asked(std::uint16_t peer, const Frame& question) {
  const auto row = row_of(&AnswerRow::question, question.number);
  if (!row) return;
  const auto key = key_of(kRows[*row], question);
  if (!key) return;
  auto& owed = peers_[peer][*row];
  if (owed.size() >= kMaxOwed) owed.pop_front();
  owed.push_back(*key);
}

bool OwedAnswers::take(std::uint16_t peer, const Frame& answer) {
  const auto row = row_of(&AnswerRow::answer, answer.number);
  const auto key = row ? key_of(kRows[*row], answer) : std::nullopt;
  if (!key) return false;
  auto& owed = peers_[peer][*row];
  const auto at = std::ranges::find(owed, *key);
  if (at == owed.end()) return false;
  owed.erase(at);
  return true;
}

void OwedAnswers::forget(std::uint16_t peer) {
  for (auto& owed : peers_[peer]) owed.clear();
}

std::size_t OwedAnswers::count() const {
  std::size_t n = 0;
  for (const auto& peer : peers_)
    for (const auto& owed : peer) n += owed.size();
  return n;
}

}  // namespace dos::net
