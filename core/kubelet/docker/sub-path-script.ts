import type { SubPath } from '../runtime/node-agent.ts'
import { inMounts, quote, relativePath } from './node-agent-scripts.ts'

/**
 * Shell script that prints where a sub-path leads in the mount namespace of a process. A container may have left
 * links in its volume: what exists of the path must lie inside before anything is made, and the whole of it after.
 */
export function subPathScript(pid: number, { root, path }: SubPath): string {
  if (path.length > longestPath) throw new Error(`a subPath may have ${longestPath} characters`)
  const call = `look ${quote(root)} ${quote(relativePath(path.replace(/\/+$/, '')))}`
  return inMounts(pid, `${lookFunction}\n${call}`)
}

/** The agent's answers are short. */
const longestPath = 1000

/** The directory gets the mode of its volume (upstream: subpath.SafeMakeDir). */
const lookFunction = `umask 022
inside() { case "$1" in "$2"|"$2"/*) true ;; *) false ;; esac; }
look() {
  there="$1/$2"
  while [ ! -e "$there" ] && [ ! -L "$there" ]; do there="\${there%/*}"; done
  real=$(realpath "$there" 2>/dev/null) && inside "$real" "$1" || { echo outside; return; }
  if [ ! -e "$1/$2" ]; then
    mkdir -p -- "$1/$2" && chmod "$(stat -c %a -- "$1")" -- "$1/$2" || { echo outside; return; }
  fi
  real=$(realpath "$1/$2" 2>/dev/null) && inside "$real" "$1" || { echo outside; return; }
  echo "at $real"
}`

/** Reads what the script printed: the path, or undefined where it leads out of the volume. */
export function parseSubPath(output: string, { root }: SubPath): string | undefined {
  const real = output.startsWith('at ') ? output.slice('at '.length) : undefined
  return real === root || real?.startsWith(`${root}/`) ? real : undefined
}
