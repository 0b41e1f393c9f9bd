import { inMounts, quote } from './node-agent-scripts.ts'

const kibibyte = 1024

/** Shell script that prints the disk usage of directories as a process sees them. */
export function usageScript(pid: number, paths: string[]): string {
  const script = `du -sk -- ${paths.map(quote).join(' ')} 2>/dev/null || :`
  return inMounts(pid, script)
}

/** Reads what the script printed: bytes by path. */
export function parseUsage(output: string): Map<string, number> {
  const usage = new Map<string, number>()
  for (const line of output.split('\n')) {
    const [, size, path] = /^(\d+)\s+(\S.*)$/.exec(line) ?? []
    if (path !== undefined) usage.set(path, Number(size) * kibibyte)
  }
  return usage
}
