import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ConfigMap, Secret } from '../../core/api/generated/core-v1.ts'
import { clientBinary, run, type CommandResult } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-tokens-'))
let cluster: RunningCluster

function kubectl(kubeconfig: string, ...args: string[]): Promise<CommandResult> {
  return run(clientBinary('kubectl'), ['--kubeconfig', kubeconfig, ...args])
}

/** What the administrator's kubectl printed; throws when it failed. */
async function admin(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl(cluster.kubeconfig, ...args)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

async function apply(object: unknown): Promise<void> {
  const file = join(directory, 'object.json')
  writeFileSync(file, JSON.stringify(object))
  await admin('apply', '-f', file)
}

/** Runs kubectl with a token alone. */
async function withToken(token: string, ...args: string[]): Promise<CommandResult> {
  const ca = join(cluster.dataDirectory, 'pki/ca.crt')
  const file = join(directory, 'empty.kubeconfig')
  writeFileSync(file, '')
  return kubectl(file, '--server', cluster.api, '--certificate-authority', ca, '--token', token, ...args)
}

async function whoAmI(token: string): Promise<unknown> {
  const { stdout, stderr } = await withToken(token, 'auth', 'whoami', '-o', 'json')
  if (!stdout) return stderr
  return JSON.parse(stdout).status.userInfo
}

const secret = async (name: string, namespace = 'default'): Promise<Secret> =>
  JSON.parse(await admin('get', 'secret', name, '-n', namespace, '-o', 'json')) as Secret
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString()

beforeAll(async () => {
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'tokens'] })
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
  rmSync(directory, { recursive: true })
})

describe('a Secret of type service-account-token', () => {
  const tokenSecret = (name: string, account: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  })
  const filled = (name: string): Promise<Secret> =>
    eventually(`${name} has a token`, async () => {
      const found = await secret(name)
      return found.data?.['token'] ? found : undefined
    })

  it('gets a token by which the account logs in, until the Secret is deleted', async () => {
    await admin('create', 'serviceaccount', 'builder')
    await apply(tokenSecret('builder-token', 'builder'))
    const { data, metadata } = await filled('builder-token')
    const uid = (await admin('get', 'serviceaccount', 'builder', '-o', 'jsonpath={.metadata.uid}')).trim()
    expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(uid)
    expect(decode(data?.['namespace'])).toBe('default')
    expect(decode(data?.['ca.crt'])).toBe(readFileSync(join(cluster.dataDirectory, 'pki/ca.crt'), 'utf8'))
    const token = decode(data?.['token'])
    const today = (): string => new Date().toISOString().slice(0, 10)
    const before = today()
    expect(await whoAmI(token)).toMatchObject({
      username: 'system:serviceaccount:default:builder',
      uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
    // The day may change meanwhile.
    const { labels } = (await secret('builder-token')).metadata
    expect([before, today()]).toContain(labels?.['kubernetes.io/legacy-token-last-used'])
    await admin('delete', 'secret', 'builder-token')
    expect(await whoAmI(token)).toContain('Unauthorized')
  })

  it('goes with its account', async () => {
    await admin('create', 'serviceaccount', 'brief')
    await apply(tokenSecret('brief-token', 'brief'))
    const token = decode((await filled('brief-token')).data?.['token'])
    await admin('delete', 'serviceaccount', 'brief')
    await eventually('the Secret is gone', async () => {
      return (await kubectl(cluster.kubeconfig, 'get', 'secret', 'brief-token')).code !== 0
    })
    await admin('create', 'serviceaccount', 'brief')
    expect(await whoAmI(token)).toContain('Unauthorized')
  })

  it('of no account is deleted', async () => {
    await apply(tokenSecret('orphan', 'nobody'))
    await eventually('the Secret is gone', async () => {
      return (await kubectl(cluster.kubeconfig, 'get', 'secret', 'orphan')).code !== 0
    })
  })
})

describe('a bootstrap token', () => {
  const joining = 'system:bootstrappers:kubeadm:default-node-token'
  const bootstrapToken = (id: string, data: Record<string, string> = {}): unknown => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': joining,
      ...data,
    },
  })
  /** cluster-info as one without credentials reads it. */
  async function clusterInfo(): Promise<ConfigMap> {
    const url = `${cluster.api}/api/v1/namespaces/kube-public/configmaps/cluster-info`
    const ca = join(cluster.dataDirectory, 'pki/ca.crt')
    const { stdout, stderr } = await run('curl', ['-sS', '--cacert', ca, url])
    if (!stdout) throw new Error(stderr)
    return JSON.parse(stdout) as ConfigMap
  }

  it('lets a node in as a bootstrapper, to get its certificate by itself', async () => {
    await apply(bootstrapToken('join00'))
    const token = 'join00.0123456789abcdef'
    expect(await whoAmI(token)).toMatchObject({
      username: 'system:bootstrap:join00',
      groups: ['system:bootstrappers', joining, 'system:authenticated'],
    })
    expect((await withToken(token, 'auth', 'can-i', 'list', 'secrets')).stdout).toContain('no')
    const [key, request] = [join(directory, 'n.key'), join(directory, 'n.csr')]
    const subject = '/O=system:nodes/CN=system:node:n5'
    const openssl = ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request]
    expect((await run('openssl', [...openssl, '-subj', subject])).code).toBe(0)
    const file = join(directory, 'csr.json')
    const signing = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'n5' },
      spec: {
        request: readFileSync(request).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages: ['digital signature', 'client auth'],
      },
    }
    writeFileSync(file, JSON.stringify(signing))
    const created = await withToken(token, 'create', '-f', file)
    expect(created.stderr).toBe('')
    await eventually('it is issued', async () => {
      return (await admin('get', 'csr', 'n5')).includes('Approved,Issued')
    })
  })

  it('signs cluster-info, which everybody reads, and stops when it expires', async () => {
    await apply(bootstrapToken('sign00'))
    const data = await eventually('it is signed', async () => {
      const info = await clusterInfo()
      return info.data?.['jws-kubeconfig-sign00'] ? info.data : undefined
    })
    const kubeconfig = data['kubeconfig'] ?? ''
    expect(parse(kubeconfig)).toMatchObject({
      kind: 'Config',
      clusters: [{ cluster: { server: cluster.api } }],
    })
    const header = Buffer.from('{"alg":"HS256","kid":"sign00"}').toString('base64url')
    const signature = createHmac('sha256', '0123456789abcdef')
      .update(`${header}.${Buffer.from(kubeconfig).toString('base64url')}`)
      .digest('base64url')
    expect(data['jws-kubeconfig-sign00']).toBe(`${header}..${signature}`)

    const soon = new Date(Date.now() - 1000).toISOString().replace(/\.\d+/, '')
    await apply(bootstrapToken('sign00', { expiration: soon }))
    await eventually('the token and its signature are gone', async () => {
      const info = await clusterInfo()
      const { code } = await kubectl(
        cluster.kubeconfig,
        'get',
        'secret',
        'bootstrap-token-sign00',
        '-n',
        'kube-system',
      )
      return code !== 0 && info.data?.['jws-kubeconfig-sign00'] === undefined
    })
    expect(await whoAmI('sign00.0123456789abcdef')).toContain('Unauthorized')
  })
})
