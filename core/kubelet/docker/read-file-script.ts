import type { SubPath } from '../runtime/node-agent.ts'
import { inMounts, quote, relativePath } from './node-agent-scripts.ts'

/** The most that is read of a file, with what the script says before it. */
export const readLimit = 64 * 1024

/** Shell script that prints a file as a process sees it, if it lies inside its volume and is a plain one. */
export function readFileScript(pid: number, { root, path }: SubPath): string {
  const file = quote(`${root}/${relativePath(path)}`)
  const inside = `case "$real" in ${quote(`${root}/`)}*) [ -f "$real" ] && echo found && cat "$real" ;; esac`
  return inMounts(pid, `real=$(realpath ${file} 2>/dev/null) && ${inside} || :`)
}

/** Reads what the script printed. */
export function parseFile(output: string): string | undefined {
  if (output === 'found') return ''
  return output.startsWith('found\n') ? output.slice('found\n'.length) : undefined
}
