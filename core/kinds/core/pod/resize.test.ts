import { describe, expect, it } from 'vitest'
import type { Container, Pod, PodSpec } from '../../../api/generated/core-v1.ts'
import type { RequestContext } from '../../../api/request.ts'
import type { StatusError } from '../../../api/status.ts'
import { defaultPod } from './defaults.ts'
import { resizeSubresource } from './resize.ts'
import { validateResizePolicies } from './resize-policy-validation.ts'

const context = {
  user: { name: 'ada', groups: [] },
  now: '2026-01-01T00:00:00Z',
  dryRun: false,
  warn: () => undefined,
} as unknown as RequestContext

function container(more: Partial<Container> = {}): Container {
  const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } }
  return { name: 'app', image: 'nginx', resources, ...more }
}

function pod(spec: Partial<PodSpec> = {}, more: Partial<Pod> = {}): Pod {
  const made: Pod = {
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [container()], ...spec },
    status: { qosClass: 'Burstable' },
    ...more,
  }
  defaultPod(made)
  return made
}

function apply(old: Pod, wanted: Pod): Pod {
  return resizeSubresource.apply(old, wanted as Pod & { metadata: Pod['metadata'] }, context)
}

function refusal(old: Pod, wanted: Pod): string {
  try {
    apply(old, wanted)
  } catch (error) {
    return (error as StatusError).message
  }
  return 'accepted'
}

function withResources(resources: Container['resources'], more: Partial<PodSpec> = {}): Pod {
  return pod({ containers: [container(resources ? { resources } : {})], ...more })
}

describe('pods/resize', () => {
  it('takes CPU and memory and nothing else from the body', () => {
    const resources = { requests: { cpu: '0.15', memory: '64Mi' }, limits: { cpu: '300m', memory: '96Mi' } }
    const wanted = withResources(resources, { hostname: 'other' })
    wanted.spec.containers[0]!.image = 'changed'
    const next = apply(pod(), wanted)
    expect(next.spec.containers[0]).toMatchObject({
      image: 'nginx',
      resources: { requests: { cpu: '150m' }, limits: { cpu: '300m', memory: '96Mi' } },
    })
    expect(next.spec.hostname).toBeUndefined()
  })

  it('resizes and adds resources of the pod as a whole', () => {
    const before = pod({ resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } })
    const after = pod({ resources: { requests: { cpu: '1.5' }, limits: { cpu: '2', memory: '1Gi' } } })
    expect(apply(before, after).spec.resources).toMatchObject({
      requests: { cpu: '1500m' },
      limits: { cpu: '2', memory: '1Gi' },
    })
    expect(apply(pod(), after).spec.resources).toMatchObject({ limits: { cpu: '2', memory: '1Gi' } })
    expect(refusal(before, pod())).toContain('spec.resources.limits: Forbidden')
  })

  const init = (cpu: string): Container => container({ name: 'init', resources: { requests: { cpu } } })
  const sidecar = (cpu: string): Container => ({ ...init(cpu), restartPolicy: 'Always' })

  it('resizes sidecars too', () => {
    const next = apply(pod({ initContainers: [sidecar('1')] }), pod({ initContainers: [sidecar('2')] }))
    expect(next.spec.initContainers![0]!.resources!.requests).toEqual({ cpu: '2' })
  })

  it.each<[string, Pod, Pod]>([
    [
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
      pod(),
      withResources({ requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m' } }),
    ],
    [
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
      withResources({ requests: { cpu: '100m', memory: '64Mi' } }),
      withResources({ requests: { cpu: '100m' } }),
    ],
    [
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
      pod(),
      withResources({ limits: { cpu: '200m', memory: '128Mi' } }),
    ],
    [
      'spec: Forbidden: only cpu and memory resources are mutable',
      pod(),
      withResources({
        ...container().resources,
        requests: { cpu: '1m', memory: '1', 'ephemeral-storage': '1' },
      }),
    ],
    [
      'spec.containers[0].resources.requests: Invalid value: "500m": must be less than or equal to cpu limit of 200m',
      pod(),
      withResources({ requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } }),
    ],
    [
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
      pod(),
      pod({ containers: [container({ name: 'other' })] }),
    ],
    [
      'resources for non-sidecar init containers are immutable',
      pod({ initContainers: [init('1')] }),
      pod({ initContainers: [init('2')] }),
    ],
    [
      'spec.resources.limits: Forbidden: resource limits cannot be removed',
      pod({
        resources: { requests: { cpu: '1' }, limits: { cpu: '1' } },
        containers: [container({ resources: {} })],
      }),
      pod({ resources: { requests: { cpu: '1' } }, containers: [container({ resources: {} })] }),
    ],
    [
      'spec: Forbidden: only cpu and memory resources are mutable',
      pod({ resources: { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } } }),
      pod({ resources: { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } } }),
    ],
    [
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
      pod({ resources: { requests: { cpu: '1', memory: '128Mi' }, limits: { cpu: '2', memory: '128Mi' } } }),
      pod({ resources: { requests: { cpu: '2', memory: '128Mi' }, limits: { cpu: '2', memory: '128Mi' } } }),
    ],
    [
      'spec.resources.requests[cpu]: Invalid value: "50m": must be greater than or equal to aggregate container requests of 100m',
      pod({ resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }),
      pod({ resources: { requests: { cpu: '50m' }, limits: { cpu: '1' } } }),
    ],
    [
      'Forbidden: static pods cannot be resized',
      pod({}, { metadata: { name: 'web', annotations: { 'kubernetes.io/config.mirror': 'x' } } }),
      pod(),
    ],
    [
      'spec: Forbidden: Pod running on node without support for resize',
      pod({}, { status: { qosClass: 'Burstable', containerStatuses: [oldKubelet()] } }),
      pod(),
    ],
  ])('refuses: %s', (message, old, wanted) => {
    expect(refusal(old, wanted)).toContain(message)
  })
})

function oldKubelet(): NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number] {
  return { name: 'app', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} } }
}

describe('a resize policy', () => {
  it.each<[string, Container['resizePolicy'], string]>([
    ['Unsupported value: "disk"', [{ resourceName: 'disk', restartPolicy: 'NotRequired' }], 'Always'],
    ['Unsupported value: "Sometimes"', [{ resourceName: 'cpu', restartPolicy: 'Sometimes' }], 'Always'],
    [
      "must be 'NotRequired' when `restartPolicy` is 'Never'",
      [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
      'Never',
    ],
    [
      'Duplicate value: "cpu"',
      [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'RestartContainer' },
      ],
      'Always',
    ],
  ])('is refused: %s', (message, resizePolicy, restartPolicy) => {
    const { spec } = pod({ restartPolicy, containers: [container(resizePolicy ? { resizePolicy } : {})] })
    expect(validateResizePolicies(spec.containers[0]!, restartPolicy, 'spec')).toMatchObject([
      { message: expect.stringContaining(message) },
    ])
  })
})
