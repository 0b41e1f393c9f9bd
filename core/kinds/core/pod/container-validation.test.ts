import { describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../../../api/generated/core-v1.ts'
import { validatePodSpec } from './spec-validation.ts'

const volumes: PodSpec['volumes'] = [
  { name: 'v', emptyDir: {} },
  { name: 'block', persistentVolumeClaim: { claimName: 'c' } },
]

function problems(...containers: Partial<Container>[]): string[] {
  const full = containers.map((container, at) => ({
    name: `c${at}`,
    image: 'i',
    imagePullPolicy: 'Always',
    terminationMessagePolicy: 'File',
    ...container,
  }))
  const spec: PodSpec = {
    containers: full,
    volumes,
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
  }
  return validatePodSpec(spec, 'spec').map(({ field, message }) => `${field}: ${message}`)
}

const port = (hostPort: number, hostIP?: string) => ({
  containerPort: 80,
  protocol: 'TCP',
  hostPort,
  ...(hostIP !== undefined && { hostIP }),
})

describe('validation of containers', () => {
  it('accepts what is right', () => {
    expect(
      problems(
        {
          volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Enabled' }],
          volumeDevices: [{ name: 'block', devicePath: '/dev/x' }],
          ports: [port(1), port(2), port(1, '127.0.0.1')],
        },
        { ports: [port(3)] },
      ),
    ).toEqual([])
  })

  it('refuses the same port of the node twice, of one container or two', () => {
    expect(problems({ ports: [port(1), port(1)] }, { ports: [port(2, '::1'), port(1)] })).toEqual([
      'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//1"',
      'spec.containers[1].ports[1].hostPort: Duplicate value: "TCP//1"',
    ])
  })

  it.each<[string, Partial<Container>, string[]]>([
    [
      'a mount path twice',
      {
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'v', mountPath: '/v' },
        ],
      },
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
    ],
    [
      'recursive read-only of what is not read-only',
      { volumeMounts: [{ name: 'v', mountPath: '/v', recursiveReadOnly: 'Enabled' }] },
      [
        'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
      ],
    ],
    [
      'recursion that nobody knows',
      { volumeMounts: [{ name: 'v', mountPath: '/v', recursiveReadOnly: 'Odd' }] },
      [
        'spec.containers[0].volumeMounts.recursiveReadOnly: Unsupported value: "Odd": supported values: "Disabled", "Enabled", "IfPossible"',
      ],
    ],
    [
      'a volume that is a mount and a device',
      {
        volumeMounts: [{ name: 'block', mountPath: '/x' }],
        volumeDevices: [{ name: 'block', devicePath: '/x' }],
      },
      [
        'spec.containers[0].volumeMounts[0].name: Invalid value: "block": must not already exist in volumeDevices',
        'spec.containers[0].volumeMounts[0].mountPath: Invalid value: "/x": must not already exist as a path in volumeDevices',
        'spec.containers[0].volumeDevices[0].name: Invalid value: "block": must not already exist in volumeMounts',
        'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/x": must not already exist as a path in volumeMounts',
      ],
    ],
    [
      'devices that are none',
      {
        volumeDevices: [
          { name: 'v', devicePath: '/a/../b' },
          { name: 'none', devicePath: '' },
        ],
      },
      [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/a/../b": can not contain backsteps (\'..\')',
        'spec.containers[0].volumeDevices[1].name: Not found: "none"',
        'spec.containers[0].volumeDevices[1].devicePath: Required value',
      ],
    ],
  ])('refuses %s', (_what, container, expected) => {
    expect(problems(container)).toEqual(expected)
  })
})
