import { describe, expect, it } from 'vitest'
import { createTurns } from './turns.ts'

describe('createTurns', () => {
  it('runs the work of one key in the order it was asked for, past failures', async () => {
    const turns = createTurns()
    const seen: string[] = []
    const work = (name: string, fails = false): Promise<string> =>
      turns.take('a', async () => {
        seen.push(`${name} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(`${name} ends`)
        if (fails) throw new Error(name)
        return name
      })
    const results = await Promise.allSettled([work('one'), work('two', true), work('three')])
    expect(seen).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(turns.isTaken('a')).toBe(false)
  })

  it('lets other keys through', async () => {
    const turns = createTurns()
    const held = Promise.withResolvers<void>()
    const slow = turns.take('a', () => held.promise)
    expect(turns.isTaken('a')).toBe(true)
    expect(await turns.take('b', async () => 'done')).toBe('done')
    held.resolve()
    await slow
  })
})
