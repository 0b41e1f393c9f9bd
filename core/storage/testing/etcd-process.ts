import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../util/testing/free-port.ts'

/** Whether this machine has etcd (Debian: package etcd-server). */
export const hasEtcd = spawnSync('etcd', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasEtcd)
  process.stderr.write('skipping the etcd tests: no etcd in the PATH (Debian: apt install etcd-server)\n')

/** An etcd of our own, on free ports, with its data in a temporary folder. */
export interface EtcdProcess {
  /** `127.0.0.1:port`. */
  readonly endpoint: string
  /** Ends it; with `start` it comes back on the same ports with the same data. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts etcd and waits until it takes connections. `extra` are further flags. */
export async function startEtcd(
  options: { extra?: string[]; scheme?: 'http' | 'https' } = {},
): Promise<EtcdProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-etcd-'))
  const [clientPort, peerPort] = [await freePort(), await freePort()]
  const client = `${options.scheme ?? 'http'}://127.0.0.1:${clientPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  const flags = [
    ['--name', 'test', '--data-dir', folder, '--log-level', 'error', '--unsafe-no-fsync'],
    ['--listen-client-urls', client, '--advertise-client-urls', client],
    ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `test=${peer}`],
  ].flat()
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    child = spawn('etcd', [...withoutUnsupported(flags), ...(options.extra ?? [])], { stdio: 'ignore' })
    await answering(clientPort, child)
  }
  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child!.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
  }
  await start()
  return {
    endpoint: `127.0.0.1:${clientPort}`,
    kill,
    start,
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `--unsafe-no-fsync` came with etcd 3.5 (and 3.4.10): tests are quicker with it, and right without. */
function withoutUnsupported(flags: string[]): string[] {
  const help = spawnSync('etcd', ['--help'], { encoding: 'utf8' })
  return `${help.stdout}${help.stderr}`.includes('unsafe-no-fsync')
    ? flags
    : flags.filter((flag) => flag !== '--unsafe-no-fsync')
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`etcd ended with ${child.exitCode}`)
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
