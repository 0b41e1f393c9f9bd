import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, run, type CommandResult } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')
const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-pod-security-'))
const auditLog = join(directory, 'audit.log')
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{ level: Metadata, verbs: [create], resources: [{ group: '', resources: [pods] }] }, { level: None }]`
let cluster: RunningCluster

function kubectl(...args: string[]): Promise<CommandResult> {
  return run(clientBinary('kubectl'), ['--kubeconfig', cluster.kubeconfig, ...args], {})
}

/** Applies an object; what kubectl printed. */
async function apply(object: unknown): Promise<CommandResult> {
  const file = join(directory, 'object.json')
  writeFileSync(file, JSON.stringify(object))
  return kubectl('apply', '-f', file)
}

beforeAll(async () => {
  writeFileSync(join(directory, 'policy.yaml'), auditPolicy)
  const audit = ['--audit-policy-file', join(directory, 'policy.yaml'), '--audit-log-path', auditLog]
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'standards', ...audit] })
  const { code, stderr } = await kubectl('apply', '-f', join(seeds, 'pod-security.yaml'))
  if (code !== 0) throw new Error(stderr)
  await eventually('the namespace has its account', async () => {
    return (await kubectl('get', 'serviceaccount', 'default', '-n', 'prod')).code === 0
  })
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
  rmSync(directory, { recursive: true })
})

const metadata = { name: 'web', namespace: 'prod' }
const bare = { containers: [{ name: 'web', image: 'nginx' }] }
const secure = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'web',
      image: 'nginx',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
}
const problems =
  'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'

describe('the seeds’ namespace prod', () => {
  it('refuses a pod that says nothing of its security, and says what is missing', async () => {
    const { code, stderr } = await apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: bare })
    expect(code).toBe(1)
    expect(stderr).toContain(`pods "web" is forbidden: violates PodSecurity "restricted:latest": ${problems}`)
  })
  it.each([
    ['hostNetwork', { ...secure, hostNetwork: true }, 'host namespaces (hostNetwork=true)'],
    ['hostPID', { ...secure, hostPID: true }, 'host namespaces (hostPID=true)'],
    [
      'a hostPath',
      { ...secure, volumes: [{ name: 'v', hostPath: { path: '/' } }] },
      'restricted volume types (volume "v" uses restricted volume type "hostPath")',
    ],
    [
      'root',
      { ...secure, securityContext: { ...secure.securityContext, runAsUser: 0 } },
      'runAsUser=0 (pod must not set runAsUser=0)',
    ],
  ])('refuses %s', async (_what, spec, why) => {
    const { code, stderr } = await apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
    expect(code).toBe(1)
    expect(stderr).toContain(`pods "web" is forbidden: violates PodSecurity "restricted:latest": ${why}`)
  })
  it('lets a pod in that meets the standard', async () => {
    const { code, stdout } = await apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: secure })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'pod/web created\n' })
  })
  it('warns of a Deployment whose pods would be refused, and takes it', async () => {
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: bare }
    const spec = { selector: { matchLabels: labels }, template }
    const { code, stderr } = await apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
    expect(code).toBe(0)
    expect(stderr.trim()).toBe(`Warning: would violate PodSecurity "restricted:latest": ${problems}`)
  })
})

describe('a namespace in audit mode', () => {
  interface AuditEvent {
    objectRef: { namespace: string; name: string }
    responseStatus: { code: number }
    annotations: Record<string, string>
  }

  it('lets a pod in, and the audit log says what it violates', async () => {
    const labels = { 'pod-security.kubernetes.io/audit': 'restricted' }
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'watched', labels } })
    await eventually('the namespace has its account', async () => {
      return (await kubectl('get', 'serviceaccount', 'default', '-n', 'watched')).code === 0
    })
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, namespace: 'watched' }, spec: bare }
    const { code, stderr } = await apply(pod)
    expect([code, stderr]).toEqual([0, ''])
    const event = await eventually('the event is written', async () => {
      const events = readFileSync(auditLog, 'utf8').split('\n').slice(0, -1)
      return events
        .map((line) => JSON.parse(line) as AuditEvent)
        .find(({ objectRef }) => objectRef.namespace === 'watched')
    })
    expect(event.responseStatus.code).toBe(201)
    expect(event.annotations).toMatchObject({
      'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
      'pod-security.kubernetes.io/audit-violations': `would violate PodSecurity "restricted:latest": ${problems}`,
    })
  })
})
