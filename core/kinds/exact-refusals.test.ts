import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from './testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const template = '{ spec: { restartPolicy: Never, containers: [{ name: c, image: x }] } }'

/** What a kube-apiserver 1.36 that was asked the same answered. */
describe('refusals word by word', () => {
  it.each<[yaml: string, causes: string[]]>([
    [
      '{ kind: HorizontalPodAutoscaler, metadata: { name: a }, spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } } }',
      [
        'FieldValueRequired spec.maxReplicas: Required value: must be set and greater than 0',
        'FieldValueInvalid spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      ],
    ],
    [
      '{ kind: HorizontalPodAutoscaler, metadata: { name: a }, spec: { maxReplicas: -1, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } } }',
      [
        'FieldValueInvalid spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
        'FieldValueInvalid spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
      ],
    ],
    [
      '{ kind: FlowSchema, metadata: { name: a }, spec: { distinguisherMethod: {}, priorityLevelConfiguration: { name: p } } }',
      [
        'FieldValueNotSupported spec.distinguisherMethod.type: Unsupported value: {"Type":""}: supported values: "ByNamespace", "ByUser"',
      ],
    ],
    [
      '{ kind: StorageClass, metadata: { name: a }, provisioner: p, allowedTopologies: [{}] }',
      ['FieldValueDuplicate allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
    ],
    [
      `{ kind: Job, metadata: { name: a }, spec: { selector: { matchExpressions: [{ key: a, operator: Odd }] }, template: ${template} } }`,
      [
        'FieldValueInvalid spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
      ],
    ],
    [
      `{ kind: Pod, metadata: { name: a }, spec: { hostnameOverride: ${'a'.repeat(65)}, containers: [{ name: c, image: x }] } }`,
      ['FieldValueTooLong spec.hostnameOverride: Too long: may not be more than 64 bytes'],
    ],
    [
      '{ kind: Pod, metadata: { name: a }, spec: { securityContext: { seLinuxChangePolicy: MountOption }, containers: [{ name: c, image: x }] } }',
      [
        'FieldValueNotSupported spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
      ],
    ],
  ])('of %s', async (yaml, causes) => {
    expect(await causesOf(kinds.create(yaml))).toEqual(causes)
  })

  it('a Node keeps no configSource', async () => {
    const made = await kinds.create(
      '{ kind: Node, metadata: { name: n1 }, spec: { configSource: { configMap: { name: c, namespace: d, kubeletConfigKey: k } } } }',
    )
    expect(made.spec).toEqual({})
  })

  it('whoever creates a DaemonSet owns the annotation that its conversion adds', async () => {
    const made = await kinds.create(
      `{ kind: DaemonSet, metadata: { name: a }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: c, image: x }] } } } }`,
    )
    expect(made.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' })
    expect(made.metadata.managedFields?.[0]?.fieldsV1).toMatchObject({
      'f:metadata': { 'f:annotations': { 'f:deprecated.daemonset.template.generation': {} } },
    })
  })
})
