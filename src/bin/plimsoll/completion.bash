# Completions of plimsoll for bash: `source <(plimsoll completions bash)`.
_clap_complete_plimsoll() {
    # Readline has split the line at the signs of COMP_WORDBREAKS, and `--set a=b` and `--format=json` are a word each.
    local words=() index=0 word at rest="${COMP_LINE}"
    for ((at = 0; at < ${#COMP_WORDS[@]}; at++)); do
        word="${COMP_WORDS[at]}"
        if [[ ${at} -gt 0 && -n "${rest}" && "${rest}" != [[:space:]]* ]]; then
            words[${#words[@]} - 1]+="${word}"
        else
            rest="${rest#"${rest%%[![:space:]]*}"}"
            words+=("${word}")
        fi
        rest="${rest#"${word}"}"
        if [[ ${at} -eq ${COMP_CWORD} ]]; then
            index=$((${#words[@]} - 1))
            break
        fi
    done
    # What stands behind the cursor does not count, and what readline keeps stands before the word that it asks for.
    local line="${COMP_LINE:0:COMP_POINT}"
    local whole="${words[index]}"
    while [[ -n "${line}" && -n "${whole}" && "${line}" != *"${whole}" ]]; do
        whole="${whole%?}"
    done
    words[index]="${whole}"
    local kept="${whole%"$2"}"
    local IFS=$'\013'
    local _CLAP_COMPLETE_SPACE=true
    if compopt +o nospace 2> /dev/null; then
        _CLAP_COMPLETE_SPACE=false
    fi
    COMPREPLY=( $( \
        _CLAP_IFS="$IFS" \
        _CLAP_COMPLETE_INDEX="${index}" \
        _CLAP_COMPLETE_COMP_TYPE="${COMP_TYPE}" \
        _CLAP_COMPLETE_SPACE="$_CLAP_COMPLETE_SPACE" \
        PLIMSOLL_COMPLETE="bash" \
        "plimsoll" -- "${words[@]}" \
    ) )
    if [[ $? != 0 ]]; then
        unset COMPREPLY
        return
    fi
    COMPREPLY=("${COMPREPLY[@]#"${kept}"}")
    if [[ $_CLAP_COMPLETE_SPACE == false ]] && [[ "${COMPREPLY-}" =~ [=/:]$ ]]; then
        compopt -o nospace
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F _clap_complete_plimsoll plimsoll
else
    complete -o nospace -o bashdefault -F _clap_complete_plimsoll plimsoll
fi
