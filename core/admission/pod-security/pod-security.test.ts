import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import type { WriteResult } from '../../registry/registry.ts'
import type { PodSecurityConfiguration } from './configuration.ts'

let plane: TestControlPlane
let warnings: string[]
let annotations: Record<string, string>
beforeEach(() => open())
afterEach(() => plane.close())

function open(podSecurity?: PodSecurityConfiguration): void {
  plane = createTestControlPlane(podSecurity ? { podSecurity } : {})
  warnings = []
  annotations = {}
}

const context = (user = 'jane'): RequestContext => ({
  user: { name: user, groups: [] },
  dryRun: false,
  fieldManager: 'test',
  now: '2026-01-01T00:00:00Z',
  warn: (message) => void warnings.push(message),
  audit: (key, value) => void (annotations[key] = value),
})

async function namespace(labels: Record<string, string>, name = 'prod'): Promise<void> {
  await create('v1', 'namespaces', { metadata: { name, labels: prefixed(labels) } })
  await create('v1', 'serviceaccounts', { metadata: { name: 'default', namespace: name } })
  warnings = []
}

function prefixed(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]),
  )
}

function create(apiVersion: string, plural: string, object: KubeObject, user?: string): Promise<WriteResult> {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const resource = plane.registry.resource(group!, version!, plural)!
  const { kind } = resource.definition
  const body = { apiVersion, kind, ...object }
  return resource.create(object.metadata.namespace, body, { context: context(user) })
}

async function relabel(labels: Record<string, string>): Promise<void> {
  const resource = plane.registry.resource('', 'v1', 'namespaces')!
  const patch = { metadata: { labels: prefixed(labels) } }
  await resource.patch(
    { namespace: undefined, name: 'prod' },
    { type: 'merge', patch },
    { context: context() },
  )
}

function pod(name: string, change: Partial<Pod['spec']> = {}): Pod {
  return {
    metadata: { name, namespace: 'prod' },
    spec: { containers: [{ name: 'a', image: 'i' }], ...change },
  }
}

const bareProblems =
  'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'

describe('pods', () => {
  it('are let in where a namespace has no labels', async () => {
    await namespace({})
    await create('v1', 'pods', pod('x', { hostNetwork: true }))
    expect(warnings).toEqual([])
  })
  it('are refused with every rule they break', async () => {
    await namespace({ enforce: 'restricted' })
    await expect(create('v1', 'pods', pod('x'))).rejects.toMatchObject({
      code: 403,
      message: `pods "x" is forbidden: violates PodSecurity "restricted:latest": ${bareProblems}`,
    })
    expect(annotations).toEqual({ 'pod-security.kubernetes.io/enforce-policy': 'restricted:latest' })
  })
  it('are warned of and audited by levels and versions of their own', async () => {
    await namespace({
      enforce: 'baseline',
      'enforce-version': 'v1.24',
      warn: 'restricted',
      'warn-version': 'v1.7',
      audit: 'restricted',
      'audit-version': 'v1.7',
    })
    await create('v1', 'pods', pod('x'))
    const text =
      'would violate PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)'
    expect(warnings).toEqual([text])
    expect(annotations).toEqual({
      'pod-security.kubernetes.io/enforce-policy': 'baseline:v1.24',
      'pod-security.kubernetes.io/audit-violations': text,
    })
  })
  it('may be changed in what the standards do not look at, and not in their images', async () => {
    await namespace({})
    await create('v1', 'pods', pod('x', { hostNetwork: true }))
    await relabel({ enforce: 'baseline' })
    const pods = plane.registry.resource('', 'v1', 'pods')!
    const change = (patch: unknown): Promise<WriteResult> =>
      pods.patch({ namespace: 'prod', name: 'x' }, { type: 'strategic', patch }, { context: context() })
    await change({ metadata: { labels: { a: 'b' } } })
    await expect(change({ spec: { containers: [{ name: 'a', image: 'j' }] } })).rejects.toThrow(
      'pods "x" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    )
  })
  it('get no bad ephemeral containers', async () => {
    await namespace({ enforce: 'baseline' })
    await create('v1', 'pods', pod('x'))
    const pods = plane.registry.resource('', 'v1', 'pods')!
    const debug = { name: 'd', image: 'i', securityContext: { privileged: true } }
    const attempt = pods.patch(
      { namespace: 'prod', name: 'x' },
      { type: 'strategic', patch: { spec: { ephemeralContainers: [debug] } } },
      { context: context(), subresource: 'ephemeralcontainers' },
    )
    await expect(attempt).rejects.toThrow(
      'privileged (container "d" must not set securityContext.privileged=true)',
    )
  })
})

describe('templates of pods', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: pod('').spec }
  const metadata = { name: 'w', namespace: 'prod' }
  const selector = { matchLabels: { a: 'b' } }
  it.each<[string, string, unknown]>([
    ['apps/v1', 'deployments', { selector, template }],
    ['apps/v1', 'replicasets', { selector, template }],
    ['apps/v1', 'daemonsets', { selector, template }],
    ['apps/v1', 'statefulsets', { selector, template, serviceName: 's' }],
    ['batch/v1', 'jobs', { template: { spec: { ...template.spec, restartPolicy: 'Never' } } }],
    [
      'batch/v1',
      'cronjobs',
      {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
      },
    ],
    ['v1', 'replicationcontrollers', { selector: { a: 'b' }, template }],
  ])('in %s %s are warned of', async (apiVersion, plural, spec) => {
    await namespace({ enforce: 'restricted' })
    await create(apiVersion, plural, { metadata, spec } as KubeObject)
    expect(warnings).toEqual([`would violate PodSecurity "restricted:latest": ${bareProblems}`])
  })
  it('stay silent where only other modes are strict', async () => {
    await namespace({ enforce: 'restricted', warn: 'privileged' })
    await create('apps/v1', 'deployments', { metadata, spec: { selector, template } } as KubeObject)
    expect(warnings).toEqual([])
  })
})

