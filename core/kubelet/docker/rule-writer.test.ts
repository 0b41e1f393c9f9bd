import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../util/fake-clock.ts'
import { createRuleWriter, type RuleWriter } from './rule-writer.ts'

describe('rules of many namespaces', () => {
  let clock: FakeClock
  let scripts: string[]
  let answer: string
  let writer: RuleWriter

  beforeEach(() => {
    clock = new FakeClock()
    scripts = []
    answer = ''
    writer = createRuleWriter({
      async read(script) {
        scripts.push(script)
        return answer
      },
      inOrder: (_pid, work) => work(),
      clock,
    })
  })

  it('go with one script, equal text once', async () => {
    const pids = Array.from({ length: 10 }, (_, at) => 100 + at)
    await Promise.all(pids.map((pid) => writer.apply(pid, pid < 105 ? 'first' : "second's")))
    expect(scripts).toHaveLength(1)
    expect(scripts[0]?.split("'first'")).toHaveLength(2)
    expect(scripts[0]).toContain('queue /tmp/ruleset-1.0 100 101 102 103 104\n')
    expect(scripts[0]).toContain('queue /tmp/ruleset-1.1 105 106 107 108 109\n')
  })

  it('fail for those that the script names, with what nft said', async () => {
    answer = '=101 1\n/tmp/x:1: Error: no\nadd table\n=103 7\n'
    const results = await Promise.allSettled([100, 101, 102, 103].map((pid) => writer.apply(pid, 'text')))
    expect(results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'done'))).toEqual([
      'done',
      'Error: /tmp/x:1: Error: no\nadd table',
      'done',
      'Error: exit code 7',
    ])
  })

  it('leave nothing running where nothing changed for ten minutes', async () => {
    await writer.apply(100, 'text')
    await clock.advance(9 * 60_000)
    await writer.apply(101, 'text')
    await clock.advance(60_000)
    expect(scripts.slice(2).map((script) => script.split('\n').at(-1))).toEqual(['leave 100'])
    writer.leave(100)
    writer.leave(101)
    expect(scripts.slice(3).map((script) => script.split('\n').at(-1))).toEqual(['leave 101'])
  })

  it('begin with a new process after 500 changes', async () => {
    for (let change = 0; change < 501; change++) await writer.apply(100, 'text')
    const renewed = scripts.flatMap((script, at) => (script.includes('\nleave 100\n') ? [at] : []))
    expect(renewed).toEqual([499])
  })
})
