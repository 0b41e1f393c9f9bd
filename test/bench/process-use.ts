import { readFileSync } from 'node:fs'

/** Resident memory and processor time of a process so far, from /proc. */
export function processUse(pid: number): { rssBytes: number; peakRssBytes: number; cpuSeconds: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return {
    rssBytes: Number(fields[21]) * 4096,
    peakRssBytes: Number(peak?.[1] ?? 0) * 1024,
    // The kernel counts in hundredths of a second.
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
  }
}
