import { describe, expect, it } from 'vitest'
import type { EphemeralContainer, Pod } from '../../../api/generated/core-v1.ts'
import type { RequestContext } from '../../../api/request.ts'
import type { StatusError } from '../../../api/status.ts'
import { ephemeralContainersSubresource } from './ephemeral-containers.ts'
import { validatePodCreate } from './pod-validation.ts'

function debug(more: Partial<EphemeralContainer> = {}): EphemeralContainer {
  return {
    name: 'debug',
    image: 'busybox',
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePolicy: 'File',
    resources: {},
    ...more,
  }
}

function pod(ephemeralContainers?: EphemeralContainer[]): Pod {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      containers: [
        { name: 'app', image: 'nginx', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' },
      ],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      ...(ephemeralContainers ? { ephemeralContainers } : {}),
    },
  }
}

const context: RequestContext = {
  user: { name: 'ada', groups: [] },
  now: '2026-01-01T00:00:00Z',
  dryRun: false,
  warn: () => undefined,
} as unknown as RequestContext

function apply(old: Pod, wanted: Pod): Pod {
  return ephemeralContainersSubresource.apply(old, wanted as Pod & { metadata: Pod['metadata'] }, context)
}

function refusal(old: Pod, wanted: Pod): string {
  try {
    apply(old, wanted)
  } catch (error) {
    return (error as StatusError).message
  }
  return 'accepted'
}

describe('pods/ephemeralcontainers', () => {
  it('takes the new containers and nothing else from the body', () => {
    const wanted = pod([debug({ targetContainerName: 'app' })])
    wanted.spec.containers[0]!.image = 'changed'
    const next = apply(pod(), wanted)
    expect(next.spec.ephemeralContainers).toEqual([debug({ targetContainerName: 'app' })])
    expect(next.spec.containers[0]!.image).toBe('nginx')
  })

  it.each<[string, Pod, Pod]>([
    ['existing ephemeral containers "debug" may not be removed', pod([debug()]), pod()],
    [
      'existing ephemeral containers "debug" may not be changed',
      pod([debug()]),
      pod([debug({ image: 'other' })]),
    ],
    [
      'spec.ephemeralContainers[0].targetContainerName: Not found: "nope"',
      pod(),
      pod([debug({ targetContainerName: 'nope' })]),
    ],
    ['spec.ephemeralContainers[0].name: Duplicate value: "app"', pod(), pod([debug({ name: 'app' })])],
    [
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
      pod(),
      pod([debug({ ports: [{ containerPort: 80, protocol: 'TCP' }] })]),
    ],
    [
      'spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container',
      pod(),
      pod([debug({ resources: { limits: { cpu: '1' } } })]),
    ],
    [
      'spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container',
      pod(),
      pod([debug({ lifecycle: {} })]),
    ],
  ])('refuses: %s', (message, old, wanted) => {
    expect(refusal(old, wanted)).toContain(message)
  })

  it('is the only way to get them: a pod is created without', () => {
    expect(validatePodCreate(pod([debug()]))).toMatchObject([
      { field: 'spec.ephemeralContainers', message: expect.stringContaining('cannot be set on create') },
    ])
    expect(validatePodCreate(pod())).toEqual([])
  })
})
