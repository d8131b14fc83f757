#include "cli/help.hpp"

#include <set>

namespace dos::cli {

std::string usage_line(const Command& c) {
  std::string out = std::string("dos ") + c.name;
  for (const auto& a : c.args) out += std::string(" ") + (a.required ? "" : "[") + a.name + (a.many ? "..." : "") + (a.required ? "" : "]");
  return out;
}

void first_help(Output& out) {
  out.line("DOS: files, messages and credits on a ledger; every answer is proved.");
  out.line("");
  out.line("Start:  dos net up      then  dos put FILE      dos ls      dos send bob \"hello\"");
  std::string group;
  for (const auto& c : commands()) {
    if (group != c.group) {
      group = c.group;
      if (out.form() != Form::plain) out.line("");
      out.line(group);
    }
    out.row({"  " + usage_line(c), c.summary});
  }
  out.line("");
  out.line("dos help COMMAND tells more; every command takes --json. dos tour shows it all on real files.");
  out.data(all_commands_json());
}

void group_help(Output& out, std::string_view noun) {
  for (const auto& c : commands())
    if (std::string_view(c.name).starts_with(std::string(noun) + " ") || c.group == noun) out.row({usage_line(c), c.summary});
  out.data(all_commands_json());
}

void command_help(Output& out, const Command& c) {
  for (const auto& text : {usage_line(c), std::string(c.summary), std::string()}) out.line(text);
  for (const auto* e : c.examples) out.line(std::string("  ") + e);
  if (!c.flags.empty()) out.line("");
  for (const auto& f : c.flags) out.row({std::string("  ") + f.name + (*f.value != 0 ? std::string(" ") + f.value : ""), f.summary});
  if (*c.call != 0) out.line("");
  if (*c.call != 0) out.line(std::string("call: ") + c.call);
  if (!c.aliases.empty()) {
    std::string names;
    for (const auto* a : c.aliases) names += std::string(" ") + a;
    out.line("also:" + names);
  }
  out.line("Flags of every command: dos help flags");
  out.data(command_json(c));
}

Json command_json(const Command& c) {
  Json args = Json::array(), flags = Json::array();
  for (const auto& a : c.args) args.push_back({{"name", a.name}, {"required", a.required}, {"many", a.many}});
  const auto add = [&](const Flag& f, bool common) {
    flags.push_back({{"name", f.name}, {"value", f.value}, {"summary", f.summary}, {"common", common}});
  };
  for (const auto& f : c.flags) add(f, false);
  for (const auto& f : common_flags()) add(f, true);
  return {{"name", c.name}, {"group", c.group},       {"summary", c.summary}, {"args", args},
          {"flags", flags}, {"examples", c.examples}, {"call", c.call},       {"aliases", c.aliases}};
}

Json all_commands_json() {
  Json list = Json::array();
  for (const auto& c : commands()) list.push_back(command_json(c));
  return {{"commands", list}};
}

std::string manual() {
  std::string out =
      "# The command line\n\nGenerated from the command table (src/cli); `dos help --json` gives the same as data.\n\n"
      "Exit codes: 0 done, 1 other, 2 usage, 3 not found (proved), 4 denied or locked key, 5 conflict, 6 credits or limit, 7 unreachable, "
      "time-out, or not known whether it is final (DOS-E0107), 8 a proof or signature does not verify, 9 a program refused, 10 refused by "
      "the person.\n\n"
      "With `--json` there is one envelope on stdout: "
      "`{\"v\":1,\"ok\":true,\"data\":…,\"warnings\":[],\"at\":{\"height\":\"12\",\"final\":true,"
      "\"proof\":\"verified\"}}`, or `{\"v\":1,\"ok\":false,\"error\":{\"code\",\"title\",\"detail\",\"hint\",\"retry\"}}`.\n\n"
      "A command that a signal ends (Ctrl-C, SIGTERM, a closed terminal) after a transaction of it left this machine, and before its end "
      "is "
      "proved, says so: DOS-E0107 with the transaction's id and until when it can become final, exit code 7. Do not repeat it before; look "
      "with "
      "`dos tx ID`. When all that it handed in is final by then a line on stderr names it, and when nothing was handed in nothing is said: "
      "it "
      "dies by the signal. A signal that whoever started it ignores (nohup) stays ignored. SIGKILL leaves nothing said.\n\n"
      "Paths: `/home/me/a`, `~/a`, `a` (below `~`), `PATH@3` (third revision), `PATH@#812` (as it stood at block 812).\n\n"
      "Every argument and value is taken byte for byte; a name that begins with `-` follows `--`. "
      "An empty one is never the same as none: it is refused, but for words of a message and "
      "arguments of a call. A variable of the environment that is empty counts as not set. Names, messages and words of nodes are shown on "
      "one line with control characters, marks of direction and what is not seen written out (`\\n`, `\\u202e`); `--json` has them whole. "
      "What a node only says is shown as its words: `v2 says: \"...\"`.\n\n## Flags of "
      "every command\n\n";
  const auto flag = [&](const Flag& f) {
    out += std::string("- `") + f.name + (*f.value != 0 ? std::string(" ") + f.value : "") + "`: " + f.summary + "\n";
  };
  for (const auto& f : common_flags()) flag(f);
  std::string group;
  for (const auto& c : commands()) {
    if (group != c.group) {
      group = c.group;
      out += "\n## " + group + "\n";
    }
    out += "\n### " + usage_line(c) + "\n\n" + c.summary + (*c.call != 0 ? std::string(" Call: `") + c.call + "`." : "");
    if (!c.aliases.empty()) {
      out += " Also:";
      for (const auto* a : c.aliases) out += std::string(" `") + a + "`";
      out += ".";
    }
    out += "\n\n";
    for (const auto& f : c.flags) flag(f);
    out += "\n```\n";
    for (const auto* e : c.examples) out += std::string(e) + "\n";
    out += "```\n";
  }
  return out;
}

}  // namespace dos::cli
