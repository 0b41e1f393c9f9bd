import { containerIdPattern } from './stats-script.ts'

/** Where the engine's directory of containers is in the node agent. */
export const containersMount = '/run/engine-containers'

/** Shell script that prints size and path of all log files of these containers; rotated ones are among them. */
export function logSizesScript(ids: string[]): string {
  const patterns = ids
    .filter((id) => containerIdPattern.test(id))
    .map((id) => `${containersMount}/${id}/${id}-json.log*`)
  return patterns.length === 0 ? ':' : `stat -c '%s %n' ${patterns.join(' ')} 2>/dev/null || :`
}

/** Reads what the script printed: bytes by container id. */
export function parseLogSizes(output: string): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const line of output.split('\n')) {
    const [, size, id] = /^(\d+) .*\/([0-9a-f]+)-json\.log[^/]*$/.exec(line) ?? []
    if (id !== undefined) sizes.set(id, (sizes.get(id) ?? 0) + Number(size))
  }
  return sizes
}
