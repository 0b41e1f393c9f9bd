import type { GroupOwnership } from '../runtime/node-agent.ts'
import { inMounts, quote } from './node-agent-scripts.ts'

/** Shell script that gives directories to groups in the mount namespace of a process; links themselves, never what they lead to. */
export function groupsScript(pid: number, directories: GroupOwnership[]): string {
  const lines = directories.flatMap(({ path, gid, onlyWhenRootDiffers }) => {
    const change = [
      `chgrp -hR ${gid} -- .`,
      'find . ! -type l -exec chmod g+rw {} +',
      'find . -type d -exec chmod g+xs {} +',
    ].join(' && ')
    // Group rwx and the set-group-id bit: the second digit is 7, the first has a 2 in it.
    const isRight = `[ "$(stat -c %g .)" = ${gid} ] && case "$(stat -c %a .)" in [2367]?7?) true ;; *) false ;; esac`
    return [`cd -- ${quote(path)}`, onlyWhenRootDiffers ? `{ ${isRight}; } || { ${change}; }` : change]
  })
  return inMounts(pid, ['set -e', ...lines].join('\n'))
}
