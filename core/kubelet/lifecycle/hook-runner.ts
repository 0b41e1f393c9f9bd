import type { Readable } from 'node:stream'
import type { Container, HTTPGetAction, LifecycleHandler, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import { formatPod } from '../pods/pod-record.ts'
import { performHttpGet, portNumber } from '../probes/http-action.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** The running container a hook is for. */
export interface HookTarget {
  pod: Pod
  container: Container
  containerId: string
  sandboxId: string
  podIp: string
}

/** Runs postStart and preStop hooks (upstream: pkg/kubelet/lifecycle/handlers.go). */
export interface HookRunner {
  /** Resolves when the hook is through; rejects with upstream's message when it failed, or when `signal` aborts. */
  run(hook: LifecycleHandler, target: HookTarget, signal: AbortSignal): Promise<void>
}

const userAgent = 'kube-lifecycle/1.36'
/** Characters of a command's output that a message quotes at most. */
const quotedCharacters = 10 * 1024

/** A hook runner over this runtime. */
export function createHookRunner(options: { runtime: Runtime; clock: Clock }): HookRunner {
  const { runtime, clock } = options

  async function runExec(command: string[], target: HookTarget, cleanups: Cleanups): Promise<void> {
    const session = await runtime.exec(target.containerId, { command, tty: false, stdin: false })
    cleanups.add(() => session.close())
    const [stdout, stderr, code] = await Promise.all([
      readStart(session.stdout),
      readStart(session.stderr),
      session.exit,
    ])
    if (code === 0) return
    const why = code === undefined ? 'command ended without an exit code' : `command exited with ${code}`
    const where = `for Container "${target.container.name}" in Pod "${formatPod(target.pod)}"`
    const output = JSON.stringify(stdout + stderr)
    throw new Error(
      `Exec lifecycle hook ([${command.join(' ')}]) ${where} failed - error: ${why}, message: ${output}`,
    )
  }

  /** Any answer counts, whatever its status code: upstream looks only at whether there is one. */
  async function runHttp(action: HTTPGetAction, target: HookTarget, cleanups: Cleanups): Promise<void> {
    const host = action.host || target.podIp
    const port = portNumber(action.port, target.container)
    const stream = await runtime.dialPod({ id: target.sandboxId, ip: host }, port)
    stream.on('error', () => undefined)
    cleanups.add(() => stream.destroy())
    const response = await performHttpGet(stream, { action, authority: `${host}:${port}`, userAgent })
    response.resume()
  }

  function perform(hook: LifecycleHandler, target: HookTarget, cleanups: Cleanups): Promise<void> {
    if (hook.exec) return runExec(hook.exec.command ?? [], target, cleanups)
    if (hook.httpGet) return runHttp(hook.httpGet, target, cleanups)
    if (hook.sleep) {
      const { seconds } = hook.sleep
      return new Promise((resolve) => {
        const timer = clock.after(Number(seconds) * 1000, resolve)
        cleanups.add(() => timer[Symbol.dispose]())
      })
    }
    // tcpSocket has never had an effect; the API keeps it only for compatibility.
    return Promise.reject(new Error(`invalid handler: ${JSON.stringify(hook)}`))
  }

  return {
    async run(hook, target, signal) {
      const cleanups: Cleanups = new Set()
      try {
        await Promise.race([perform(hook, target, cleanups), rejectWhenAborted(signal, cleanups)])
      } finally {
        for (const cleanup of cleanups) cleanup()
      }
    },
  }
}

type Cleanups = Set<() => void>

function rejectWhenAborted(signal: AbortSignal, cleanups: Cleanups): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(new Error('the hook was cancelled'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    cleanups.add(() => signal.removeEventListener('abort', abort))
  })
}

async function readStart(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) if (text.length < quotedCharacters) text += String(chunk)
  return text.slice(0, quotedCharacters)
}