describe('labels of a namespace', () => {
  it('must name a level and a version', async () => {
    const labels = prefixed({ enforce: 'strict', 'warn-version': '1.24' })
    await expect(create('v1', 'namespaces', { metadata: { name: 'n', labels } })).rejects.toMatchObject({
      code: 422,
      message:
        'Namespace "n" is invalid: [' +
        'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, ' +
        'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.24": must be "latest" or "v1.x"]',
    })
  })
  it('warn of the pods that could not be made any more, grouped', async () => {
    await namespace({})
    for (const name of ['p2', 'p1', 'p3']) await create('v1', 'pods', pod(name))
    await create('v1', 'pods', pod('h', { hostNetwork: true }))
    await create('v1', 'pods', pod('g', { hostNetwork: true }))
    warnings = []
    await relabel({ enforce: 'baseline' })
    expect(warnings).toEqual([
      'existing pods in namespace "prod" violate the new PodSecurity enforce level "baseline:latest"',
      'g (and 1 other pod): host namespaces',
    ])
    warnings = []
    await relabel({ enforce: 'restricted' })
    const all =
      'allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'
    expect(warnings).toEqual([
      'existing pods in namespace "prod" violate the new PodSecurity enforce level "restricted:latest"',
      `g (and 1 other pod): host namespaces, ${all}`,
      `p1 (and 2 other pods): ${all}`,
    ])
    warnings = []
    await relabel({ enforce: 'privileged' })
    expect(warnings).toEqual([])
  })
})

describe('exemptions', () => {
  it('spare users and namespaces', async () => {
    await plane.close()
    const restricted = { level: 'restricted', version: 'latest' } as const
    open({
      defaults: { enforce: restricted, audit: restricted, warn: restricted },
      exemptions: { usernames: ['root'], runtimeClasses: [], namespaces: ['free'] },
    })
    await namespace({})
    await expect(create('v1', 'pods', pod('x'))).rejects.toThrow('violates PodSecurity "restricted:latest"')
    await create('v1', 'pods', pod('x'), 'root')
    expect(annotations['pod-security.kubernetes.io/exempt']).toBe('user')
    await create('v1', 'namespaces', {
      metadata: { name: 'free', labels: prefixed({ enforce: 'baseline' }) },
    })
    expect(warnings).toEqual([
      'namespace "free" is exempt from Pod Security, and the policy (enforce=baseline:latest) will be ignored',
    ])
  })
})
