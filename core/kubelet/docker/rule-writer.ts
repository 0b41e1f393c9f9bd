import type { Clock } from '../../util/clock.ts'
import { applyRulesScript, leaveRulesScript, parseFailedRules, type RulesForPids } from './rules-script.ts'

/** Loads rulesets in network namespaces, many of them with one script. */
export interface RuleWriter {
  /** Rejects with nft's message. */
  apply(pid: number, ruleset: string): Promise<void>
  /** There will be no other rules for process `pid`: what is kept running for its namespace ends. */
  leave(pid: number): void
  /** Stops looking after what is idle. */
  dispose(): void
}

export interface RuleWriterOptions {
  /** Runs a script in the agent's shell and gives what it printed. */
  read(script: string): Promise<string>
  /** Runs work for one process after all that was begun for it before. */
  inOrder(pid: number, work: () => Promise<void>): Promise<void>
  clock: Clock
}

/** So many namespaces get their rules with one script, and so many scripts run at once. */
const batchSize = 16
const parallelBatches = 4
/** The memory it takes, some 1.2 MB for each namespace, is given back when there was no change for so long. */
const idleMs = 10 * 60_000
/** `nft -i` remembers all commands it was given: after so many (some 0.4 MB) another takes its place. */
const maxUses = 500

interface Waiting {
  pid: number
  ruleset: string
  resolve: () => void
  reject: (error: unknown) => void
}

/** See RuleWriter for what it guarantees, and rules-script.ts for what is kept running and why. */
export function createRuleWriter({ read, inOrder, clock }: RuleWriterOptions): RuleWriter {
  const kept = new Map<number, { uses: number; usedAt: number }>()
  const waiting: Waiting[] = []
  let running = 0
  let scripts = 0
  let isStarting = false

  /** All that is asked for in one turn goes together. */
  function start(): void {
    if (isStarting) return
    isStarting = true
    queueMicrotask(() => {
      isStarting = false
      while (running < parallelBatches && waiting.length > 0) void runBatch(waiting.splice(0, batchSize))
    })
  }

  async function runBatch(batch: Waiting[]): Promise<void> {
    running++
    try {
      const worn = batch.map(({ pid }) => pid).filter((pid) => use(pid) >= maxUses)
      for (const pid of worn) kept.delete(pid)
      const script = applyRulesScript(grouped(batch), { file: `/tmp/ruleset-${++scripts}`, worn })
      const failed = parseFailedRules(await read(script))
      for (const { pid, resolve, reject } of batch) {
        const message = failed.get(pid)
        if (message === undefined) resolve()
        else reject(new Error(message))
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      running--
      start()
    }
  }

  /** How often it has been used with this time. */
  function use(pid: number): number {
    const uses = (kept.get(pid)?.uses ?? 0) + 1
    kept.set(pid, { uses, usedAt: clock.now() })
    return uses
  }

  function leave(pid: number): void {
    const done = inOrder(pid, async () => {
      if (kept.delete(pid)) await read(leaveRulesScript(pid))
    })
    // It goes with the agent at the latest.
    done.catch(() => undefined)
  }

  const idle = clock.every(idleMs, () => {
    for (const [pid, { usedAt }] of kept) if (clock.now() - usedAt >= idleMs) leave(pid)
  })

  return {
    apply: (pid, ruleset) =>
      inOrder(
        pid,
        () =>
          new Promise((resolve, reject) => {
            waiting.push({ pid, ruleset, resolve, reject })
            start()
          }),
      ),
    leave,
    dispose: () => idle[Symbol.dispose](),
  }
}

function grouped(batch: readonly Waiting[]): RulesForPids[] {
  const byRuleset = new Map<string, number[]>()
  for (const { pid, ruleset } of batch) {
    const pids = byRuleset.get(ruleset)
    if (pids) pids.push(pid)
    else byRuleset.set(ruleset, [pid])
  }
  return [...byRuleset].map(([ruleset, pids]) => ({ ruleset, pids }))
}
