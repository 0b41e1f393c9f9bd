/** How a status reads at a glance; each has one colour in theme/tokens.css. */
export type Tone = 'ok' | 'progress' | 'warn' | 'bad' | 'off'

const bad =
  /crashloop|error|err(image|$)|failed|backoff|oomkilled|evicted|invalid|unschedulable|deadlineexceeded|notready|cannotrun|nodelost|unknown|lost/i
const progress = /pending|creating|initializing|init:|waiting|terminating|progressing|unbound|scheduling/i
const off = /succeeded|completed|complete|suspended|paused|disabled|schedulingdisabled|none/i
const warn = /warning|degraded|notready|outofsync/i

/** The tone of a status word as kubectl prints it (`CrashLoopBackOff`, `Init:0/1`, `Ready,SchedulingDisabled`). */
export function toneOf(status: string): Tone {
  if (bad.test(status)) return 'bad'
  if (/^ready,/i.test(status)) return 'warn'
  if (warn.test(status)) return 'warn'
  if (progress.test(status)) return 'progress'
  if (off.test(status)) return 'off'
  return 'ok'
}

/** The tone of `have` out of `want`: nothing wanted is off, nothing there is bad, some is progress. */
export function toneOfCount(have: number, want: number): Tone {
  if (want === 0) return 'off'
  if (have >= want) return 'ok'
  return have === 0 ? 'bad' : 'warn'
}

/** Reads `2/3`; undefined when the text is no such pair. */
export function parseRatio(text: unknown): { have: number; want: number } | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(String(text))
  return match ? { have: Number(match[1]), want: Number(match[2]) } : undefined
}
