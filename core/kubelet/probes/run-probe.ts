import type { Duplex } from 'node:stream'
import type { Container, Probe } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { portNumber } from './http-action.ts'
import { probeGrpc } from './probe-grpc.ts'
import { probeHttp, readStart, urlOf } from './probe-http.ts'
import type { HttpTarget } from './probe-http.ts'
import type { ProbeResult } from './probe-worker.ts'

export interface ProbeTarget {
  container: Container
  containerId: string
  sandboxId: string
  podIp: string
}

interface ProbeRunnerOptions {
  runtime: Runtime
  clock: Clock
}

const userAgent = 'kube-probe/1.36'

class ProbeTimeout extends Error {}

/** A probe could not be carried out at all, which counts neither way. */
class ProbeError extends Error {}

/**
 * Runs one probe once. httpGet and tcpSocket go through the runtime's `dialPod`, so they reach the pod wherever the engine
 * is, and cost no exec on this machine's own engine. Never rejects for a failed probe, but for one that the engine does not carry
 * out or that names a port which the container has not.
 */
export async function runProbe(
  options: ProbeRunnerOptions,
  what: { probe: Probe; target: ProbeTarget },
  timeoutMs: number,
): Promise<ProbeResult> {
  const { probe, target } = what
  const cleanups: Array<() => void> = []
  let timer: Disposable | undefined
  const expired = new Promise<never>((_resolve, reject) => {
    timer = options.clock.after(timeoutMs, () => reject(new ProbeTimeout()))
  })
  const attempt: Attempt = { runtime: options.runtime, target, cleanups }
  try {
    return await Promise.race([perform(attempt, probe), expired])
  } catch (error) {
    if (error instanceof ProbeError) throw error
    if (error instanceof ProbeTimeout) return { ok: false, output: timeoutText(probe, attempt, timeoutMs) }
    return { ok: false, output: failureText(probe, attempt, error as Error) }
  } finally {
    timer?.[Symbol.dispose]()
    for (const cleanup of cleanups) cleanup()
  }
}

interface Attempt {
  runtime: Runtime
  target: ProbeTarget
  cleanups: Array<() => void>
  /** The last request of an httpGet. */
  http?: HttpTarget
  /** Whether there is a connection for gRPC. */
  isConnected?: boolean
}

async function perform(attempt: Attempt, probe: Probe): Promise<ProbeResult> {
  const { target } = attempt
  if (probe.exec) return probeExec(attempt, probe.exec.command ?? [])
  if (probe.httpGet) {
    const { httpGet: action } = probe
    const first = { action, host: action.host || target.podIp, port: portOf(action.port, target.container) }
    return probeHttp(first, {
      dial: (port, host) => dial(attempt, port, host),
      userAgent,
      onRequest: (request) => (attempt.http = request),
    })
  }
  if (probe.tcpSocket) {
    const { port, host } = probe.tcpSocket
    await dial(attempt, portOf(port, target.container), host)
    return { ok: true, output: '' }
  }
  if (probe.grpc) {
    const { port, service = '' } = probe.grpc
    const stream = await dialUntilExpired(attempt, port)
    attempt.isConnected = true
    return probeGrpc(stream, { service, authority: `${target.podIp}:${port}`, userAgent })
  }
  throw new Error('missing probe handler')
}

async function dial(attempt: Attempt, port: number, host?: string): Promise<Duplex> {
  const { runtime, target, cleanups } = attempt
  const stream = await runtime.dialPod({ id: target.sandboxId, ip: host || target.podIp }, port)
  stream.on('error', () => undefined)
  cleanups.push(() => stream.destroy())
  return stream
}

async function probeExec({ runtime, target, cleanups }: Attempt, command: string[]): Promise<ProbeResult> {
  const session = await runtime
    .exec(target.containerId, { command, tty: false, stdin: false })
    .catch((error: unknown) => {
      throw new ProbeError((error as Error).message)
    })
  cleanups.push(() => session.close())
  const [stdout, stderr, code] = await Promise.all([
    readStart(session.stdout),
    readStart(session.stderr),
    session.exit,
  ])
  return { ok: code === 0, output: stdout + stderr }
}

/** gRPC's clients try until their time is over, so that nobody is told why: then it is a timeout. */
async function dialUntilExpired(attempt: Attempt, port: number): Promise<Duplex> {
  try {
    return await dial(attempt, port)
  } catch {
    return new Promise(() => undefined)
  }
}

function portOf(port: number | string, container: Container): number {
  try {
    return portNumber(port, container)
  } catch (error) {
    throw new ProbeError((error as Error).message)
  }
}

function timeoutText(probe: Probe, { http, isConnected, target }: Attempt, timeoutMs: number): string {
  const seconds = timeoutMs / 1000
  if (http) {
    return `Get "${urlOf(http)}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
  }
  if (probe.tcpSocket) return `dial tcp ${target.podIp}:${probe.tcpSocket.port}: i/o timeout`
  if (probe.grpc && !isConnected) {
    const address = `${target.podIp}:${probe.grpc.port}`
    return `timeout: failed to connect service "${address}" within ${seconds}s: context deadline exceeded`
  }
  if (probe.grpc) return `timeout: health rpc did not complete within ${seconds}s`
  return `command timed out: "${(probe.exec?.command ?? []).join(' ')}" timed out after ${seconds}s`
}

function failureText(probe: Probe, { http, target }: Attempt, error: Error): string {
  if (http) return `Get "${urlOf(http)}": ${error.message}`
  if (probe.grpc) {
    return `error: failed to connect service at "${target.podIp}:${probe.grpc.port}": ${error.message}`
  }
  return error.message
}
