import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBootstrapObjects } from '../../core/cluster/bootstrap-objects.ts'
import { openControlPlane, type ControlPlane } from '../../core/cluster/control-plane.ts'
import { systemClock } from '../../core/util/clock.ts'
import { silentLogger } from '../../core/util/logger.ts'
import { clientBinary, run, type CommandResult } from '../harness/clients.ts'
import { eventually } from '../harness/eventually.ts'

const manifest = join(import.meta.dirname, '../fixtures/seeds/rbac.yaml')
const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-access-'))
let plane: ControlPlane

function writeConfig(name: string, port: number, user: Record<string, string>): string {
  const ca = Buffer.from(plane.pki.ca.certificate).toString('base64')
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': ca }
  const file = join(directory, name)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

function kubectl(kubeconfig: string, ...args: string[]): Promise<CommandResult> {
  return run(clientBinary('kubectl'), ['--kubeconfig', join(directory, kubeconfig), ...args], {
    env: { HOME: directory },
  })
}

/** What the administrator's kubectl prints. */
async function admin(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl('admin', ...args)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

beforeAll(async () => {
  plane = await openControlPlane({
    dataDirectory: directory,
    nodeBackends: () => undefined,
    clock: systemClock,
    log: silentLogger,
  })
  await ensureBootstrapObjects(plane.clientFor('admin').transport)
  await plane.startAccessControl()
  const { port } = await plane.server.listen('127.0.0.1', 0)
  const { certificate, key } = await plane.pki.issueClient({
    commonName: 'root',
    organizations: ['system:masters'],
  })
  writeConfig('admin', port, {
    'client-certificate-data': Buffer.from(certificate).toString('base64'),
    'client-key-data': Buffer.from(key).toString('base64'),
  })
  await admin('create', 'namespace', 'prod')
  await admin('apply', '-f', manifest)
  const token = (await admin('create', 'token', 'web-sa', '-n', 'prod')).trim()
  writeConfig('web-sa', port, { token })
})
afterAll(async () => {
  await plane.close()
  rmSync(directory, { recursive: true })
})

describe('a ServiceAccount with the seeds’ viewer role', () => {
  it.each([
    [['get', 'pods', '-n', 'prod'], true],
    [['get', 'deployments', '-n', 'prod'], true],
    [['get', 'services', '-n', 'prod', '-o', 'yaml'], true],
    [['get', 'pods', '-n', 'default'], false],
    [['get', 'pods', '-A'], false],
    [['get', 'secrets', '-n', 'prod'], false],
    [['get', 'nodes'], false],
    [['delete', 'pod', 'x', '-n', 'prod'], false],
    [['create', 'configmap', 'x', '-n', 'prod'], false],
    [['get', 'roles', '-n', 'prod'], false],
    [['api-resources'], true],
    [['version'], true],
  ])('%j: %s', async (args, allowed) => {
    const { code, stderr } = await kubectl('web-sa', ...args)
    expect(/forbidden/i.test(stderr)).toBe(!allowed)
    expect(code).toBe(allowed ? 0 : 1)
  })

  it('is told why not', async () => {
    const { stderr } = await kubectl('web-sa', 'get', 'secrets', '-n', 'prod')
    expect(stderr.trim()).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:prod:web-sa" cannot list resource "secrets" in API group "" in the namespace "prod"',
    )
  })

  it('may ask what it can', async () => {
    expect((await kubectl('web-sa', 'auth', 'can-i', 'list', 'pods', '-n', 'prod')).stdout).toBe('yes\n')
    expect(await kubectl('web-sa', 'auth', 'can-i', 'delete', 'pods', '-n', 'prod')).toMatchObject({
      code: 1,
      stdout: 'no\n',
    })
    const { stdout } = await kubectl('web-sa', 'auth', 'can-i', '--list', '-n', 'prod')
    expect(stdout).toMatch(/^deployments\s+\[\]\s+\[\]\s+\[get list watch\]$/m)
    expect(stdout).toMatch(/^selfsubjectreviews\.authentication\.k8s\.io\s+\[\]\s+\[\]\s+\[create\]$/m)
    const who = await kubectl('web-sa', 'auth', 'whoami')
    expect(who.stdout).toMatch(/^Username\s+system:serviceaccount:prod:web-sa$/m)
    expect(who.stdout).toContain('[system:serviceaccounts system:serviceaccounts:prod system:authenticated]')
  })
})

describe('the administrator', () => {
  it('may do everything, and sees what others may', async () => {
    expect(await admin('auth', 'can-i', '*', '*')).toBe('yes\n')
    expect(await admin('auth', 'can-i', '--list')).toMatch(/^\*\.\*\s+\[\]\s+\[\]\s+\[\*\]$/m)
    const account = 'system:serviceaccount:prod:web-sa'
    expect(await admin('auth', 'can-i', 'get', 'pods', '-n', 'prod', '--as', account)).toBe('yes\n')
    expect(
      (await kubectl('admin', 'auth', 'can-i', 'get', 'pods', '-n', 'default', '--as', account)).stdout,
    ).toBe('no\n')
    expect(await admin('auth', 'whoami')).toMatch(/^Username\s+root$/m)
  })

  it('writes roles and bindings by command', async () => {
    await admin('create', 'role', 'cm', '--verb=get,create', '--resource=configmaps', '-n', 'prod')
    await admin('create', 'clusterrole', 'system:nodes-seen', '--verb=get,list', '--resource=nodes')
    await admin('create', 'rolebinding', 'cm', '--role=cm', '--serviceaccount=prod:web-sa', '-n', 'prod')
    await admin(
      'create',
      'clusterrolebinding',
      'ns',
      '--clusterrole=system:nodes-seen',
      '--user=ada',
      '--group=dev',
    )
    await eventually('the binding holds', async () => {
      return (await kubectl('web-sa', 'create', 'configmap', 'c', '-n', 'prod')).code === 0
    })
    expect(await admin('get', 'rolebindings', '-n', 'prod', '-o', 'wide')).toMatch(
      /^cm\s+Role\/cm\s+\d+s\s+prod\/web-sa\s*$/m,
    )
    expect(await admin('get', 'clusterrolebinding', 'ns', '-o', 'wide')).toMatch(
      /^ns\s+ClusterRole\/system:nodes-seen\s+\d+s\s+ada\s+dev\s*$/m,
    )
    expect(await admin('get', 'clusterrole', 'system:nodes-seen')).toMatch(
      /^NAME\s+CREATED AT\nsystem:nodes-seen\s+20/,
    )
    expect(await admin('describe', 'clusterrole', 'system:nodes-seen')).toMatch(
      /nodes\s+\[\]\s+\[\]\s+\[get list\]/,
    )
    expect(await admin('auth', 'reconcile', '-f', manifest)).toContain('reconciled')
  })

  it('cannot point a binding at another role', async () => {
    const patch = '{"roleRef":{"name":"other"}}'
    const { stderr } = await kubectl(
      'admin',
      'patch',
      'rolebinding',
      'viewer-binding',
      '-n',
      'prod',
      '-p',
      patch,
    )
    expect(stderr).toContain('The RoleBinding "viewer-binding" is invalid: roleRef: Invalid value:')
    expect(stderr.trim()).toMatch(/: cannot change roleRef$/)
  })
})

describe('a driver of devices', () => {
  const driver = 'd.example.com'
  const device = { driver, pool: 'p', device: 'gpu-0' }
  const claimRole = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'driver', namespace: 'prod' },
    rules: [
      { apiGroups: ['resource.k8s.io'], resources: ['resourceclaims'], verbs: ['get'] },
      { apiGroups: ['resource.k8s.io'], resources: ['resourceclaims/status'], verbs: ['get', 'patch'] },
    ],
  }
  const claim = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name: 'c', namespace: 'prod' },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } },
  }
  const patched = (status: object): string[] => [
    ...['patch', 'resourceclaim', 'c', '-n', 'prod', '--subresource=status', '--type=merge'],
    ...['-p', JSON.stringify({ status })],
  ]
  const apply = async (object: object): Promise<void> => {
    const file = join(directory, 'object.json')
    writeFileSync(file, JSON.stringify(object))
    await admin('apply', '-f', file)
  }

  it('tells of its own devices and binds no claims', async () => {
    await apply(claim)
    await apply(claimRole)
    await admin(
      'create',
      'rolebinding',
      'driver',
      '--role=driver',
      '--serviceaccount=prod:web-sa',
      '-n',
      'prod',
    )
    const allocation = { devices: { results: [{ request: 'r', ...device }] } }
    await eventually('the binding holds', async () => {
      return (await kubectl('web-sa', ...patched({ allocation }))).stderr.includes('"resourceclaims/binding"')
    })
    await admin(...patched({ allocation }))
    const told = patched({ devices: [device] })
    expect((await kubectl('web-sa', ...told)).stderr).toContain(
      `status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:patch]" permission: resourceclaims.resource.k8s.io "${driver}" is forbidden`,
    )
    const speak = { apiGroups: ['resource.k8s.io'], resources: ['resourceclaims/driver'] }
    await apply({
      ...claimRole,
      rules: [...claimRole.rules, { ...speak, verbs: ['arbitrary-node:patch'], resourceNames: [driver] }],
    })
    await eventually('the role holds', async () => (await kubectl('web-sa', ...told)).code === 0)
  })

  it('has devices that others use only in namespaces marked for it', async () => {
    const exactly = { deviceClassName: 'gpu', adminAccess: true }
    const spying = {
      ...claim,
      metadata: { name: 'spy', namespace: 'prod' },
      spec: { devices: { requests: [{ name: 'r', exactly }] } },
    }
    await expect(apply(spying)).rejects.toThrow(
      'spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace',
    )
    await admin('label', 'namespace', 'prod', 'resource.kubernetes.io/admin-access=true')
    await apply(spying)
  })
})
