// What a shell runs to complete a line: it asks `walrusmq __complete` and shows the answer.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The command that the scripts call; it is not in the help. */
export const COMPLETE_COMMAND = '__complete';
/** A line of its answer that stands for the names of files. */
export const FILES_LINE = ':files';

const BASH = `# Completion of walrusmq for bash 3.2 and later. In ~/.bashrc:
#   source <(walrusmq completion bash)
_walrusmq() {
  local line IFS=$'\\n'
  local current="\${COMP_WORDS[COMP_CWORD]}"
  [[ $current == '=' ]] && current=''
  COMPREPLY=()
  while read -r line; do
    if [[ $line == '${FILES_LINE}' ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" ${COMPLETE_COMMAND} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _walrusmq walrusmq
`;

const ZSH = `#compdef walrusmq
# Completion of walrusmq for zsh. In ~/.zshrc, behind compinit:
#   source <(walrusmq completion zsh)
_walrusmq() {
  local line files
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == '${FILES_LINE}' ]]; then
      files=yes
    else
      local value=\${line%%$'\\t'*}
      candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <("\${words[1]}" ${COMPLETE_COMMAND} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe -t values 'walrusmq' candidates
  [[ -n $files ]] && _files
}
if [[ \${funcstack[1]} == _walrusmq ]]; then
  _walrusmq "$@"
else
  compdef _walrusmq walrusmq
fi
`;

const FISH = `# Completion of walrusmq for fish. In ~/.config/fish/config.fish:
#   walrusmq completion fish | source
function __walrusmq_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] ${COMPLETE_COMMAND} -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = '${FILES_LINE}'
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c walrusmq -f -a '(__walrusmq_complete)'
`;

/** The script of each shell. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
