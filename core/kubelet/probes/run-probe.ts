import type { Duplex, Readable } from 'node:stream'
import type { Container, HTTPGetAction, Probe } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { performHttpGet, portNumber } from './http-action.ts'
import { probeGrpc } from './probe-grpc.ts'
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

/** Bytes of a body or of a command's output that a message quotes at most. */
const quotedBytes = 10 * 1024
const userAgent = 'kube-probe/1.36'

class ProbeTimeout extends Error {}

/**
 * Runs one probe once. httpGet and tcpSocket go through the runtime's `dialPod`, so they reach the pod wherever the engine
 * is, and cost no exec on this machine's own engine. Never rejects for a failed probe.
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
  const attempt = { runtime: options.runtime, target, cleanups }
  try {
    return await Promise.race([perform(attempt, probe), expired])
  } catch (error) {
    if (error instanceof ProbeTimeout) return { ok: false, output: timeoutText(probe, target, timeoutMs) }
    return { ok: false, output: failureText(probe, target, error as Error) }
  } finally {
    timer?.[Symbol.dispose]()
    for (const cleanup of cleanups) cleanup()
  }
}

interface Attempt {
  runtime: Runtime
  target: ProbeTarget
  cleanups: Array<() => void>
}

async function perform(attempt: Attempt, probe: Probe): Promise<ProbeResult> {
  const { target } = attempt
  if (probe.exec) return probeExec(attempt, probe.exec.command ?? [])
  if (probe.httpGet) return probeHttp(attempt, probe.httpGet)
  if (probe.tcpSocket) {
    const { port, host } = probe.tcpSocket
    await dial(attempt, portNumber(port, target.container), host)
    return { ok: true, output: '' }
  }
  if (probe.grpc) {
    const { port, service = '' } = probe.grpc
    const stream = await dial(attempt, port)
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
  const session = await runtime.exec(target.containerId, { command, tty: false, stdin: false })
  cleanups.push(() => session.close())
  const [stdout, stderr, code] = await Promise.all([
    readStart(session.stdout),
    readStart(session.stderr),
    session.exit,
  ])
  return { ok: code === 0, output: stdout + stderr }
}

async function readStart(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) if (text.length < quotedBytes) text += String(chunk)
  return text.slice(0, quotedBytes)
}

async function probeHttp(attempt: Attempt, action: HTTPGetAction): Promise<ProbeResult> {
  const { target } = attempt
  const host = action.host || target.podIp
  const port = portNumber(action.port, target.container)
  const raw = await dial(attempt, port, host)
  const authority = `${host}:${port}`
  const response = await performHttpGet(raw, { action, authority, userAgent })
  const { statusCode = 0 } = response
  response.resume()
  if (statusCode >= 200 && statusCode < 400) return { ok: true, output: '' }
  return { ok: false, output: `HTTP probe failed with statuscode: ${statusCode}` }
}

function urlOf(action: HTTPGetAction, target: ProbeTarget): string {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const port = portNumber(action.port, target.container)
  return `${scheme}://${action.host || target.podIp}:${port}${action.path ?? '/'}`
}

function timeoutText(probe: Probe, target: ProbeTarget, timeoutMs: number): string {
  if (probe.httpGet) {
    return `Get "${urlOf(probe.httpGet, target)}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
  }
  if (probe.tcpSocket) return `dial tcp ${target.podIp}:${probe.tcpSocket.port}: i/o timeout`
  if (probe.grpc) return `timeout: health rpc did not complete within ${timeoutMs / 1000}s`
  return `command timed out: "${(probe.exec?.command ?? []).join(' ')}" timed out after ${timeoutMs / 1000}s`
}

function failureText(probe: Probe, target: ProbeTarget, error: Error): string {
  if (probe.httpGet) return `Get "${urlOf(probe.httpGet, target)}": ${error.message}`
  if (probe.grpc) {
    return `error: failed to connect service at "${target.podIp}:${probe.grpc.port}": ${error.message}`
  }
  return error.message
}
