// help, explain, paths, version.
#include <algorithm>

#include "base/command_line.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/call_args.hpp"
#include "cli/help.hpp"
#include "cli/run.hpp"

namespace dos::cli {
namespace {

Status help(Run& run) {
  if (run.has("calls")) {
    Json items = Json::array();
    for (const auto& c : all_calls()) {
      items.push_back(call_json(c));
      run.out.row({c.number_text(), c.full_name(), c.row.args, c.row.sentence});
    }
    run.out.data({{"items", items}, {"complete", true}});
    return {};
  }
  if (run.has("markdown")) {
    run.out.lines(manual());
    run.out.data({{"text", manual()}});
    return {};
  }
  if (run.args.empty()) {
    first_help(run.out);
    return {};
  }
  std::string name = run.arg(0);
  for (std::size_t i = 1; i < run.args.size(); ++i) name += " " + run.args[i];
  if (const auto* c = find_command(name)) {
    command_help(run.out, *c);
    return {};
  }
  auto group = name;
  if (!group.empty() && group[0] >= 'a' && group[0] <= 'z') group[0] = char(group[0] - 32);  // "files" as "Files" is headed
  const bool headed = std::ranges::any_of(commands(), [&](const auto& c) { return c.group == group; });
  if (headed || name == "net" || name == "id" || name == "key") {
    group_help(run.out, headed ? group : name);
    return {};
  }
  if (name == "all") first_help(run.out);
  if (name == "flags" || name == "all") {
    for (const auto& f : common_flags()) run.out.row({std::string(f.name) + (*f.value != 0 ? std::string(" ") + f.value : ""), f.summary});
    run.out.data(all_commands_json());
    return {};
  }
  const auto near = nearest_command(name);
  return fail(Errc::usage, "no help on '" + safe(name) + "'" + (near.empty() ? "" : "; did you mean: dos help " + near));
}

Status explain(Run& run) {
  auto text = run.arg(0);
  for (auto& c : text)
    if (c >= 'a' && c <= 'z') c = char(c - 32);
  if (text.starts_with("DOS-")) text.erase(0, 4);
  if (text.starts_with("E")) text.erase(0, 1);
  unsigned count = 0;
  const auto* rows = error_rows(count);
  const auto row_json = [](const ErrorRow& r) -> Json {
    return {{"code", error_name(r.code)}, {"name", r.name},        {"title", r.title}, {"hint", r.remedy},
            {"exit", r.exit_code},        {"http", r.http_status}, {"retry", r.retry}};
  };
  if (run.args.empty()) {
    Json items = Json::array();
    for (unsigned i = 0; i < count; ++i) {
      items.push_back(row_json(rows[i]));
      run.out.row({error_name(rows[i].code), "exit " + std::to_string(rows[i].exit_code), rows[i].title});
    }
    run.out.data({{"items", items}, {"complete", true}});
    return {};
  }
  for (unsigned i = 0; i < count; ++i) {
    const auto code = error_name(rows[i].code);
    if (const auto n = whole_number(text, 0, UINT16_MAX); !n || *n != unsigned(rows[i].code)) continue;
    const auto& r = rows[i];
    run.out.line(code + "   " + r.title);
    run.out.line(r.remedy);
    run.out.line("exit code " + std::to_string(r.exit_code) + ", HTTP status " + std::to_string(r.http_status) +
                 (r.retry ? ", trying again can help" : ""));
    run.out.data(row_json(r));
    return {};
  }
  return fail(Errc::not_found, "there is no error " + safe(run.arg(0)) + "; codes look like " + error_name(Errc::not_found));
}

Status paths(Run& run) {
  const auto& p = run.places;
  const std::pair<const char*, std::filesystem::path> list[] = {
      {"config", p.config},     {"data", p.data}, {"state", p.state}, {"networks", p.nets()}, {"known_networks", p.known_networks()},
      {"uploads", p.uploads()}, {"run", p.run}};
  Json j = Json::object();
  for (const auto& [name, path] : list) {
    j[name] = path.string();
    run.out.row({name, path.string()});
  }
  run.out.data(std::move(j));
  return {};
}

Status version(Run& run) {
  run.out.line(std::string("dos ") + kVersion + "   format " + ledger::kFormat);
  run.out.data({{"version", kVersion}, {"format", ledger::kFormat}});
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> tool_commands() {
  return {
      {"help", "Tools", "Shows what a command does.", {{"COMMAND", false, true}},
       {{"--calls", "", "the system calls and their numbers"}, {"--markdown", "", "the whole manual"}}, {"dos help put", "dos help --json"}, "", {}, help},
      {"explain", "Tools", "Explains an error code; without one, lists them all.", {{"CODE", false}}, {}, {"dos explain DOS-E0401"}, "", {}, explain},
      {"paths", "Tools", "Lists where your state lies on this machine.", {}, {}, {"dos paths"}, "", {}, paths},
      {"version", "Tools", "Shows version and format.", {}, {}, {"dos version"}, "", {}, version},
  };
}
// clang-format on

}  // namespace dos::cli
