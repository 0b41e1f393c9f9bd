import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createClusterHost, type HostedProcess } from './cluster-host.ts'

class FakeProcess extends EventEmitter implements HostedProcess {
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly messages: unknown[] = []
  isKilled = false
  postMessage(message: unknown): void {
    this.messages.push(message)
  }
  kill(): boolean {
    this.isKilled = true
    this.emit('exit', 1)
    return true
  }
}

const ready = 'ready api=https://127.0.0.1:1 ui=http://127.0.0.1:2/?token=T kubeconfig=/a folder/kubeconfig\n'

function hosted(): {
  child: FakeProcess
  host: ReturnType<typeof createClusterHost>
  lost: Array<[number, string]>
  timers: Array<() => void>
} {
  const child = new FakeProcess()
  const lost: Array<[number, string]> = []
  const timers: Array<() => void> = []
  const host = createClusterHost({
    fork: () => child,
    onOutput: () => undefined,
    onLost: (code, output) => lost.push([code, output]),
    after(_delayMs, task) {
      timers.push(task)
      return { [Symbol.dispose]: () => void timers.splice(timers.indexOf(task), 1) }
    },
  })
  return { child, host, lost, timers }
}

describe('cluster host', () => {
  it('gives the addresses of the ready line, however it is cut', async () => {
    const { child, host } = hosted()
    const started = host.start()
    child.stderr.write('{"level":30}\n')
    child.stdout.write(ready.slice(0, 30))
    child.stdout.write(ready.slice(30))
    expect(await started).toEqual({
      api: 'https://127.0.0.1:1',
      ui: 'http://127.0.0.1:2/?token=T',
      kubeconfig: '/a folder/kubeconfig',
    })
  })

  it('tells why a cluster did not start', async () => {
    const { child, host } = hosted()
    const started = host.start()
    child.stderr.write('the data directory is held by process 7')
    setImmediate(() => child.emit('exit', 1))
    await expect(started).rejects.toThrow('held by process 7')
  })

  it('reports a cluster that is lost, but not one that was stopped', async () => {
    const { child, host, lost, timers } = hosted()
    const started = host.start()
    child.stdout.write(ready)
    await started
    const stopped = host.stop()
    expect(child.messages).toEqual(['stop'])
    child.emit('exit', 0)
    await stopped
    expect(lost).toEqual([])
    expect(timers).toEqual([])

    const other = hosted()
    const otherStarted = other.host.start()
    other.child.stdout.write(ready)
    await otherStarted
    other.child.emit('exit', 9)
    expect(other.lost).toEqual([[9, ready]])
  })

  it('kills a cluster that does not end', async () => {
    const { child, host, timers } = hosted()
    const started = host.start()
    child.stdout.write(ready)
    await started
    const stopped = host.stop()
    timers[0]!()
    await stopped
    expect(child.isKilled).toBe(true)
  })
})
