import { KubeConfig } from '@kubernetes/client-node'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundledServer } from './bundled-server.ts'
import { BenchClient, type ServerAccess } from './http-client.ts'
import { nodeFlags, root } from './node-flags.ts'

/** The server that `bench:api` measures. */
export interface BenchServer {
  access: ServerAccess
  /** The processes that serve: the API server's and its database's. */
  pids: number[]
  /** Ends a server that was started for the benchmark. */
  close: () => Promise<void>
}

/** Starts Wheelhouse's API server, in a process of its own and an empty directory. */
export async function startOwnServer(): Promise<BenchServer> {
  const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-bench-'))
  const entry = process.env['BENCH_SERVER'] ?? (await bundledServer())
  const child = spawn(process.execPath, [...nodeFlags, entry, directory], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../out/compile-cache') },
  })
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    rmSync(directory, { recursive: true, force: true })
  }
  for await (const line of createInterface({ input: child.stdout })) {
    return { access: JSON.parse(line) as ServerAccess, pids: [child.pid!], close }
  }
  throw new Error('the server ended before it was ready')
}

/**
 * A server that runs already, a real kube-apiserver for one, as the current context of the kubeconfig has it: with a
 * client certificate of system:masters. To be like ours its database is to be empty: what is made stays there.
 */
export async function openServer(kubeconfig: string, pids: number[]): Promise<BenchServer> {
  const access = accessOf(kubeconfig)
  const client = await BenchClient.open(access)
  const namespace = '/api/v1/namespaces/default'
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  await client.request('POST', `${namespace}/serviceaccounts`, { body }).catch((error: unknown) => {
    // There is one where a controller manager runs.
    if (!String(error).includes(': 409 ')) throw error
  })
  client.close()
  return { access, pids, close: () => Promise.resolve() }
}

function accessOf(file: string): ServerAccess {
  const config = new KubeConfig()
  config.loadFromFile(file)
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  if (!cluster || !user) throw new Error(`${file}: the current context has no cluster or no user`)
  const pem = (what: string, data: string | undefined, path: string | undefined): string => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString()
    if (path !== undefined) return readFileSync(path, 'utf8')
    throw new Error(`${file}: no ${what}`)
  }
  const { hostname, port } = new URL(cluster.server)
  return {
    host: hostname,
    port: Number(port || 443),
    ca: pem('certificate authority', cluster.caData, cluster.caFile),
    certificate: pem('client certificate', user.certData, user.certFile),
    key: pem('client key', user.keyData, user.keyFile),
  }
}
