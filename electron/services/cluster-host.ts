import type { Readable } from 'node:stream'

/** Where a running cluster is reached, from its ready line. */
export interface ClusterAddresses {
  api: string
  ui: string
  kubeconfig: string
}

/** The parts of Electron's UtilityProcess that are needed. */
export interface HostedProcess {
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  postMessage(message: unknown): void
  kill(): boolean
  once(event: 'exit', listener: (code: number) => void): unknown
}

export interface ClusterHostOptions {
  /** Starts the cluster's process. */
  fork(): HostedProcess
  /** Lines that are no ready line, as they come. */
  onOutput(text: string): void
  /** The process ended without being asked to. */
  onLost(code: number, output: string): void
  /** Runs a task after a delay; dispose cancels. */
  after(delayMs: number, task: () => void): Disposable
}

/** The control plane and node in a process of their own (D1), so that the window never waits for them. */
export interface ClusterHost {
  /** Starts the process; resolves at its ready line, rejects with its last words when it ends before. */
  start(): Promise<ClusterAddresses>
  /** Asks it to end and waits; after 30 seconds it is killed. */
  stop(): Promise<void>
}

const stopTimeoutMs = 30_000
const keptOutput = 4_000

/** Creates the host of one cluster process. */
export function createClusterHost(options: ClusterHostOptions): ClusterHost {
  let child: HostedProcess | undefined
  let exited: Promise<unknown> = Promise.resolve()
  let isStopping = false

  return {
    start() {
      const started = options.fork()
      child = started
      isStopping = false
      let output = ''
      const { promise, resolve, reject } = Promise.withResolvers<ClusterAddresses>()
      let isReady = false
      const take = (chunk: string): void => {
        output = (output + chunk).slice(-keptOutput)
        options.onOutput(chunk)
        const addresses = isReady ? undefined : parseReadyLine(output)
        if (!addresses) return
        isReady = true
        resolve(addresses)
      }
      for (const stream of [started.stdout, started.stderr]) stream?.setEncoding('utf8').on('data', take)
      exited = new Promise<void>((done) => {
        started.once('exit', (code) => {
          child = undefined
          done()
          if (!isReady) reject(new Error(output.trim() || `the cluster's process ended with code ${code}`))
          else if (!isStopping) options.onLost(code, output)
        })
      })
      return promise
    },
    async stop() {
      const running = child
      if (!running) return
      isStopping = true
      const timer = options.after(stopTimeoutMs, () => running.kill())
      running.postMessage('stop')
      await exited
      timer[Symbol.dispose]()
    },
  }
}

/** Finds `ready api=… ui=… kubeconfig=…` in a process's output. */
function parseReadyLine(output: string): ClusterAddresses | undefined {
  const match = /^ready api=(\S+) ui=(\S+) kubeconfig=(.+)\r?\n/m.exec(output)
  return match ? { api: match[1]!, ui: match[2]!, kubeconfig: match[3]! } : undefined
}
