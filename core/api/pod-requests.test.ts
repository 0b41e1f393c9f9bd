import { expect, it } from 'vitest'
import type { Pod } from './generated/core-v1.ts'
import { podLimits, podRequests } from './pod-requests.ts'

function resized(asked: string, held: string, reason?: string): Pod {
  const status = { name: 'app', image: '', imageID: '', ready: true, restartCount: 0 }
  return {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'app', resources: { requests: { cpu: asked } } }] },
    status: {
      containerStatuses: [{ ...status, allocatedResources: { cpu: held } }],
      ...(reason ? { conditions: [{ type: 'PodResizePending', status: 'True', reason }] } : {}),
    },
  }
}

it.each([
  ['1', '2', undefined, 2000],
  ['3', '2', 'Deferred', 3000],
  ['100', '2', 'Infeasible', 2000],
])('counts a pod that asks for %s CPUs, has %s and is %s as %s', (asked, held, reason, milliCpu) => {
  expect(podRequests(resized(asked, held, reason)).milliCpu).toBe(milliCpu)
})

it.each([
  ['1', '2', undefined, 2000],
  ['3', '2', 'Deferred', 3000],
  ['100', '2', 'Infeasible', 2000],
])(
  'counts a pod as a whole that asks for %s CPUs, has %s and is %s as %s',
  (asked, held, reason, milliCpu) => {
    const { status, ...pod } = resized('1', '1', reason)
    const whole: Pod = {
      ...pod,
      spec: { ...pod.spec, resources: { requests: { cpu: asked } } },
      status: { conditions: status?.conditions ?? [], allocatedResources: { cpu: held } },
    }
    expect(podRequests(whole).milliCpu).toBe(milliCpu)
  },
)

it('limits a pod by the sum of its containers, and not at all where one of them is unlimited', () => {
  const container = (name: string, limits: Record<string, string>): Pod['spec']['containers'][number] => ({
    name,
    resources: { limits },
  })
  const containers = [container('app', { cpu: '1', memory: '1Gi' }), container('side', { cpu: '500m' })]
  expect(podLimits({ metadata: { name: 'web' }, spec: { containers } })).toMatchObject({
    milliCpu: 1500,
    memory: 0,
  })
  const resources = { limits: { memory: '2Gi' } }
  expect(podLimits({ metadata: { name: 'web' }, spec: { containers, resources } })).toMatchObject({
    milliCpu: 1500,
    memory: 2 * 1024 ** 3,
  })
})
