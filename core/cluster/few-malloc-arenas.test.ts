import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

const preload = join(import.meta.dirname, 'few-malloc-arenas.cjs')
const program = `
  process.stdin.once('data', (line) => console.log(JSON.stringify({
    pid: process.pid,
    args: process.argv.slice(1),
    began: require('node:fs').readFileSync('/proc/self/environ', 'utf8').split('\\0').filter((entry) => /ARENA/.test(entry)),
    has: Object.keys(process.env).filter((name) => /ARENA/.test(name)),
    stack: process.execArgv.includes('--stack-trace-limit=7'),
    line: String(line),
  })))`

async function start(env: Record<string, string>): Promise<{ pid: number; stderr: string; told: unknown }> {
  const { MALLOC_ARENA_MAX: _, ...others } = process.env
  const flags = ['--stack-trace-limit=7', '--require', preload, '-e', program]
  const child = spawn(process.execPath, [...flags, '--', 'one', 'two'], { env: { ...others, ...env } })
  child.stdin.end('hello')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { pid: child.pid!, stderr, told: JSON.parse(stdout) }
}

describe.runIf(process.platform === 'linux')('few malloc arenas', () => {
  it('starts the same process again with two, which nobody it starts inherits', async () => {
    const { pid, stderr, told } = await start({})
    expect(stderr).toBe('')
    expect(told).toEqual({
      pid,
      args: ['one', 'two'],
      began: ['MALLOC_ARENA_MAX=2', 'WHEELHOUSE_MALLOC_ARENAS=1'],
      has: [],
      stack: true,
      line: 'hello',
    })
  })

  it("leaves a user's own setting alone", async () => {
    const { told } = await start({ MALLOC_ARENA_MAX: '7' })
    expect(told).toMatchObject({ began: ['MALLOC_ARENA_MAX=7'], has: ['MALLOC_ARENA_MAX'], line: 'hello' })
  })

  it('is in both commands of the README', () => {
    const { scripts } = JSON.parse(readFileSync(join(preload, '../../../package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const name of ['start', 'cluster'])
      expect(scripts[name]).toMatch(/^node .*--require \.\/core\/cluster\/few-malloc-arenas\.cjs/)
  })
})
