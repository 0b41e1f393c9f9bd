import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const autoscaler = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: my-app-hpa
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: my-app
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 50
  - type: Resource
    resource:
      name: memory
      target:
        type: AverageValue
        averageValue: 512Mi
`

describe('HorizontalPodAutoscaler', () => {
  it('shows what it measures', async () => {
    const made = await kinds.create(autoscaler)
    expect(made.status).toMatchObject({ desiredReplicas: 0 })
    expect(kinds.row(made)).toBe(
      'my-app-hpa Deployment/my-app cpu: <unknown>/50%, memory: <unknown>/512Mi 2 10 0 5m',
    )
    const seen = await kinds.update(made, (copy) => {
      copy.spec.metrics.push({
        type: 'Pods',
        pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } },
      })
    })
    const measured = await kinds.update(
      seen,
      (copy) => {
        const current = { averageUtilization: 30, averageValue: '300m' }
        copy.status = {
          currentReplicas: 3,
          desiredReplicas: 3,
          currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current } }],
        }
      },
      'status',
    )
    expect(kinds.row(measured)).toBe(
      'my-app-hpa Deployment/my-app cpu: 30%/50%, memory: <unknown>/512Mi + 1 more... 2 10 3 5m',
    )
  })

  it('gets defaults, also of a behaviour that is only begun', async () => {
    const made = await kinds.create(`
kind: HorizontalPodAutoscaler
metadata: { name: a }
spec:
  maxReplicas: 3
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  behavior: { scaleDown: { stabilizationWindowSeconds: 60 } }
`)
    expect(made.spec).toMatchObject({
      minReplicas: 1,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 15 },
            { type: 'Percent', value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: 60,
          selectPolicy: 'Max',
          policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
        },
      },
    })
  })

  it.each([
    [
      'maxReplicas: 10',
      'maxReplicas: 1',
      'spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`',
    ],
    ['kind: Deployment', 'kind: ""', 'spec.scaleTargetRef.kind: Required value'],
    [
      'minReplicas: 2',
      'minReplicas: 0',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
    [
      'averageUtilization: 50',
      'averageUtilization: 0',
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
    ],
    [
      '        averageUtilization: 50\n',
      '',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
    [
      'type: Utilization',
      'type: Half',
      'spec.metrics[0].resource.target.type: Invalid value: "Half": must be either Utilization, Value, or AverageValue',
    ],
    [
      '- type: Resource',
      '- type: Pods',
      '[spec.metrics[0].pods: Required value: must populate information for the given metric source]',
    ],
    [
      '  metrics:',
      '  behavior: { scaleUp: { policies: [{ type: Pods, value: 0, periodSeconds: 3000 }] } }\n  metrics:',
      '[spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero, spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 3000: must be less than or equal to 1800]',
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    const said = await refusalOf(kinds.create(autoscaler.replace(from, to)))
    expect(said).toBe(message.replace(/^\[([^,]*)\]$/, '$1'))
  })
})
