import { beforeEach, describe, expect, it } from 'vitest'
import { signingRequest } from './testing/minimal-manifests.ts'
import { causesOf, TestKinds } from './testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

describe('groups of one kind or two', () => {
  it.each<[yaml: string, causes: string[]]>([
    [
      '{ kind: PodDisruptionBudget, metadata: { name: a }, spec: { minAvailable: 1, maxUnavailable: 101%, unhealthyPodEvictionPolicy: Odd } }',
      [
        'FieldValueInvalid spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"101%","UnhealthyPodEvictionPolicy":"Odd"}: minAvailable and maxUnavailable cannot be both set',
        'FieldValueInvalid spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
        'FieldValueNotSupported spec.unhealthyPodEvictionPolicy: Unsupported value: "Odd": supported values: "AlwaysAllow", "IfHealthyBudget"',
      ],
    ],
    [
      '{ kind: PriorityClass, metadata: { name: a }, value: 2000000000, preemptionPolicy: Odd }',
      [
        'FieldValueForbidden value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
        'FieldValueNotSupported preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"',
      ],
    ],
    [
      '{ kind: RuntimeClass, metadata: { name: a }, handler: a.b, overhead: { podFixed: { cpu: "-1" } }, scheduling: { tolerations: [{ operator: Exists }, { operator: Exists, tolerationSeconds: 3 }] } }',
      [
        'FieldValueInvalid handler: Invalid value: "a.b": must not contain dots',
        'FieldValueInvalid overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        `FieldValueInvalid scheduling.tolerations[1].effect: Invalid value: "": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
        'FieldValueDuplicate scheduling.tolerations[1]: Duplicate value: {"Key":"","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":3}',
      ],
    ],
    [
      '{ kind: ClusterRoleBinding, metadata: { name: a }, roleRef: { kind: Role, name: "", apiGroup: x }, subjects: [{ kind: User, name: "" }, { kind: ServiceAccount, name: sa }] }',
      [
        'FieldValueNotSupported roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
        'FieldValueNotSupported roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
        'FieldValueRequired roleRef.name: Required value',
        'FieldValueRequired subjects[0].name: Required value',
        'FieldValueRequired subjects[1].namespace: Required value',
      ],
    ],
    [
      '{ kind: ClusterRole, metadata: { name: a }, aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: a, operator: Odd }] }] } }',
      [
        'FieldValueInvalid aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
        'FieldValueInvalid aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
      ],
    ],
    [
      `{ kind: CertificateSigningRequest, metadata: { name: a }, spec: { request: ${signingRequest}, signerName: 'example/Some.b', usages: [client auth, odd, odd], expirationSeconds: 1 } }`,
      [
        expect.stringContaining(
          'FieldValueNotSupported spec.usages[1]: Unsupported value: "odd": supported values: "any"',
        ),
        expect.stringContaining('FieldValueNotSupported spec.usages[2]: Unsupported value: "odd"'),
        'FieldValueDuplicate spec.usages[2]: Duplicate value: "odd"',
        'FieldValueInvalid spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots',
        expect.stringContaining(
          'FieldValueInvalid spec.signerName: Invalid value: "Some.b": validating label "Some": a lowercase RFC 1123 subdomain',
        ),
        'FieldValueInvalid spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 600 seconds (10 minutes)',
      ],
    ],
    [
      `{ kind: CertificateSigningRequest, metadata: { name: a }, spec: { request: ${signingRequest}, signerName: a.b/c/d, usages: [] } }`,
      [
        'FieldValueRequired spec.usages: Required value',
        `FieldValueInvalid spec.signerName: Invalid value: "a.b/c/d": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
      ],
    ],
    [
      '{ kind: HorizontalPodAutoscaler, metadata: { name: a }, spec: { minReplicas: 3, maxReplicas: 2, scaleTargetRef: { kind: "", name: w }, metrics: [{ type: Odd, pods: { metric: { name: m }, target: { type: Odd, averageValue: "-1" } } }, { type: ContainerResource, containerResource: { name: cpu, container: A, target: { type: Utilization } } }], behavior: { scaleUp: { stabilizationWindowSeconds: 3601, selectPolicy: Odd, tolerance: "-1" } } } }',
      [
        'FieldValueInvalid spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`',
        'FieldValueRequired spec.scaleTargetRef.kind: Required value',
        'FieldValueInvalid spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
        'FieldValueNotSupported spec.metrics[0].type: Unsupported value: "Odd": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
        'FieldValueInvalid spec.metrics[0].pods.target.type: Invalid value: "Odd": must be either Utilization, Value, or AverageValue',
        'FieldValueInvalid spec.metrics[0].pods.target.averageValue: Invalid value: "-1": must be positive',
        'FieldValueNotSupported spec.metrics[0].type: Unsupported value: "Odd": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
        expect.stringContaining(
          'FieldValueInvalid spec.metrics[1].containerResource.container: Invalid value: "A": a lowercase RFC 1123 label',
        ),
        'FieldValueRequired spec.metrics[1].containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
        'FieldValueInvalid spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
        'FieldValueNotSupported spec.behavior.scaleUp.selectPolicy: Unsupported value: "Odd": supported values: "Disabled", "Max", "Min"',
        'FieldValueInvalid spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      '{ kind: HorizontalPodAutoscaler, metadata: { name: a }, spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: v1, kind: ReplicationController, name: w }, metrics: [{ type: Object, object: { describedObject: { apiVersion: a/b/c, kind: A, name: n }, metric: { name: m }, target: { type: Value, value: 1 } } }] } }',
      [
        'FieldValueInvalid spec.metrics[0].object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      ],
    ],
    [
      '{ kind: PriorityLevelConfiguration, metadata: { name: catch-all }, spec: { type: Limited, limited: { limitResponse: { type: Reject } } } }',
      [
        'FieldValueInvalid spec: Invalid value: {"type":"Limited","limited":{"limitResponse":{"type":"Reject"},"nominalConcurrencyShares":30,"lendablePercent":0}}: spec of \'catch-all\' must equal the fixed value',
      ],
    ],
    [
      '{ kind: PriorityLevelConfiguration, metadata: { name: exempt }, spec: { type: Exempt, exempt: { lendablePercent: 5 } } }',
      [],
    ],
    [
      '{ kind: PriorityLevelConfiguration, metadata: { name: exempt }, spec: { type: Exempt, limited: { limitResponse: { type: Reject } } } }',
      [
        'FieldValueForbidden spec.limited: Forbidden: must be nil if the type is not Limited',
        expect.stringContaining("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value"),
      ],
    ],
    [
      '{ kind: FlowSchema, metadata: { name: catch-all }, spec: { matchingPrecedence: 9, priorityLevelConfiguration: { name: catch-all } } }',
      [
        'FieldValueInvalid spec: Invalid value: {"matchingPrecedence":9,"priorityLevelConfiguration":{"name":"catch-all"}}: spec of \'catch-all\' must equal the fixed value',
      ],
    ],
  ])('refuse %s', async (yaml, causes) => {
    expect(await causesOf(kinds.create(yaml))).toEqual(causes)
  })

  it('check the conditions of a budget', async () => {
    const budget = await kinds.create(
      '{ kind: PodDisruptionBudget, metadata: { name: a }, spec: { minAvailable: 1 } }',
    )
    const conditions = [
      { type: 'a b', status: 'Maybe', reason: '' },
      {
        type: 'Ready',
        status: 'True',
        reason: 'no-dash',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        message: '',
      },
      {
        type: 'Ready',
        status: 'True',
        reason: 'Fine',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        message: '',
      },
    ]
    const change = kinds.update(
      budget,
      (copy) => void (copy.status = { ...copy.status, conditions }),
      'status',
    )
    expect(await causesOf(change)).toEqual([
      expect.stringContaining(
        'FieldValueInvalid status.conditions[0].type: Invalid value: "a b": name part must',
      ),
      'FieldValueNotSupported status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      'FieldValueRequired status.conditions[0].lastTransitionTime: Required value',
      'FieldValueRequired status.conditions[0].reason: Required value',
      expect.stringContaining(
        'FieldValueInvalid status.conditions[1].reason: Invalid value: "no-dash": a condition reason must start',
      ),
      'FieldValueDuplicate status.conditions[2].type: Duplicate value: "Ready"',
    ])
  })

  it('drop the fields of coordinated leader election, which is off', async () => {
    const lease = await kinds.create(
      '{ kind: Lease, metadata: { name: a }, spec: { holderIdentity: h, strategy: OldestEmulationVersion, preferredHolder: p } }',
    )
    expect(lease.spec).toEqual({ holderIdentity: 'h' })
  })
})
