"""`hubflow completion bash|zsh|fish`: a script for the shell, made from the tree of commands."""

from __future__ import annotations

import shlex

from hubflow.cli.base import HubflowApp
from hubflow.cli.main import Main
from hubflow.cli.options import Misused
from hubflow.cli.tree import Command, walk

_BASH = """\
# hubflow's commands and options for bash. Add to ~/.bashrc: source <(hubflow completion bash)
_hubflow() {{
    local path=hubflow word candidates
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$path $word" in
            {groups}) path="$path $word" ;;
        esac
    done
    case "$path" in
{cases}
    esac
    COMPREPLY=($(compgen -W "$candidates" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _hubflow hubflow
"""
_ZSH = """\
# hubflow's commands and options for zsh. Add to ~/.zshrc: source <(hubflow completion zsh)
autoload -U +X bashcompinit && bashcompinit
"""
_FISH = """\
# hubflow's commands and options for fish. Run once:
#   hubflow completion fish > ~/.config/fish/completions/hubflow.fish
function __hubflow_at
    set -l path hubflow
    for word in (commandline -opc)[2..]
        if contains -- "$path $word" {paths}
            set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end
complete -c hubflow -f
"""


class CompletionApp(HubflowApp):
    """Print a script that completes commands and options: `hubflow completion bash|zsh|fish`."""

    description = __doc__
    arguments = ("a shell: bash, zsh or fish",)

    def run(self) -> None:
        (shell,) = self.words
        commands = list(walk(Main, ("hubflow",)))
        if shell not in SCRIPTS:
            raise Misused(f"there is completion for {', '.join(SCRIPTS)}, not for {shell!r}")
        print(SCRIPTS[shell](commands), end="")


def bash(commands: list[Command]) -> str:
    """Return the script for bash."""
    groups = " | ".join(f'"{" ".join(one.words)}"' for one in commands if len(one.words) > 1)
    cases = [
        f"        {shlex.quote(' '.join(one.words))}) candidates={shlex.quote(_candidates(one))} ;;"
        for one in commands
    ]
    return _BASH.format(groups=groups, cases="\n".join(cases))


def zsh(commands: list[Command]) -> str:
    """Return the script for zsh, which runs the one for bash."""
    return _ZSH + bash(commands).partition("\n")[2]


def fish(commands: list[Command]) -> str:
    """Return the script for fish."""
    by_words = {one.words: one for one in commands}
    lines = [_FISH.format(paths=" ".join(shlex.quote(" ".join(one.words)) for one in commands))]
    for one in commands:
        condition = f'__hubflow_at "{" ".join(one.words)}"'
        start = f"complete -c hubflow -n {shlex.quote(condition)}"
        for child in one.children:
            summary = by_words[(*one.words, child)].summary
            lines.append(f"{start} -a {child} -d {_fish_quoted(summary)}\n")
        for option in one.options:
            names = " ".join(_fish_option(name) for name in option.names)
            needs = " -r" if option.value else ""
            lines.append(f"{start} {names}{needs} -d {_fish_quoted(option.help)}\n")
    return "".join(lines)


SCRIPTS = {"bash": bash, "zsh": zsh, "fish": fish}


def _candidates(command: Command) -> str:
    options = [name for option in command.options for name in option.names]
    return " ".join((*command.children, *options, "--help"))


def _fish_option(name: str) -> str:
    return f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"


def _fish_quoted(text: str) -> str:
    """Quote as fish wants it: it knows escapes between single quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
